"""How long a dossier is kept: by the steps really taken, the longest term, and never a day too short."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state import commands as do
from state.retention import (
    CATEGORIES,
    CATEGORY_OF,
    category_of,
    category_of_case,
    due_on,
    steps_taken,
    years_later,
)
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def closed(framework, done, *, stopped=False):
    work = Casework(framework, ANJA, NOW).open().answer({**NEWSPAPER, "al_gedaan": done})
    work.do(do.StopCase() if stopped else do.FinishCase())
    return work.case


def test_every_step_of_the_framework_has_its_category_and_no_other_has_one(framework):
    assert set(CATEGORY_OF) == {step.id for step in framework.framework.steps}
    assert len(CATEGORY_OF) == 23
    assert set(CATEGORY_OF.values()) <= set(CATEGORIES)


@pytest.mark.parametrize(
    ("steps", "code", "years"),
    [
        ([], "21.1", 5),
        (["volstaan_vastleggen", "persreactie"], "21.1", 5),
        (["datalek_ap"], "29.1", 5),
        (["aangifte", "persreactie"], "29.1", 5),
        (["onderzoek_extern", "aangifte"], "12.1.7", 10),
        (["disciplinair"], "12.2", 10),
        (["klokkenluidersregeling", "disciplinair"], "4.1.4", None),
        (["geheimhouding_herzien"], "19.1.6", None),
        (["a step of another framework"], "21.1", 5),
    ],
)
def test_the_longest_term_of_the_steps_taken_holds(steps, code, years):
    found = category_of(steps)
    assert (found.code, found.years) == (code, years)


@pytest.mark.parametrize(
    ("steps", "code", "years"),
    [
        ([], "21.3", 1),
        (["indammen_toegang"], "21.3", 1),
        (["aangifte"], "29.1", 5),
        (["klokkenluidersregeling"], "4.1.4", None),
    ],
)
def test_of_a_weighing_that_was_broken_off_only_what_was_done_besides_counts(steps, code, years):
    found = category_of(steps, broken_off=True)
    assert (found.code, found.years) == (code, years)


def test_a_decision_of_the_cmt_makes_it_twenty_years():
    assert category_of([], decided=True).code == "19.1.8"
    assert category_of(["disciplinair"], decided=True).years == 20
    assert category_of(["klokkenluidersregeling"], decided=True).years is None


@given(st.sets(st.sampled_from(sorted(CATEGORY_OF))), st.sampled_from(sorted(CATEGORY_OF)), st.booleans())
def test_one_more_step_never_makes_the_term_shorter(steps, more, broken_off):
    def length(taken):
        years = category_of(taken, broken_off=broken_off).years
        return float("inf") if years is None else years

    assert length(steps | {more}) >= length(steps)


def test_what_is_kept_for_good_is_appraised_b_and_everything_else_v():
    assert {code for code, found in CATEGORIES.items() if found.appraisal == "B"} == {"4.1.4", "19.1.6"}


def test_the_steps_taken_are_those_that_the_answers_call_done(framework):
    case = closed(framework, ("aangifte_gedaan", "logs_veilig"))
    assert steps_taken(case, framework, NOW) == {"aangifte", "bewijs_veiligstellen"}
    assert category_of_case(case, framework, NOW).code == "29.1"
    assert category_of_case(closed(framework, ("onderzoek_afgerond",)), framework, NOW).code == "12.1.7"
    assert category_of_case(closed(framework, ("niets",)), framework, NOW).code == "21.1"
    assert category_of_case(closed(framework, ("niets",), stopped=True), framework, NOW).code == "21.3"


def decided(framework, choices, *, stopped=False, **answers):
    """Give a case of a decider that was closed after these decisions."""
    work = Casework(framework, ANJA, NOW).open().answer({**NEWSPAPER, **answers})
    made = {step: do.Choice(choice, "zo besloten") for step, choice in choices.items()}
    work.do(do.DecidePrivately(0, made))
    work.do(do.StopCase() if stopped else do.FinishCase())
    return work.case


@pytest.mark.parametrize(
    ("choices", "taken", "code"),
    [
        ({"gesprek": "no"}, set(), "19.1.8"),
        ({"gesprek": "yes"}, {"gesprek"}, "19.1.8"),
        ({"gesprek": "later", "aangifte": "no"}, set(), "19.1.8"),
        ({"klokkenluidersregeling": "yes"}, {"klokkenluidersregeling"}, "4.1.4"),
        ({"klokkenluidersregeling": "no"}, set(), "19.1.8"),
    ],
)
def test_a_decision_is_a_step_taken_when_it_is_yes_and_counts_in_any_case(framework, choices, taken, code):
    reports = "misstand_gemeld" if "klokkenluidersregeling" in choices else "nee"
    case = decided(framework, choices, klokkenluider=reports)
    assert steps_taken(case, framework, NOW) == taken
    assert category_of_case(case, framework, NOW).code == code


def test_of_a_weighing_that_was_broken_off_after_a_decision_the_decision_counts(framework):
    assert category_of_case(decided(framework, {"gesprek": "no"}, stopped=True), framework, NOW).code == "19.1.8"


def test_a_decision_that_was_taken_back_is_no_step_taken(framework):
    work = Casework(framework, ANJA, NOW).open().answer({**NEWSPAPER, "klokkenluider": "misstand_gemeld"})
    work.do(do.DecidePrivately(0, {"klokkenluidersregeling": do.Choice("yes", "nodig")}))
    assert category_of_case(work.case, framework, NOW).code == "4.1.4"
    work.do(do.DecidePrivately(1, {"klokkenluidersregeling": do.Choice("no", "toch niet")}))
    assert category_of_case(work.case, framework, NOW).code == "19.1.8"


def test_a_term_runs_from_the_day_of_closing_in_the_netherlands():
    # One in the night there, and still the day before in London.
    assert due_on(category_of([]), datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == date(2031, 11, 23)
    assert due_on(category_of(["klokkenluidersregeling"]), NOW) is None


@pytest.mark.parametrize(("years", "expected"), [(1, date(2029, 3, 1)), (4, date(2032, 2, 29)), (10, date(2038, 3, 1))])
def test_a_term_from_29_february_is_never_a_day_too_short(years, expected):
    assert years_later(date(2028, 2, 29), years) == expected


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 20))
def test_a_term_is_whole_years_or_a_day_more(day, years):
    due = years_later(day, years)
    assert due.year == day.year + years
    assert (due.month, due.day) in {(day.month, day.day), (3, 1)}
