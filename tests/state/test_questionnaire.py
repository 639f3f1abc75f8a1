"""Whether an answer fits its question, in which form it is kept, and in which of four states a question is."""

import pytest

from state.compiled import CompiledFramework, compile_framework
from state.errors import AnswerError
from state.questionnaire import MAX_TEXT, AnswerState, asked, check_answer, is_unknown, next_question, states_of
from tests.state.tiny import tiny

MOMENT = "2026-11-20T08:30:00+01:00"
ALL = {"involved": "nobody", "since": MOMENT, "kinds": ("health",), "remark": "Kort.", "review": "2026-12-01"}


@pytest.fixture(scope="module")
def compiled() -> CompiledFramework:
    unsure = ("{id: myself, label: {nl: Ikzelf, en: Myself}}", "{id: myself, label: {nl: x, en: x}, unknown: true}")
    several = ("{id: names, label: {nl: Namen, en: Names}}", "{id: names, label: {nl: x, en: x}, unknown: true}")
    return compile_framework(tiny(unsure, several), "0" * 64)


# --- answers that fit ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "value", "kept"),
    [
        ("involved", "nobody", "nobody"),
        ("since", MOMENT, MOMENT),
        ("since", "2026-11-20T07:30:00Z", "2026-11-20T07:30:00+00:00"),
        ("since", "onbekend", "onbekend"),
        ("kinds", ["none"], ("none",)),
        ("kinds", ["none", "none"], ("none",)),
        ("kinds", ("health", "names", "health"), ("names", "health")),
        ("remark", "  Eerste regel.\n\tTweede regel.  ", "Eerste regel.\n\tTweede regel."),
        ("remark", "cafe\u0301", "caf\u00e9"),
        ("remark", "x" * MAX_TEXT, "x" * MAX_TEXT),
        ("remark", "onbekend", "onbekend"),
        ("review", "2026-12-01", "2026-12-01"),
        ("review", "20261201", "2026-12-01"),
    ],
)
def test_an_answer_that_fits_is_kept_in_one_form(
    compiled: CompiledFramework, question: str, value: object, kept: object
) -> None:
    assert check_answer(compiled, question, value) == kept


# --- answers that do not ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "value", "message"),
    [
        ("colour", "red", "there is no question 'colour'"),
        ("involved", ["nobody"], "involved: the answer must be one text"),
        ("involved", None, "involved: the answer must be one text"),
        ("involved", "else", "involved: there is no option 'else'; known are nobody, myself"),
        ("involved", "Niemand", "involved: there is no option 'Niemand'; known are nobody, myself"),
        ("involved", "x" * 500, f"involved: there is no option '{'x' * 64}'; known are nobody, myself"),
        ("since", "9999-12-31T23:59:59+00:00", "since: the year must be one from 1900 to 2199"),
        ("since", "0001-01-01T00:00:00+14:00", "since: the year must be one from 1900 to 2199"),
        ("review", "9999-12-31", "review: the year must be one from 1900 to 2199"),
        ("kinds", "names", "kinds: the answer must be a list of at least one option"),
        ("kinds", [], "kinds: the answer must be a list of at least one option"),
        ("kinds", {"names": True}, "kinds: the answer must be a list of at least one option"),
        ("kinds", ["names", 5], "kinds: there is no option '5'; known are names, health, none"),
        ("kinds", [["names"]], "kinds: there is no option \"['names']\"; known are names, health, none"),
        ("kinds", ["names", "none"], "kinds: option 'none' cannot be combined with others"),
        ("remark", " \n ", "remark: the text must have 1 to 4000 characters"),
        ("remark", "x" * (MAX_TEXT + 1), "remark: the text must have 1 to 4000 characters"),
        ("remark", "a\u202eb", "remark: the text must not hold control or invisible characters"),
        ("remark", "a\0b", "remark: the text must not hold control or invisible characters"),
        ("remark", "a\ud800b", "remark: the text must not hold control or invisible characters"),
        ("since", "gisteren", "since: not an ISO 8601 datetime"),
        ("since", "2026-02-30T10:00:00+01:00", "since: not an ISO 8601 datetime"),
        ("since", "2026-11-20T08:30:00", "since: the moment needs a zone, as in 2026-11-23T10:00:00+01:00"),
        ("since", 1_763_971_200, "since: the answer must be one text"),
        ("review", "2026-02-30", "review: not an ISO 8601 date"),
        ("review", "onbekend", "review: this date cannot be unknown"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_what_would(
    compiled: CompiledFramework, question: str, value: object, message: str
) -> None:
    with pytest.raises(AnswerError) as raised:
        check_answer(compiled, question, value)
    assert str(raised.value) == message


# --- four states -----------------------------------------------------------------------


def test_every_question_is_in_one_of_four_states(compiled: CompiledFramework) -> None:
    answers = {"involved": "nobody", "since": "onbekend"}
    assert list(states_of(compiled, answers).items()) == [
        ("involved", AnswerState.ANSWERED),
        ("since", AnswerState.UNKNOWN),
        ("kinds", AnswerState.NOT_ASKED),
        ("remark", AnswerState.NOT_APPLICABLE),
        ("review", AnswerState.NOT_ASKED),
    ]


def test_an_answer_to_a_question_that_no_longer_applies_does_not_count(compiled: CompiledFramework) -> None:
    states = states_of(compiled, {**ALL, "involved": "myself"})
    assert states["involved"] == AnswerState.UNKNOWN
    assert (states["kinds"], states["remark"]) == (AnswerState.NOT_APPLICABLE, AnswerState.NOT_APPLICABLE)
    assert asked(compiled, {**ALL, "involved": "myself"}) == ("involved", "since", "review")


@pytest.mark.parametrize(
    ("question", "value", "unknown"),
    [
        *(("involved", "nobody", False), ("involved", "myself", True)),
        *(("kinds", ("health",), False), ("kinds", ("names", "health"), True)),
        *(("since", MOMENT, False), ("since", "onbekend", True)),
        ("remark", "onbekend", False),
    ],
)
def test_unknown_is_what_the_framework_calls_so(
    compiled: CompiledFramework, question: str, value: str | tuple[str, ...], unknown: bool
) -> None:
    assert is_unknown(compiled.framework.question_by_id[question], value) is unknown


def test_the_next_question_is_the_first_that_must_be_answered(compiled: CompiledFramework) -> None:
    steps = ["involved", "since", "kinds", "review"]
    for done, question in enumerate(steps):
        assert next_question(compiled, {one: ALL[one] for one in steps[:done]}) == question
    assert next_question(compiled, {one: ALL[one] for one in steps}) is None
