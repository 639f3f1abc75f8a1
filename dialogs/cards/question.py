"""The card of a question, of its answer, and of why it is asked."""

from collections.abc import Iterator, Mapping, Sequence

from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    box,
    buttons,
    choice_row,
    choices,
    editable,
    fold,
    heading,
    hidden,
    line,
    literal,
    press,
    reply,
    run,
    runs,
    text_input,
    title,
)
from dialogs.cards.steps import citations
from dialogs.dates import show_date, show_moment
from dialogs.screens import AnsweredScreen, QuestionScreen, WhyScreen
from dialogs.values import Card
from state.framework import Framework, Option, Question

_LONGEST_ANSWER = 4000


def question_card(screen: QuestionScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the card that asks a question."""
    question = screen.framework.question_by_id[screen.question]
    body = [
        *notice_lines(notice),
        line(_progress(screen, question, voice), size="Small", isSubtle=True),
        line(voice.of(question.text), size="Medium", weight="Bolder", style="heading", spacing="Small"),
        line(voice.of(question.help), spacing="Small"),
        *_FIELDS[question.type](screen, question, voice),
    ]
    return adaptive_card(voice, body, tuple(_navigation(screen, question, voice)))


def notice_lines(notice: str | None) -> list[Element]:
    """Give what has to be said first, above the rest of a card."""
    return [box([runs(bold(notice))], "accent")] if notice else []


def _progress(screen: QuestionScreen, question: Question, voice: Voice) -> str:
    """Give the case, the phase, the question's fixed number, and about how many follow."""
    done = screen.case.answers.keys() | screen.case.skipped | {question.id}
    left = sum(one not in done for one in screen.path)
    key = "question.progress" if left else "question.progress_last"
    return voice.say(
        key,
        phase=voice.of(screen.framework.phase_by_id[question.phase].name),
        number=str(screen.framework.number_of[question.id]),
        left=str(left),
        # Who has two cases sees in which this is answered.
        case=screen.case.number,
    )


# --- what is filled in, by type of question --------------------------------------------


def _single(screen: QuestionScreen, question: Question, voice: Voice) -> Iterator[Element]:
    given = screen.case.answers.get(question.id)
    for number, option in enumerate(question.options, 1):
        words = [run(voice.of(option.label))]
        if option.id == given:
            words.append(run(" " + voice.say("question.current"), isSubtle=True))
        yield choice_row(number, words, reply(voice, _named(number, option, voice), "answer", option.id))
    yield from _note(voice, voice.say("note.before_choice"))


def _named(number: int, option: Option, voice: Voice) -> str:
    return f"{number}: {voice.of(option.label)}"


def _multi(screen: QuestionScreen, question: Question, voice: Voice) -> Iterator[Element]:
    given = screen.case.answers.get(question.id, ())
    # A middle dot: "1." would be drawn as a list.
    pairs = [(option.id, f"{number} · {voice.of(option.label)}") for number, option in enumerate(question.options, 1)]
    yield choices(
        voice.say("question.several"),
        pairs,
        isMultiSelect=True,
        style="expanded",
        isRequired=True,
        errorMessage=voice.say("answer_empty"),
        **({"value": ",".join(given)} if given else {}),
    )
    yield from _note(voice, voice.say("note.with_answer"))
    yield buttons(_send(voice))


def _moment(screen: QuestionScreen, question: Question, voice: Voice) -> Iterator[Element]:
    is_date = question.type == "date"
    given = screen.case.answers.get(question.id, "onbekend")
    shown = show_date if is_date else show_moment
    kind = f"{question.type}_{question.direction}"
    more = {} if given == "onbekend" else {"value": shown(str(given), voice.language)}
    yield text_input(
        "answer",
        voice.say("question.date" if is_date else "question.moment"),
        placeholder=voice.say(f"placeholder.{kind}"),
        maxLength=100,
        **_needed(screen, question, voice),
        **more,
    )
    yield line(voice.say(f"examples.{kind}"), size="Small", isSubtle=True, spacing="Small")
    yield from _note(voice, voice.say("note.with_answer"))
    # What was half typed does not hold up "I do not know".
    unknown = [reply(voice, voice.say("button.unknown"), "unknown", inputs=False)] if question.unknown_allowed else []
    yield buttons(_send(voice), *unknown)


def _text(screen: QuestionScreen, question: Question, voice: Voice) -> Iterator[Element]:
    given = screen.case.answers.get(question.id)
    yield runs(bold(voice.say("question.no_names") + " "), run(voice.say("question.text_warning")))
    yield text_input(
        "answer",
        voice.say("question.text"),
        isMultiline=True,
        maxLength=_LONGEST_ANSWER,
        **_needed(screen, question, voice),
        **({"value": editable(str(given))} if given else {}),
    )
    yield buttons(_send(voice))


def _needed(screen: QuestionScreen, question: Question, voice: Voice) -> Mapping[str, object]:
    """Give what keeps an empty field from being sent, where it may not stay empty."""
    if question.optional and question.id not in screen.case.answers:
        return {}
    return {"isRequired": True, "errorMessage": voice.say("answer_empty")}


_FIELDS = {"single": _single, "multi": _multi, "datetime": _moment, "date": _moment, "text": _text}


def _send(voice: Voice) -> Element:
    return {**reply(voice, voice.say("button.answer"), "answer"), "style": "positive"}


def _note(voice: Voice, how: str) -> Iterator[Element]:
    """Give an optional remark, out of sight until it is wanted."""
    field = text_input("note", voice.say("note.label"), isMultiline=True, maxLength=1000)
    yield fold(voice.say("button.note"), [run(f"+ {voice.say('button.note')}", color="Accent")], "remark")
    yield hidden("remark", [field, line(how, size="Small", isSubtle=True, spacing="Small")], spacing="Small")


def _navigation(screen: QuestionScreen, question: Question, voice: Voice) -> Iterator[Element]:
    """Give the ways around the question."""
    yield press(voice, voice.say("button.why"), "why")
    if screen.path and screen.path[0] != question.id:
        yield press(voice, voice.say("button.back"), "back")
    if question.id in screen.case.answers:
        yield reply(voice, voice.say("button.keep"), "skip", inputs=False)
    elif question.optional:
        yield reply(voice, voice.say("button.skip"), "skip", inputs=False)
    yield press(voice, voice.say("button.overview"), "overview")
    if question.id not in screen.case.answers:
        # A card has at most six buttons; who looks at an earlier answer keeps it, and can pause by typing.
        yield press(voice, voice.say("button.pause"), "pause")


# --- after the answer ------------------------------------------------------------------


def answered_card(screen: AnsweredScreen, voice: Voice) -> Card:
    """Give the old card of a question, with its answer and without buttons."""
    question = screen.framework.question_by_id[screen.question]
    body = [
        runs(run(f"✓ {voice.of(question.text)}")),
        runs(bold(voice.say("answered.your") + " "), run(literal(screen.label, voice)), spacing="Small"),
    ]
    if question.type == "text" and screen.given:
        body.append(line(voice.say("answered.text_warning"), size="Small", isSubtle=True))
    return adaptive_card(voice, body)


# --- why -------------------------------------------------------------------------------


def why_card(screen: WhyScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give a question's help, its legal basis, and the advice lines that it affects."""
    framework = screen.framework
    question = framework.question_by_id[screen.question]
    by_step: dict[str, list[str]] = {}
    for step, rule in screen.rules:
        by_step.setdefault(step, []).append(voice.of(framework.rule_by_id[rule].reason))
    body = [
        *notice_lines(notice),
        title(voice.say("why.title")),
        runs(bold(voice.of(question.text))),
        line(voice.of(question.help), spacing="Small"),
    ]
    if question.basis:
        body += [heading(voice.say("why.basis")), line(citations(framework, question.basis, voice))]
    body += [heading(voice.say("why.affects")), *_affected(framework, by_step, voice)]
    body.append(line(voice.say("no_standard_actions"), size="Small", isSubtle=True))
    actions = [
        press(voice, voice.say("button.to_question"), "resume"),
        press(voice, voice.say("button.overview"), "overview"),
    ]
    return adaptive_card(voice, body, actions)


def _affected(framework: Framework, by_step: Mapping[str, Sequence[str]], voice: Voice) -> Iterator[Element]:
    if not by_step:
        yield line(voice.say("why.nothing"))
        return
    yield line(voice.say("why.how"), spacing="Small")
    for step, reasons in by_step.items():
        name = voice.of(framework.step_by_id[step].name)
        target = f"why-{step}"
        count = voice.say("why.lines_one" if len(reasons) == 1 else "why.lines", count=str(len(reasons)))
        shown = [bold(name), run(f"  {count} ▾", isSubtle=True)]
        yield fold(voice.say("why.unfold", step=name), shown, target)
        yield hidden(target, [runs(run(f"– {reason}"), spacing="Small") for reason in reasons], spacing="Small")
