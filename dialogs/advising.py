"""Responses around the advice: deviating from it, and the card for the channel."""

import re
from dataclasses import replace

from dialogs import screens
from dialogs.answers import Misread
from dialogs.cards.channel import Since, channel_card
from dialogs.deciding import CardPress, decide_screen, recorded_or_again
from dialogs.outcome import Outcome, again, joined, permitted_case, run
from dialogs.reading import Wish
from dialogs.screens_card import DecideScreen, WithdrawScreen
from dialogs.views import Scene, advice_screen, here
from state import commands as do
from state import lifecycle
from state.case import Case
from state.codec import canonical
from state.difference import channel_difference
from state.errors import CardAbsent, CommandRefused, StaleCard, SubjectMissing, WithdrawReasonMissing
from state.permissions import Action
from state.weighing import weigh, weigh_for_channel


def advice(wish: Wish, scene: Scene) -> Outcome:
    """Show the full advice."""
    phase = permitted_case(scene, Action.SEE_ADVICE).phase
    if phase not in (lifecycle.WEIGHING, lifecycle.POSTING, lifecycle.POSTED):
        return again(scene, "not_concluded" if phase == lifecycle.ASKING else "not_now")
    return Outcome(scene.case, advice_screen(scene))


def deviate(wish: Wish, scene: Scene) -> Outcome:
    """Take a choice other than the indicated grade; what was filled in is kept."""
    case = permitted_case(scene, Action.DEVIATE)
    if case.phase != lifecycle.WEIGHING:
        raise CommandRefused
    framework, setting = scene.setting.framework, scene.setting
    advice = weigh(framework, case.answers, setting.now)
    step, grade, reason = _deviation(wish, scene)
    choose = screens.DeviateScreen(case, framework.framework, advice, step, grade, reason)
    if step is None or grade is None:
        return Outcome(case, choose, notice=_lacking(wish, step))
    if not _is_seen(wish, case, step):
        return Outcome(case, choose, notice=("deviation_changed", {}))
    try:
        return run(scene, do.Deviate(step, grade, reason), advice_screen)
    except CommandRefused as refusal:
        # Keep what was filled in: only the missing part is asked again.
        return Outcome(case, choose, notice=(refusal.code, {}))


def _deviation(wish: Wish, scene: Scene) -> tuple[str | None, str | None, str]:
    """Give step, grade and reason as far as they were said."""
    framework = scene.setting.framework.framework
    step = wish.context.split(":")[1] if wish.kind == "deviate" and ":" in wish.context else ""
    if step:
        return step, (wish.argument if wish.argument in framework.grade_by_id else None), wish.note
    if not wish.is_typed:
        return (wish.argument if wish.argument in framework.step_by_id else None), None, ""
    if not wish.argument or not 1 <= int(wish.argument) <= len(framework.steps):
        return None, None, ""
    chosen = framework.steps[int(wish.argument) - 1].id
    names = {name: grade.id for grade in framework.grades for name in (grade.name.nl, grade.name.en)}
    for name, grade_id in names.items():
        # The whole word: a reason may begin with the beginning of a grade's name.
        if found := re.match(rf"{re.escape(name)}\b[\s:,–-]*", wish.note, re.IGNORECASE):
            return chosen, grade_id, wish.note[found.end() :].strip()
    return chosen, None, wish.note


def _lacking(wish: Wish, step: str | None) -> tuple[str, dict[str, str]] | None:
    """Give what has to be chosen still, when something was said already."""
    if step is None and wish.is_typed:
        return ("no_such_step", {}) if wish.argument else None
    if step is None and wish.kind == "deviate":
        return "choose_step", {}
    if step is not None and (wish.note or wish.context.startswith(f"deviate:{step}")):
        return "choose_grade", {}
    return None


def _is_seen(wish: Wish, case: Case, step: str) -> bool:
    """Tell whether the pressed card showed what is recorded now: nothing of another device is written over unseen."""
    seen, recorded = wish.context.split(":")[2:], case.deviations.get(step)
    return wish.is_typed or recorded is None or seen == [str(recorded.seq)]


