"""What changed since the card in the channel, step by step, each change with the answer that caused it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
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
from dialogs.cards.steps import graded, reason_pair, term_change
from dialogs.dates import show_moment
from dialogs.screens_difference import DifferenceScreen
from dialogs.values import Card
from dialogs.views import answer_words
from state.causes import AnswerChange, Causes
from state.difference import ReasonChange, StepChange

# Every client takes 28 KB. Of a large difference fewer reasons per step are shown, and less of each answer:
# the full advice has every reason of now, the dossier those of then.
_MOST_BYTES = 28_000
_LEVELS: Sequence[tuple[int | None, int]] = ((None, 160), (6, 120), (3, 80), (1, 60), (0, 30))
_SHOWN_ANSWERS = 5
# All changed answers are named one by one where they are no more.
_FEW = 3


def difference_card(screen: DifferenceScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give what changed; a very large difference shows fewer reasons, never fewer steps, terms or limits."""
    card: Element = {}
    for most, longest in _LEVELS:
        card = _card(screen, voice, notice, most, longest)
        if size_of(card) <= _MOST_BYTES:
            break
    return card


def _card(screen: DifferenceScreen, voice: Voice, notice: str | None, most: int | None, longest: int) -> Element:
    moment = show_moment(screen.difference.then, voice.language)
    since = voice.say("difference.since", version=str(screen.version), moment=moment)
    body = [
        *notice_lines(notice),
        header(voice.say("difference.title", number=screen.case.number), since),
        *_answers(screen, voice, longest),
        *([line(voice.say("difference.nothing"), weight="Bolder")] if screen.difference.is_empty else []),
        *_steps(screen, voice, most),
        *_deciders(screen, voice),
        *_terms(screen, voice),
        *_limits(screen, voice),
        *_channel(screen, voice),
        line(voice.say("no_standard_actions"), size="Small", isSubtle=True, separator=True, spacing="Medium"),
    ]
    return adaptive_card(voice, body, _actions(screen, voice), wide=True)


def _actions(screen: DifferenceScreen, voice: Voice) -> list[Element]:
    preview = [press(voice, voice.say("button.preview"), "preview")] if screen.card_allowed else []
    return [
        press(voice, voice.say("button.full_advice"), "advice"),
        *preview,
        press(voice, voice.say("button.overview_change"), "overview"),
        press(voice, voice.say("button.finish"), "finish"),
    ]


# --- answers and causes ----------------------------------------------------------------


def _answers(screen: DifferenceScreen, voice: Voice, longest: int) -> Iterator[Element]:
    lines = [_answer(screen, change, voice, longest) for change in screen.difference.answers]
    if not lines:
        yield line(voice.say("difference.no_answers"))
        return
    yield heading(voice.say("difference.answers"))
    yield from lines[:_SHOWN_ANSWERS]
    rest = lines[_SHOWN_ANSWERS:]
    if rest:
        yield buttons(unfold(voice.say("difference.more_answers", count=str(len(rest))), "answers"), spacing="Small")
        yield hidden("answers", rest, spacing="None")


def _answer(screen: DifferenceScreen, change: AnswerChange, voice: Voice, longest: int) -> Element:
    """Give a changed answer: what it was and what it is."""
    question = screen.framework.question_by_id[change.question]
    old, new = (
        "" if value is None else literal(answer_words(question, value, voice.language, voice.wording), voice, longest)
        for value in (change.old, change.new)
    )
    key = "asked" if change.old is None else "lapsed" if change.new is None else "changed"
    number = screen.framework.number_of[question.id]
    return runs(
        run(f"{number}  {voice.of(question.text)} "),
        bold(voice.say(f"difference.{key}", old=old, new=new)),
        spacing="Small",
    )


def _by(screen: DifferenceScreen, causes: Causes, voice: Voice) -> str:
    """Give in words what caused a change."""
    if len(causes.questions) > _FEW and len(causes.questions) == len(screen.difference.answers):
        named = [voice.say("difference.all")]
    else:
        numbers = [screen.framework.number_of[question] for question in causes.questions]
        named = [voice.say("difference.question", number=str(number)) for number in numbers]
    if causes.time:
        named.append(voice.say("difference.time"))
    *some, last = named
    listed = voice.say("difference.and", some=", ".join(some), last=last) if some else last
    return voice.say("difference.by", causes=listed)


# --- steps -----------------------------------------------------------------------------


def _steps(screen: DifferenceScreen, voice: Voice, most: int | None) -> Iterator[Element]:
    rank = screen.framework.rank_of
    found = [step for step in screen.difference.steps if step.grade or step.done or step.reasons]
    steps = sorted(found, key=lambda step: (step.grade is None, -rank[step.new.grade]))
    if steps:
        yield heading(voice.say("difference.steps"))
        how = voice.say("difference.elsewhere" if most == 0 else "difference.how")
        yield line(how, size="Small", isSubtle=True, spacing="None")
    for step in steps:
        yield from _step(screen, step, voice, most)


