"""Random but possible cases, for properties."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from state.compiled import CompiledFramework
from state.conditions import UNKNOWN
from state.framework import Question

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@st.composite
def answer_paths(draw: st.DrawFn, compiled: CompiledFramework) -> dict[str, str | tuple[str, ...]]:
    """Give answers to every question that applies, given the answers before it; some are left open."""
    answers: dict[str, str | tuple[str, ...]] = {}
    for question_id, applies in compiled.applies:
        if applies(answers, NOW) and draw(st.integers(0, 9)):
            answers[question_id] = draw(values(compiled.framework.question_by_id[question_id]))
    return answers


def values(question: Question) -> st.SearchStrategy[str | tuple[str, ...]]:
    """Give any answer that fits the question."""
    options = [option.id for option in question.options]
    if question.type == "single":
        return st.sampled_from(options)
    if question.type == "multi":
        free = [option.id for option in question.options if not option.exclusive]
        chosen = st.sets(st.sampled_from(free), min_size=1)
        several = chosen.map(lambda some: tuple(one for one in free if one in some))
        alone = [(option.id,) for option in question.options if option.exclusive]
        return several | st.sampled_from(alone) if alone else several
    if question.type == "text":
        return st.just("Feitelijk, zonder namen.")
    moments = st.integers(-200, 200).map(lambda hours: NOW + timedelta(hours=hours))
    if question.type == "date":
        return moments.map(lambda moment: moment.date().isoformat())
    return moments.map(datetime.isoformat) | st.just(UNKNOWN)


def known_answers(question: Question) -> list[str | tuple[str, ...]]:
    """Give answers that say something, one for each thing that can be said."""
    if question.type == "single":
        return [option.id for option in question.options if not option.unknown]
    if question.type == "multi":
        return [(option.id,) for option in question.options if not option.unknown]
    if question.type == "text":
        return ["Feitelijk, zonder namen."]
    moments = [NOW - timedelta(hours=1), NOW - timedelta(hours=73)]
    return [(one.date() if question.type == "date" else one).isoformat() for one in moments]


def unknown_answer(question: Question) -> str | tuple[str, ...] | None:
    """Give the answer that says that it is not known, or None when there is none."""
    if question.unknown_allowed:
        return UNKNOWN
    said = next((option.id for option in question.options if option.unknown), None)
    return (said,) if said and question.type == "multi" else said
