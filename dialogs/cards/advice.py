"""The full private advice: terms and limits first, then each step with its reasons folded away."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    box,
    buttons,
    fold,
    header,
    heading,
    hidden,
    line,
    literal,
    paragraphs,
    press,
    run,
    runs,
    size_of,
    unfold,
)
from dialogs.cards.question import notice_lines
from dialogs.cards.steps import graded, in_words, reason_pair, term_lines
from dialogs.dates import show_day
from dialogs.screens import AdviceScreen
from dialogs.values import Card
from state import lifecycle
from state.advice import Missing, StepAdvice
from state.framework import Framework, Grade, Text
from state.weighing import review_date, touched_frames

# Every client takes 28 KB, Teams itself 80: reasons are never left out, so that none for or against is missing.
_WANTED_BYTES, _MOST_BYTES = 28_000, 80_000
# Of the reason for each deviation, where many long ones would make a card that Teams does not take.
_BRIEF = 160
_SHOWN_MISSING = 3


def advice_card(screen: AdviceScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the advice with every reason; a very large one leaves out what the framework says elsewhere."""
    card = _card(screen, voice, notice, terse=False)
    if size_of(card) > _WANTED_BYTES:
        card = _card(screen, voice, notice, terse=True)
    return card if size_of(card) <= _MOST_BYTES else _card(_briefly(screen, voice), voice, notice, terse=True)


def _briefly(screen: AdviceScreen, voice: Voice) -> AdviceScreen:
    """Give the same with the beginning of what people wrote alone; the dossier has all of it."""
    brief = {
        step: replace(deviation, reason=literal(deviation.reason, voice, _BRIEF))
        for step, deviation in screen.case.deviations.items()
    }
    return replace(screen, case=replace(screen.case, deviations=brief))


def _card(screen: AdviceScreen, voice: Voice, notice: str | None, *, terse: bool) -> Element:
    body = [
        *notice_lines(notice),
        header(voice.say("advice.title", number=screen.case.number), voice.say("disclaimer")),
        *_terms(screen, voice),
        *_limits(screen, voice),
        *_groups(screen, voice, terse=terse),
        *_missing(screen, voice),
        *_channel(screen, voice),
        *_foot(screen, voice),
    ]
    return adaptive_card(voice, body, _actions(screen, voice), wide=True)


def _terms(screen: AdviceScreen, voice: Voice) -> Iterator[Element]:
    advice = screen.advice
    if advice.deadlines:
        # What a person recorded as done stays in sight as that.
        met = {key: replace(one, status="met") for key, one in advice.deadlines.items() if key in screen.case.met}
        yield heading(voice.say("advice.terms"))
        yield from term_lines(screen.framework, {**advice.deadlines, **met}, advice.now, voice, posted=False)


def _limits(screen: AdviceScreen, voice: Voice) -> Iterator[Element]:
    if screen.advice.stops:
        yield heading(voice.say("advice.limits"))
    for stop in screen.advice.stops:
        found = screen.framework.stop_by_id[stop]
        yield runs(bold(f"⛔ {voice.of(found.name)}: "), run(voice.of(found.text)), spacing="Small")


# --- steps -----------------------------------------------------------------------------


def _groups(screen: AdviceScreen, voice: Voice, *, terse: bool) -> Iterator[Element]:
    lightest = screen.framework.grades[0]
    yield line(voice.say("advice.how"), spacing="Large", size="Small", isSubtle=True)
    usual = _usual_decider(screen)
    if usual:
        yield runs(run(voice.say("advice.usual", who=voice.of(usual))), spacing="Small")
    for grade in reversed(screen.framework.grades):
        steps = [step for step in screen.advice.steps.values() if step.grade == grade.id]
        if steps and grade is lightest:
            yield from _folded_group(screen, grade, steps, usual, voice)
        elif steps:
            yield heading(in_words(grade, voice))
            yield from chain.from_iterable(_step(screen, step, usual, voice, terse=terse) for step in steps)