def subject(wish: Wish, scene: Scene) -> Outcome:
    """Take the card's neutral subject, and show the card."""
    case, framework = permitted_case(scene, Action.SUBJECT), scene.setting.framework.framework
    subjects, screen = framework.card_subjects, screens.SubjectScreen(case, framework)
    subject, is_number = wish.argument, wish.argument.isdecimal()
    if not subject or (is_number and not 1 <= int(subject[:3]) <= len(subjects)):
        if case.phase != lifecycle.WEIGHING:
            raise CommandRefused
        return Outcome(case, screen, notice=("no_such_subject", {}) if subject else None)
    if is_number:
        subject = subjects[int(subject[:3]) - 1].id
    # The card is shown in its place: weighing for the whole advice would cost 1 ms for nothing.
    chosen = run(scene, do.ChooseSubject(subject), lambda _: screen)
    return joined(chosen, preview(wish, replace(scene, case=chosen.case)))


def preview(wish: Wish, scene: Scene) -> Outcome:
    """Show exactly the card that would be posted now."""
    case = permitted_case(scene, Action.PREVIEW)
    card = _channel_card(case, scene)
    try:
        shown = do.PreviewCard(canonical(card).decode())
        return run(scene, shown, lambda after: screens.PreviewScreen(after.case or case, card))
    except SubjectMissing:
        return Outcome(case, screens.SubjectScreen(case, scene.setting.framework.framework))


def _channel_card(case: Case, scene: Scene) -> dict[str, object]:
    """Give the card as it would be posted now, in the channel's language and not the assessor's."""
    setting = scene.setting
    subject = setting.framework.framework.subject_by_id.get(case.subject or "")
    now, since = weigh_for_channel(setting.framework, case.answers, setting.now), None
    if case.posted is not None:
        then = weigh_for_channel(setting.framework, case.posted.answers, case.posted.at)
        since = Since(case.posted.version, channel_difference(then, now))
    return channel_card(
        setting.framework.framework,
        now,
        since=since,
        number=case.number,
        subject=subject.name.in_language(scene.channel_language) if subject else "",
        version=case.card_version + 1,
        function=setting.actor.function,
        prepared_at=setting.now,
        print_=scene.print,
        language=scene.channel_language,
        wording=scene.wording,
    )


def post(wish: Wish, scene: Scene) -> Outcome:
    """Owe the card that was shown."""
    case = permitted_case(scene, Action.POST)
    kind, seq = wish.kind, wish.context.partition(":")[2]
    if wish.is_typed and case.preview is None:
        return preview(wish, scene)
    if wish.is_typed and case.preview:
        kind, seq = "preview", str(case.preview.seq)
    if kind != "preview" or not seq.isdecimal():
        raise StaleCard
    try:
        return run(scene, do.PostCard(int(seq)))
    except CommandRefused as refusal:
        if refusal.code != "preview_outdated":
            raise
        return replace(preview(wish, scene), notice=(refusal.code, {}))


# --- decisions and withdrawal in the private chat --------------------------------------


def decide(wish: Wish, scene: Scene) -> Outcome:
    """Show the form on which a decider who holds the case decides on every step of the advice."""
    case = _decided_case(scene)
    return Outcome(case, decide_screen(case, scene, private=True))


def record(wish: Wish, scene: Scene) -> Outcome:
    """Record what was decided; what is lacking is asked again, with all that was filled in."""
    case = _decided_case(scene)
    kind, _, round_ = wish.context.partition(":")
    if kind != "decide":
        raise StaleCard
    found = recorded_or_again(CardPress("record", 0, int(round_), fields=wish.fields), case, scene, private=True)
    if isinstance(found.form, DecideScreen):
        return Outcome(case, found.form, notice=found.notice, refused=found.refused)
    after = found.after or case
    return Outcome(after, here(replace(scene, case=after)), found.recorded, after, notice=found.notice)


def _decided_case(scene: Scene) -> Case:
    """Give the case when there is something to decide on and this person decides it in private."""
    case = permitted_case(scene, Action.SEE_INPUT)
    if case.phase in (lifecycle.ASKING, lifecycle.OFFERED):
        raise Misread("not_concluded")
    if not scene.may(Action.DECIDE_ALL):
        raise Misread("decide_elsewhere")
    return case


def withdraw_card(wish: Wish, scene: Scene) -> Outcome:
    """Take the card out of the channel, after asking why."""
    case = permitted_case(scene, Action.WITHDRAW_CARD)
    if case.posted is None:
        raise CardAbsent
    if wish.kind != "withdraw_card":
        return Outcome(case, WithdrawScreen(case))
    try:
        return replace(run(scene, do.WithdrawCard(wish.note)), notice=("withdraw.done", {}))
    except WithdrawReasonMissing as refusal:
        return Outcome(case, WithdrawScreen(case), notice=(refusal.code, {}))