def _step(screen: DifferenceScreen, step: StepChange, voice: Voice, most: int | None) -> Iterator[Element]:
    """Give a step: its old and new grade, and its reasons folded under it."""
    framework = screen.framework
    name = voice.of(framework.step_by_id[step.step].name)
    shown = [bold(f"{framework.grade_by_id[step.new.grade].glyph} {name}")]
    counted = f"  {_counted(step, voice)}" if step.reasons else ""
    if most == 0 or not step.reasons:
        yield runs(*shown, *([run(counted, size="Small", isSubtle=True)] if counted else []), spacing="Medium")
    else:
        count = run(f"{counted}\N{NO-BREAK SPACE}▾", size="Small", isSubtle=True)
        yield fold(voice.say("advice.unfold", step=name), [*shown, count], f"step-{step.step}", spacing="Medium")
    yield runs(*(run(f"{words} ") for words in _parts(screen, step, voice)), spacing="None")
    if step.reasons and most != 0:
        yield hidden(f"step-{step.step}", [_reasons(screen, step, voice, most)], style="emphasis", spacing="Small")


def _parts(screen: DifferenceScreen, step: StepChange, voice: Voice) -> Iterator[str]:
    """Give what of a step changed, in sentences, each with its cause."""
    old, new = (graded(screen.framework, grade, voice) for grade in (step.old.grade, step.new.grade))
    if step.grade is None:
        yield voice.say("difference.same_grade", grade=new)
    else:
        yield voice.say("difference.graded", old=old, new=new) + " " + _by(screen, step.grade, voice)
    if step.done is not None:
        yield (
            voice.say("difference.done" if step.new.done else "difference.undone") + " " + _by(screen, step.done, voice)
        )


def _counted(step: StepChange, voice: Voice) -> str:
    came = sum(one.came for one in step.reasons)
    counted = voice.say("difference.counted", came=str(came), went=str(len(step.reasons) - came))
    return counted.replace(" ", "\N{NO-BREAK SPACE}")


def _reasons(screen: DifferenceScreen, step: StepChange, voice: Voice, most: int | None) -> Element:
    """Give the reasons that came and those that went, each with its cause."""
    pairs = [_reason(screen, step, one, voice) for one in step.reasons[:most]]
    left = len(step.reasons) - len(pairs)
    if left:
        pairs.append((voice.say("difference.more_reasons", count=str(left)), ""))
    return paragraphs(pairs, spacing="Small")


def _reason(screen: DifferenceScreen, step: StepChange, one: ReasonChange, voice: Voice) -> tuple[str, str]:
    grade = step.new.grade if one.came else step.old.grade
    sign, words = reason_pair(screen.framework, one.reason, grade, voice)
    what = voice.say("difference.came" if one.came else "difference.went")
    return f"{what} {sign}", f"{words} {_by(screen, one.causes, voice)}"


def _deciders(screen: DifferenceScreen, voice: Voice) -> Iterator[Element]:
    """Give who decides now on which steps; often it is the same person on many."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for step in screen.difference.steps:
        if step.decider is not None:
            who = voice.say("difference.decider", old=voice.of(step.old.decider), new=voice.of(step.new.decider))
            name = voice.of(screen.framework.step_by_id[step.step].name)
            groups[who, _by(screen, step.decider, voice)].append(name)
    if groups:
        yield heading(voice.say("difference.deciders"))
    for (who, causes), names in groups.items():
        where = voice.say("difference.at", steps="; ".join(names))
        yield runs(bold(f"{who} "), run(f"{causes} {where}"), spacing="Small")


# --- terms, limits, the channel --------------------------------------------------------


def _terms(screen: DifferenceScreen, voice: Voice) -> Iterator[Element]:
    found = screen.difference
    if found.terms:
        yield heading(voice.say("difference.terms"))
    for term in found.terms:
        shown = term_change(screen.framework, term.id, term.old, term.new, found.now, voice)
        yield runs(*shown, run(" " + _by(screen, term.causes, voice)), spacing="Small")


def _limits(screen: DifferenceScreen, voice: Voice) -> Iterator[Element]:
    if screen.difference.stops:
        yield heading(voice.say("difference.limits"))
    for stop in screen.difference.stops:
        found = screen.framework.stop_by_id[stop.stop]
        words = voice.say("difference.limit_came" if stop.came else "difference.limit_went")
        text = f" {voice.of(found.text)}" if stop.came else ""
        said = f"{words}{text} {_by(screen, stop.causes, voice)}"
        yield runs(bold(f"⛔ {voice.of(found.name)}: "), run(said), spacing="Small")


def _channel(screen: DifferenceScreen, voice: Voice) -> Iterator[Element]:
    yield heading(voice.say("card.title"))
    if card := screen.difference.card:
        words = voice.say("difference.card_allowed" if card.allowed else "difference.card_forbidden")
        yield runs(bold(words), run(" " + _by(screen, card.causes, voice)), spacing="Small")
    key = "card.stands" if screen.card_allowed else "difference.no_card"
    yield line(voice.say(key, version=str(screen.version)), spacing="Small")
