"""The advice card in the CMT channel: what may be there and nothing else, in the order of its specification.

It is made of a ChannelAdvice, which knows no answers; so nothing else can get on it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    box,
    fold,
    heading,
    hidden,
    line,
    literal,
    paragraphs,
    run,
    runs,
    size_of,
    title,
)
from dialogs.cards.steps import citations, graded, in_words, sign, term_lines
from dialogs.dates import show_day, show_moment
from dialogs.wording import Wording
from state.advice import ChannelAdvice, StepAdvice
from state.difference import ChannelDifference
from state.framework import Framework, Grade

# Teams promises 28 KB for every client; decisions and buttons come on this card later.
MOST_BYTES = 22_000
_LONGEST_SUBJECT = 60


@dataclass(frozen=True, slots=True)
class Since:
    """What changed of what the card shows, since the version that stands in the channel."""

    version: int
    difference: ChannelDifference


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands on the card besides the advice."""

    number: str
    subject: str
    version: int
    function: str
    prepared_at: datetime
    print: str
    since: Since | None


def channel_card(
    framework: Framework,
    advice: ChannelAdvice,
    *,
    number: str,
    subject: str,
    version: int,
    function: str,
    prepared_at: datetime,
    print_: str,
    language: str,
    wording: Wording,
    since: Since | None = None,
) -> Element:
    """Give the card for the channel; too large, it shows fewer reasons, never fewer terms or limits.

    `print_` is what is compared of the record's chain value at this moment: a witness outside the store.
    """
    voice = Voice(wording, language)
    head = _Head(number, subject[:_LONGEST_SUBJECT], version, function, prepared_at, print_, since)
    card: Element = {}
    for most in (None, 4, 2, 1, 0):
        card = _card(framework, advice, head, voice, most)
        if size_of(card) <= MOST_BYTES:
            break
    return card


def placeholder_card(number: str, language: str, wording: Wording) -> Element:
    """Give the card that holds the place of an advice: the case number and nothing of the case."""
    voice = Voice(wording, language)
    body = [
        line(voice.say("channel.marking"), weight="Bolder"),
        title(voice.say("channel.placeholder")),
        line(voice.say("channel.placeholder_text", number=number), spacing="Small"),
    ]
    return adaptive_card(voice, body)


def neutral_card(language: str, wording: Wording) -> Element:
    """Give the card that is left of one that was withdrawn: nothing of the case, not even its number."""
    voice = Voice(wording, language)
    return adaptive_card(voice, [line(voice.say("channel.withdrawn"))])


def _card(framework: Framework, advice: ChannelAdvice, head: _Head, voice: Voice, most: int | None) -> Element:
    body = [
        *_top(head, voice),
        *_changed(framework, head, voice),
        *_terms(framework, advice, head, voice),
        *_limits(framework, advice, voice),
        *_groups(framework, advice, voice, most),
        *_unknown(framework, advice, voice),
        *_frames(framework, advice, voice),
        *_foot(framework, advice, head, voice),
    ]
    return adaptive_card(voice, body, wide=True)


def _top(head: _Head, voice: Voice) -> Iterator[Element]:
    yield box(
        [
            line(voice.say("channel.marking"), weight="Bolder"),
            title(voice.say("channel.title", number=head.number, subject=head.subject)),
            line(voice.say("disclaimer"), spacing="Small"),
        ],
        bleed=True,
    )


def _changed(framework: Framework, head: _Head, voice: Voice) -> Iterator[Element]:
    """Give the steps and terms that stood otherwise on the version before."""
    if head.since is None:
        return
    found, lightest = head.since.difference, framework.grades[0].id
    yield heading(voice.say("channel.changed", version=str(head.since.version)))
    # Of a step that does not arise the card shows the name alone: nothing else of it can change here.
    steps = [(old, new) for old, new in found.steps if {old.grade, new.grade} != {lightest}]
    pairs = [_changed_step(framework, old, new, voice) for old, new in steps]
    for term, was, now in found.terms:
        # What it is now stands under the terms.
        key = "came" if was is None else "went" if now is None else "changed"
        pairs.append((f"⏱ {voice.of(framework.deadline_by_id[term].name)}:", voice.say(f"channel.term_{key}")))
    if pairs:
        yield paragraphs(pairs, spacing="Small")
    else:
        yield line(voice.say("channel.unchanged_steps" if found.rest else "channel.unchanged"), spacing="Small")


def _changed_step(framework: Framework, old: StepAdvice, new: StepAdvice, voice: Voice) -> tuple[str, str]:
    """Give a step's name with its old and new grade; with the same grade, what else of it changed."""
    before, after = (graded(framework, step.grade, voice) for step in (old, new))
    name = f"{voice.of(framework.step_by_id[new.step].name)}:"
    if old.grade != new.grade:
        return name, voice.say("difference.graded", old=before, new=after)
    parts = [voice.say("difference.same_grade" if old.reasons == new.reasons else "channel.same_grade", grade=after)]
    if old.done != new.done:
        parts.append(voice.say("difference.done" if new.done else "difference.undone"))
    if old.decider != new.decider:
        parts.append(voice.say("difference.decider", old=voice.of(old.decider), new=voice.of(new.decider)))
    return name, " ".join(parts)


