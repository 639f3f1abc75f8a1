"""What the bot does with a wish: events by way of `decide`, and the screen that follows; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dialogs import screens
from dialogs.answers import Misread, to_unknown, to_value
from dialogs.cards.channel import channel_card
from dialogs.reading import Wish, to_language
from dialogs.views import Scene, advice_screen, answered_screen, here, overview_screen, why_screen
from state import commands as do
from state import lifecycle
from state.case import Case, record
from state.codec import canonical
from state.decide import decide, why_hand_over
from state.errors import AnswerError, CommandRefused, NotPermitted, StaleCard, SubjectMissing
from state.events import Actor, Recorded
from state.weighing import weigh, weigh_for_channel


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a wish: the case with its new events, and what to show.

    `case` is the one that stays open in the chat, `after` the one that changed. `answered` replaces the
    card that was pressed; `language` is the one chosen for the chat.
    """

    case: Case | None
    screen: screens.Screen
    recorded: tuple[Recorded, ...] = ()
    after: Case | None = None
    answered: screens.AnsweredScreen | None = None
    notice: tuple[str, Mapping[str, str]] | None = None
    language: str | None = None


def respond(wish: Wish, scene: Scene) -> Outcome:
    """Give what follows from a wish; what cannot be done changes nothing and says what can."""
    try:
        return _RESPONSES[wish.verb](wish, scene)
    except (StaleCard, NotPermitted):
        # One answer for a past card, a forged one and someone else's: nobody learns which.
        return Outcome(scene.case, screens.TextScreen("stale_card"))
    except CommandRefused as refusal:
        return _again(scene, refusal.code)
    except Misread as misread:
        return _again(scene, misread.key, misread.parameters)
    except AnswerError as error:
        return _again(scene, error.code)


def _again(scene: Scene, key: str, parameters: Mapping[str, str] | None = None) -> Outcome:
    return Outcome(scene.case, here(scene), notice=(key, parameters or {}))


def _run(scene: Scene, command: do.Command) -> Outcome:
    """Do a command on the scene's case and show where the case stands then."""
    if scene.case is None:
        raise CommandRefused
    events = decide(scene.case, command, scene.setting)
    after, recorded = record(scene.case, events, scene.setting.actor, scene.setting.now)
    return Outcome(after, here(replace(scene, case=after)), recorded, after)


def _case(scene: Scene) -> Case:
    """Give the case that this person holds; nobody else is shown anything of it."""
    if scene.case is None:
        raise Misread("no_case")
    if not scene.holds:
        raise NotPermitted
    return scene.case


# --- without a case --------------------------------------------------------------------


def _new(wish: Wish, scene: Scene) -> Outcome:
    case = scene.case
    if case is not None and case.phase == lifecycle.ASKING and not case.answers:
        # A double click: nobody wants two empty cases.
        return _again(scene, "already_new")
    setting = scene.setting._replace(framework=scene.fresh_framework)
    fresh = replace(scene, case=Case(scene.fresh_id), setting=setting)
    return _run(fresh, do.OpenCase(scene.fresh_number, scene.setting.language))


def _help(wish: Wish, scene: Scene) -> Outcome:
    return Outcome(scene.case, screens.HelpScreen(has_case=scene.case is not None))


def _hello(wish: Wish, scene: Scene) -> Outcome:
    return Outcome(scene.case, screens.WelcomeScreen(scene.setting.actor.name, scene.lines))


def _cases(wish: Wish, scene: Scene) -> Outcome:
    return Outcome(scene.case, screens.CasesScreen(scene.lines))


def _language(wish: Wish, scene: Scene) -> Outcome:
    language = to_language(wish.argument)
    if language is None:
        raise Misread("no_such_language")
    scene = replace(scene, setting=scene.setting._replace(language=language))
    holds = scene.case is not None and scene.holds and not scene.case.is_closed
    outcome = _run(scene, do.ShowAgain()) if holds else Outcome(scene.case, here(scene))
    return replace(outcome, language=language)


# --- questions -------------------------------------------------------------------------


def _answer(wish: Wish, scene: Scene) -> Outcome:
    question = _open_question(wish, scene)
    setting = scene.setting
    value = to_value(
        setting.framework.framework.question_by_id[question], wish.argument, setting.now, setting.language
    )
    return _answered(scene, do.GiveAnswer(question, value, wish.note))


def _unknown(wish: Wish, scene: Scene) -> Outcome:
    question = _open_question(wish, scene)
    value = to_unknown(scene.setting.framework.framework.question_by_id[question])
    return _answered(scene, do.GiveAnswer(question, value, wish.note))


def _skip(wish: Wish, scene: Scene) -> Outcome:
    return _answered(scene, do.SkipQuestion(_open_question(wish, scene)))


def _answered(scene: Scene, command: do.GiveAnswer | do.SkipQuestion) -> Outcome:
    outcome = _run(scene, command)
    return replace(outcome, answered=answered_screen(scene, outcome.case, command.question))