def _folded_group(
    screen: AdviceScreen, grade: Grade, steps: Sequence[StepAdvice], usual: Text | None, voice: Voice
) -> Iterator[Element]:
    target = f"grade-{grade.id}"
    title = f"{in_words(grade, voice)} ({len(steps)})"
    items = [part for step in steps for part in _short_step(screen, step, usual, voice)]
    yield fold(title, [bold(title, size="Medium"), run("  ▾")], target, spacing="Large")
    yield hidden(target, items, spacing="Small")


def _short_step(screen: AdviceScreen, step: StepAdvice, usual: Text | None, voice: Voice) -> Iterator[Element]:
    name = voice.of(screen.framework.step_by_id[step.step].name)
    yield runs(bold(name), *_marks(step, voice), spacing="Small")
    yield from _deviated(screen, step, voice)
    yield from _decides(step, usual, voice)
    if step.reasons:
        yield _reasons(screen.framework, step, voice)


def _step(
    screen: AdviceScreen, step: StepAdvice, usual: Text | None, voice: Voice, *, terse: bool
) -> Iterator[Element]:
    """Give a step and who decides on it; its reasons unfold under it."""
    found = screen.framework.step_by_id[step.step]
    name, target = voice.of(found.name), f"step-{step.step}"
    glyph = screen.framework.grade_by_id[step.grade].glyph
    count = run(f"  {_counted(len(step.reasons), voice)}\N{NO-BREAK SPACE}▾", size="Small", isSubtle=True)
    shown = [bold(f"{glyph} {name}"), *_marks(step, voice), count]
    yield fold(voice.say("advice.unfold", step=name), shown, target)
    yield from _decides(step, usual, voice)
    yield from _deviated(screen, step, voice)
    items = [_reasons(screen.framework, step, voice)] if step.reasons else []
    if not terse or not items:
        items.insert(0, line(voice.of(found.description)))
    yield hidden(target, items, style="emphasis", spacing="Small")


def _usual_decider(screen: AdviceScreen) -> Text | None:
    """Give who decides on most steps: said once, a phone shows more."""
    counts = Counter(step.decider for step in screen.advice.steps.values()).most_common(1)
    return next((who for who, count in counts if count > len(screen.advice.steps) / 2), None)


def _decides(step: StepAdvice, usual: Text | None, voice: Voice) -> Iterator[Element]:
    """Give who decides on a step, when it is someone else than on most."""
    if step.decider != usual:
        words = f"{voice.say('advice.decides')} {voice.of(step.decider)}"
        yield runs(run(words, size="Small"), spacing="None")


def _counted(reasons: int, voice: Voice) -> str:
    if reasons == 0:
        return ""
    counted = voice.say("advice.reasons_one" if reasons == 1 else "advice.reasons", count=str(reasons))
    return counted.replace(" ", "\N{NO-BREAK SPACE}")


def _marks(step: StepAdvice, voice: Voice) -> Iterator[Element]:
    if step.done:
        yield run(" " + voice.say("advice.done"))


def _deviated(screen: AdviceScreen, step: StepAdvice, voice: Voice) -> Iterator[Element]:
    deviation = screen.case.deviations.get(step.step)
    if deviation is None:
        return
    chosen = graded(screen.framework, deviation.chosen, voice)
    yield runs(
        bold("↔ " + voice.say("advice.deviated", grade=chosen) + " "),
        run(literal(deviation.reason, voice)),
        spacing="None",
    )


def _reasons(framework: Framework, step: StepAdvice, voice: Voice) -> Element:
    """Give the reasons, for and against."""
    pairs = [reason_pair(framework, reason, step.grade, voice) for reason in step.reasons]
    return paragraphs(pairs, spacing="Small")


# --- what is missing, the channel, the foot --------------------------------------------


def _missing(screen: AdviceScreen, voice: Voice) -> Iterator[Element]:
    if not screen.missing:
        return
    yield heading(voice.say("missing.title"))
    yield line(voice.say("missing.how"), size="Small", isSubtle=True, spacing="None")
    lines = [_missing_line(screen.framework, one, voice) for one in screen.missing]
    yield from lines[:_SHOWN_MISSING]
    rest = lines[_SHOWN_MISSING:]
    if rest:
        yield buttons(unfold(voice.say("missing.more", count=str(len(rest))), "missing"), spacing="Small")
        yield hidden("missing", rest, spacing="None")