def _terms(framework: Framework, advice: ChannelAdvice, head: _Head, voice: Voice) -> Iterator[Element]:
    if advice.deadlines:
        yield heading(voice.say("channel.terms"))
        yield from term_lines(framework, advice.deadlines, head.prepared_at, voice, posted=True)


def _limits(framework: Framework, advice: ChannelAdvice, voice: Voice) -> Iterator[Element]:
    if advice.stops:
        yield heading(voice.say("channel.limits"))
    for stop in advice.stops:
        found = framework.stop_by_id[stop]
        yield runs(bold(f"⛔ {voice.of(found.name)}: "), run(voice.of(found.text)), spacing="Small")


# --- steps -----------------------------------------------------------------------------


def _groups(framework: Framework, advice: ChannelAdvice, voice: Voice, most: int | None) -> Iterator[Element]:
    lightest = framework.grades[0]
    for grade in reversed(framework.grades):
        steps = [step for step in advice.steps.values() if step.grade == grade.id]
        if steps and grade is lightest:
            yield from _names_only(framework, grade, steps, voice)
        elif steps:
            yield heading(in_words(grade, voice))
            yield from (_step(framework, step, voice, most) for step in steps)


def _names_only(framework: Framework, grade: Grade, steps: Sequence[StepAdvice], voice: Voice) -> Iterator[Element]:
    title = f"{in_words(grade, voice)} ({len(steps)})"
    names = "; ".join(voice.of(framework.step_by_id[step.step].name) for step in steps)
    yield fold(title, [bold(title, size="Medium"), run("  ▾")], "lightest", spacing="Large")
    yield hidden("lightest", [line(names)], spacing="Small")


def _step(framework: Framework, step: StepAdvice, voice: Voice, most: int | None) -> Element:
    """Give a step: name, reasons, and who decides."""
    glyph = framework.grade_by_id[step.grade].glyph
    name = voice.of(framework.step_by_id[step.step].name)
    done = [run(" " + voice.say("advice.done"))] if step.done else []
    shown = step.reasons[:most]
    pairs = [(sign(framework, reason, step.grade, voice), voice.of(reason.text)) for reason in shown]
    if len(shown) < len(step.reasons):
        pairs.append((voice.say("channel.more_in_dossier"), ""))
    if not step.reasons:
        pairs.append((voice.say("channel.in_dossier"), ""))
    basis = citations(framework, (source for reason in step.reasons for source in reason.basis), voice)
    if basis:
        pairs.append((voice.say("channel.basis"), basis))
    pairs.append((voice.say("advice.decides"), voice.of(step.decider)))
    items = [runs(bold(f"{glyph} {name}"), *done), paragraphs(pairs, size="Small", spacing="None")]
    return {"type": "Container", "separator": True, "spacing": "Small", "items": items}


# --- the rest --------------------------------------------------------------------------


def _unknown(framework: Framework, advice: ChannelAdvice, voice: Voice) -> Iterator[Element]:
    if advice.unknown:
        yield heading(voice.say("channel.unknown"))
    for question in advice.unknown:
        yield runs(run(f"? {voice.of(framework.question_by_id[question].text)}"), spacing="Small")


def _frames(framework: Framework, advice: ChannelAdvice, voice: Voice) -> Iterator[Element]:
    if advice.frames or advice.sources:
        yield heading(voice.say("channel.frames"))
    if advice.frames:
        names = "; ".join(voice.of(framework.frame_by_id[frame].name) for frame in advice.frames)
        yield line(names, spacing="Small")
    framed = {source for frame in framework.frames for source in frame.sources}
    others = [source for source in advice.sources if source not in framed]
    if others:
        shown = citations(framework, others, voice)
        yield line(voice.say("channel.other_law", sources=shown), size="Small", spacing="Small")


def _foot(framework: Framework, advice: ChannelAdvice, head: _Head, voice: Voice) -> Iterator[Element]:
    made = voice.say(
        f"channel.made_{framework.status}",
        version=framework.version,
        law_date=show_day(advice.law_date, voice.language),
        card=str(head.version),
        function=literal(head.function, voice) or voice.say("channel.a_member"),
        moment=show_moment(head.prepared_at, voice.language),
        review=show_day(advice.review, voice.language),
        number=head.number,
    )
    yield line(voice.say("channel.scope"), size="Small", separator=True, spacing="Medium")
    yield line(voice.say("channel.no_people"), size="Small", spacing="Small")
    yield runs(run(made, size="Small"), spacing="Small")
    if head.print:
        yield line(voice.say("channel.print", print=head.print), size="Small", spacing="Small")
    yield line(voice.say("channel.discuss"), weight="Bolder", spacing="Small")