def _open_question(wish: Wish, scene: Scene) -> str:
    """Give the question that is answered: the pressed card's, or when typed the open one."""
    if not wish.is_typed:
        if wish.question is None:
            raise StaleCard
        return wish.question
    if scene.case is None or scene.case.open_question is None or not scene.holds:
        raise Misread("not_understood")
    return scene.case.open_question


def _back(wish: Wish, scene: Scene) -> Outcome:
    if _case(scene).phase == lifecycle.OFFERED:
        return _run(scene, do.EndOffer())
    return _run(scene, do.GoBack(wish.question))


def _why(wish: Wish, scene: Scene) -> Outcome:
    case = _case(scene)
    question = wish.question or _numbered(wish.argument, scene) or case.open_question
    if question is None:
        raise Misread("no_open_question")
    return Outcome(case, why_screen(scene, question))


def _overview(wish: Wish, scene: Scene) -> Outcome:
    _case(scene)
    return Outcome(scene.case, overview_screen(scene))


def _change(wish: Wish, scene: Scene) -> Outcome:
    _case(scene)
    if not wish.argument:
        return _overview(wish, scene)
    question = _numbered(wish.argument, scene) or wish.argument
    return _run(scene, do.ChangeAnswer(question))


def _numbered(argument: str, scene: Scene) -> str | None:
    questions = scene.setting.framework.framework.questions
    if not argument.isdecimal() or not 1 <= int(argument[:4]) <= len(questions):
        return None
    return questions[int(argument[:4]) - 1].id


# --- the advice and the card -----------------------------------------------------------


def _advice(wish: Wish, scene: Scene) -> Outcome:
    if _case(scene).phase not in (lifecycle.WEIGHING, lifecycle.POSTING, lifecycle.POSTED):
        return _again(scene, "not_concluded")
    return Outcome(scene.case, advice_screen(scene))


def _deviate(wish: Wish, scene: Scene) -> Outcome:
    case = _case(scene)
    if case.phase != lifecycle.WEIGHING:
        raise CommandRefused
    framework, setting = scene.setting.framework, scene.setting
    advice = weigh(framework, case.answers, setting.now)
    step, grade, reason = _deviation(wish, scene)
    choose = screens.DeviateScreen(case, framework.framework, advice, step, grade, reason)
    if step is None or grade is None:
        return Outcome(case, choose)
    try:
        return _run(scene, do.Deviate(step, grade, reason))
    except CommandRefused as refusal:
        # Keep what was filled in: only the missing part is asked again.
        return Outcome(case, choose, notice=(refusal.code, {}))


def _deviation(wish: Wish, scene: Scene) -> tuple[str | None, str | None, str]:
    """Give step, grade and reason as far as they were said."""
    framework = scene.setting.framework.framework
    kind, _, step = wish.context.partition(":")
    if kind == "deviate" and step:
        return step, (wish.argument if wish.argument in framework.grade_by_id else None), wish.note
    if not wish.is_typed:
        return (wish.argument if wish.argument in framework.step_by_id else None), None, ""
    if not wish.argument or not 1 <= int(wish.argument) <= len(framework.steps):
        return None, None, ""
    chosen = framework.steps[int(wish.argument) - 1].id
    for grade in framework.grades:
        for name in (grade.id, grade.name.nl, grade.name.en):
            if wish.note.casefold().startswith(name.casefold()):
                return chosen, grade.id, wish.note[len(name) :].strip(" :,-\n")
    return chosen, None, wish.note


def _subject(wish: Wish, scene: Scene) -> Outcome:
    case, subjects = _case(scene), scene.setting.framework.framework.card_subjects
    if not wish.argument:
        if case.phase != lifecycle.WEIGHING:
            raise CommandRefused
        return Outcome(case, screens.SubjectScreen(case, scene.setting.framework.framework))
    subject = wish.argument
    if subject.isdecimal() and 1 <= int(subject[:3]) <= len(subjects):
        subject = subjects[int(subject[:3]) - 1].id
    chosen = _run(scene, do.ChooseSubject(subject))
    return _joined(chosen, _preview(wish, replace(scene, case=chosen.case)))


def _preview(wish: Wish, scene: Scene) -> Outcome:
    case = _case(scene)
    card = _channel_card(case, scene)
    try:
        outcome = _run(scene, do.PreviewCard(canonical(card).decode()))
    except SubjectMissing:
        return Outcome(case, screens.SubjectScreen(case, scene.setting.framework.framework))
    return replace(outcome, screen=screens.PreviewScreen(_case_of(outcome), card))


def _channel_card(case: Case, scene: Scene) -> dict[str, object]:
    """Give the card as it would be posted now, always in Dutch: the channel's language, not the assessor's."""
    setting = scene.setting
    subject = setting.framework.framework.subject_by_id.get(case.subject or "")
    return channel_card(
        setting.framework.framework,
        weigh_for_channel(setting.framework, case.answers, setting.now),
        number=case.number,
        subject=subject.name.nl if subject else "",
        version=case.card_version + 1,
        function=setting.actor.function,
        prepared_at=setting.now,
        language="nl",
        wording=scene.wording,
    )