def _missing_line(framework: Framework, missing: Missing, voice: Voice) -> Element:
    question = framework.question_by_id[missing.question]
    names = [voice.of(framework.step_by_id[step].name) for step in missing.could_change]
    changes = ", ".join(names[:3])
    if len(names) > 3:
        changes = voice.say("missing.others", steps=changes, count=str(len(names) - 3))
    return runs(
        bold(f"{framework.number_of[question.id]}  {voice.of(question.text)} "),
        run(voice.say("missing.could_change", steps=changes)),
        spacing="Small",
    )


def _channel(screen: AdviceScreen, voice: Voice) -> Iterator[Element]:
    """Give whether a card may be in the channel, and when not, why, and what can be done."""
    yield heading(voice.say("card.title"))
    if screen.card_allowed:
        stands = screen.case.posted
        words = voice.say("card.stands", version=str(stands.version)) if stands else voice.say("card.allowed")
        yield line(words, spacing="Small")
        return
    items = [runs(bold(voice.say("card.forbidden")))]
    rules = [screen.framework.rule_by_id[rule] for rule in screen.advice.no_card_rules]
    items += [runs(run(f"– {voice.of(rule.reason)}"), spacing="Small") for rule in rules]
    if not rules:
        items.append(runs(run("– " + voice.say("card.handed_over")), spacing="Small"))
    items.append(line(voice.say("card.not_told"), spacing="Small"))
    following = "card.must_hand_over" if screen.must_hand_over else "card.may_finish"
    items.append(line(voice.say(following), spacing="Small"))
    yield box(items, spacing="Small")


def _foot(screen: AdviceScreen, voice: Voice) -> Iterator[Element]:
    framework, advice = screen.framework, screen.advice
    lightest = framework.grades[0].id
    used = (reason for step in advice.steps.values() if step.grade != lightest for reason in step.reasons)
    frames = touched_frames(framework, (source for reason in used for source in reason.basis))
    if frames:
        names = "; ".join(voice.of(framework.frame_by_id[frame].name) for frame in frames)
        yield heading(voice.say("advice.frames"))
        yield line(names, spacing="Small")
    review = review_date(framework, screen.case.answers, advice.now)
    foot = voice.say(
        f"foot.{framework.status}",
        version=framework.version,
        law_date=show_day(framework.law_date, voice.language),
        review=show_day(review, voice.language),
    )
    yield line(foot, size="Small", isSubtle=True, separator=True, spacing="Medium")


def _actions(screen: AdviceScreen, voice: Voice) -> list[Element]:
    overview = press(voice, voice.say("button.overview_change"), "overview")
    finish = press(voice, voice.say("button.finish"), "finish")
    if screen.case.phase != lifecycle.WEIGHING:
        return [overview, finish] if screen.case.phase == lifecycle.POSTED else [overview]
    deviate = press(voice, voice.say("button.deviate"), "deviate")
    if screen.card_allowed:
        to_card = (
            press(voice, voice.say("button.preview"), "preview")
            if screen.case.subject
            else press(voice, voice.say("button.to_card"), "subject")
        )
        return [*_what_changed(screen, voice), to_card, deviate, overview, finish, _words(voice)]
    hand_over = press(voice, voice.say("button.hand_over"), "finish", "hand_over")
    ends = [hand_over] if screen.must_hand_over else [finish, *([hand_over] if screen.may_hand_over else [])]
    return [*_decide(screen, voice), *ends, deviate, overview, _words(voice)]


def _words(voice: Voice) -> Element:
    return press(voice, voice.say("button.words"), "words")


def _what_changed(screen: AdviceScreen, voice: Voice) -> list[Element]:
    """Give the way to what changed since the card that stands in the channel."""
    return [press(voice, voice.say("button.difference"), "resume")] if screen.case.posted else []


def _decide(screen: AdviceScreen, voice: Voice) -> list[Element]:
    """Give the way to record decisions where no card is, at which it is done otherwise."""
    return [press(voice, voice.say("button.decide"), "decide")] if screen.may_decide else []
