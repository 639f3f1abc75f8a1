"""The question flow as a drawing: what is asked when, phase by phase."""

from collections.abc import Iterator

from state.conditions import questions_in
from state.framework import Framework
from state.shapes import AllOf, AnyOf, Atom, Condition, Not, NotionHolds


def to_mermaid(framework: Framework) -> str:
    """Give a mermaid flowchart: a box per question, an arrow from each question that opens or closes it."""
    return "\n".join(["flowchart TD", *_boxes(framework), *_arrows(framework)]) + "\n"


def _boxes(framework: Framework) -> Iterator[str]:
    for phase in framework.phases:
        yield f'    subgraph {phase.id}["{_quoted(phase.name.nl)}"]'
        for question in (one for one in framework.questions if one.phase == phase.id):
            number = framework.number_of[question.id]
            yield f'        {question.id}["{number}. {_quoted(question.text.nl)}"]'
        yield "    end"


def _arrows(framework: Framework) -> Iterator[str]:
    for question in framework.questions:
        label = _quoted(in_words(question.asked_when))
        for other in dict.fromkeys(questions_in(question.asked_when, framework)):
            yield f'    {other} -->|"{label}"| {question.id}'


def in_words(condition: Condition) -> str:
    """Give a condition in one line, as a lawyer would write it in a margin."""
    match condition:
        case Atom():
            return _atom(condition)
        case NotionHolds(notion=notion):
            return notion
        case AllOf(all=parts):
            return " en ".join(_inner(part) for part in parts)
        case AnyOf(any=parts):
            return " of ".join(_inner(part) for part in parts)
        case Not(not_=part):
            return f"niet {_inner(part)}"
        case _:
            return "altijd"


def _inner(condition: Condition) -> str:
    words = in_words(condition)
    return f"({words})" if isinstance(condition, AllOf | AnyOf) else words


def _atom(atom: Atom) -> str:
    if atom.hours_over is not None:
        return f"{atom.question} meer dan {atom.hours_over} uur geleden"
    if atom.unknown:
        return f"{atom.question} onbekend"
    options = " / ".join(atom.in_ or atom.has or atom.only or ())
    return f"{atom.question} {'alleen' if atom.only else '='} {options}"


def _quoted(text: str) -> str:
    return text.replace('"', "#quot;")