def _post(wish: Wish, scene: Scene) -> Outcome:
    case = _case(scene)
    kind, seq = wish.kind, wish.context.partition(":")[2]
    if wish.is_typed and case.preview is None:
        return _preview(wish, scene)
    if wish.is_typed and case.preview:
        kind, seq = "preview", str(case.preview.seq)
    if kind != "preview" or not seq.isdecimal():
        raise StaleCard
    try:
        return _run(scene, do.PostCard(int(seq)))
    except CommandRefused as refusal:
        if refusal.code != "preview_outdated":
            raise
        return replace(_preview(wish, scene), notice=(refusal.code, {}))


# --- hand over, pause, end -------------------------------------------------------------


def _finish(wish: Wish, scene: Scene) -> Outcome:
    case = _case(scene)
    if wish.kind == "hand_over" or wish.argument == "hand_over":
        return _hand_over(wish, scene)
    if case.phase == lifecycle.ASKING and why_hand_over(case, scene.setting):
        return _hand_over(Wish("hand_over"), scene)
    try:
        return _run(scene, do.FinishCase())
    except CommandRefused as refusal:
        if refusal.code != "hand_over_needed":
            raise
        return _hand_over(Wish("hand_over"), scene)


def _hand_over(wish: Wish, scene: Scene) -> Outcome:
    case = _case(scene)
    because = why_hand_over(case, scene.setting) if scene.holds else None
    if because is None:
        raise CommandRefused
    chosen = _candidate(wish, scene)
    if chosen is not None:
        return _run(scene, do.OfferCase(chosen, wish.note))
    shown = tuple(screens.Candidate(person.id, person.name, person.function) for person in scene.candidates)
    return Outcome(case, screens.HandOverScreen(case, because, shown))


def _candidate(wish: Wish, scene: Scene) -> Actor | None:
    """Give the person at the position that was chosen; a card's own list counts, not today's."""
    ids = wish.listed if wish.kind == "hand_over" else tuple(person.id for person in scene.candidates)
    position = int(wish.argument[:3]) if wish.argument.isdecimal() else 0
    if not 1 <= position <= len(ids):
        return None
    return next((person for person in scene.candidates if person.id == ids[position - 1]), None)


def _accept(wish: Wish, scene: Scene) -> Outcome:
    return _run(scene, do.AcceptCase())


def _end_offer(wish: Wish, scene: Scene) -> Outcome:
    outcome = _run(scene, do.EndOffer())
    if scene.receives:
        return replace(outcome, case=None, screen=screens.TextScreen("offer_declined"))
    return outcome


def _resume(wish: Wish, scene: Scene) -> Outcome:
    if wish.context == "offer":
        return _accept(wish, scene)
    if scene.case is None:
        return _cases(wish, scene) if scene.lines else _hello(wish, scene)
    if scene.case.is_closed or not scene.holds:
        return Outcome(scene.case, here(scene))
    return _run(scene, do.ShowAgain())


def _pause(wish: Wish, scene: Scene) -> Outcome:
    outcome = _run(scene, do.PauseCase())
    return replace(outcome, screen=screens.StatusScreen(_case_of(outcome), "paused"))


def _stop(wish: Wish, scene: Scene) -> Outcome:
    if wish.context == "offer":
        return _end_offer(wish, scene)
    if wish.argument in ("ja", "yes"):
        return _run(scene, do.StopCase())
    case = _case(scene)
    if case.phase not in (lifecycle.ASKING, lifecycle.WEIGHING) or not scene.holds:
        raise CommandRefused
    return Outcome(case, screens.ConfirmStopScreen(case))


def _case_of(outcome: Outcome) -> Case:
    return outcome.case or Case("")


def _joined(first: Outcome, second: Outcome) -> Outcome:
    return replace(
        second, recorded=first.recorded + second.recorded, after=second.after or first.after
    )


_RESPONSES: Mapping[str, Callable[[Wish, Scene], Outcome]] = {
    "new": _new,
    "resume": _resume,
    "choose_case": _resume,
    "cases": _cases,
    "help": _help,
    "hello": _hello,
    "language": _language,
    "answer": _answer,
    "unknown": _unknown,
    "skip": _skip,
    "back": _back,
    "why": _why,
    "again": _resume,
    "overview": _overview,
    "change": _change,
    "advice": _advice,
    "deviate": _deviate,
    "subject": _subject,
    "preview": _preview,
    "post": _post,
    "finish": _finish,
    "hand_over": _hand_over,
    "accept": _accept,
    "decline": _end_offer,
    "withdraw": _end_offer,
    "pause": _pause,
    "stop": _stop,
}
