"""What became different in an advice, and by which changed answer."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.shelf import open_framework, published
from state.causes import AnswerChange, Causes, trials
from state.compiled import compile_framework
from state.difference import channel_difference, difference
from state.questionnaire import effective_answers
from state.weighing import weigh, weigh_for_channel
from tests.builders import NOW, answer_paths, values
from tests.casework import NEWSPAPER
from tests.state.tiny import tiny

COMPILED = open_framework(published()[-1])
FRAMEWORK = COMPILED.framework
SENSITIVE = frozenset(question.id for question in FRAMEWORK.questions if not question.channel)
SINCE = (NOW - timedelta(hours=10)).isoformat()
BEGIN = {"involved": "nobody", "since": SINCE, "kinds": ("none",)}

several = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
waits = st.sampled_from([timedelta(0), timedelta(minutes=3), timedelta(hours=73), timedelta(days=30)])


def _tiny(before, after, wait=timedelta(0), *edits):
    return difference(compile_framework(tiny(*edits), "0" * 64), before, NOW, after, NOW + wait)


@st.composite
def reweighed(draw):
    """Give the answers and moment of an advice, and those of a later one with a few answers changed."""
    before = draw(answer_paths(COMPILED))
    changed = draw(st.lists(st.sampled_from(FRAMEWORK.questions), max_size=4, unique_by=lambda one: one.id))
    drawn = {**before, **{question.id: draw(values(question)) for question in changed}}
    after = effective_answers(COMPILED, {one.id: drawn[one.id] for one in FRAMEWORK.questions if one.id in drawn})
    return before, NOW, after, NOW + draw(waits)


# --- what changed ----------------------------------------------------------------------


def test_a_grade_and_its_reason_come_by_the_answer_that_was_changed():
    found = _tiny(BEGIN, {**BEGIN, "kinds": ("health",)})
    by = Causes(("kinds",))
    assert found.answers == (AnswerChange("kinds", ("none",), ("health",)),)
    (step,) = found.steps
    assert (step.step, step.old.grade, step.new.grade, step.grade) == ("report", "low", "high", by)
    assert [(one.reason.rule, one.came, one.causes) for one in step.reasons] == [("R1", True, by)]
    assert (step.decider, step.done) == (by, None)


def test_a_reason_that_went_is_named_with_its_answer():
    found = _tiny({**BEGIN, "kinds": ("health",)}, BEGIN)
    (step,) = found.steps
    assert [(one.reason.rule, one.came) for one in step.reasons] == [("R1", False)]


def test_what_only_time_changed_has_the_passing_of_time_as_its_cause():
    found = _tiny({**BEGIN, "kinds": ("names",)}, {**BEGIN, "kinds": ("names",)}, timedelta(hours=72))
    assert found.answers == ()
    (step,) = found.steps
    assert step.grade == step.decider == Causes(time=True)


def test_an_answer_that_lapsed_is_put_back_with_the_one_that_closed_its_question():
    found = _tiny({**BEGIN, "kinds": ("health",), "remark": "x"}, {"involved": "myself", "since": SINCE})
    assert [(one.question, one.new) for one in found.answers] == [
        ("involved", "myself"), ("kinds", None), ("remark", None),
    ]  # fmt: skip
    assert [(one.step, one.grade) for one in found.steps] == [("report", Causes(("involved",))), ("wait", None)]
    assert [(one.stop, one.came, one.causes) for one in found.stops] == [("S1", True, Causes(("involved",)))]


def test_an_answer_that_was_newly_asked_is_a_cause_with_the_one_that_opened_its_question():
    found = _tiny({"involved": "myself", "since": SINCE}, {**BEGIN, "kinds": ("health",)})
    assert found.answers[1] == AnswerChange("kinds", None, ("health",))
    assert found.steps[0].grade == Causes(("involved", "kinds"))


def test_a_step_that_was_done_meanwhile_changed():
    found = _tiny(BEGIN, {**BEGIN, "kinds": ("names",)})
    (step,) = found.steps
    assert (step.new.done, step.done, step.grade) == (True, Causes(("kinds",)), None)


_EITHER = ("{all: [{notion: SERIOUS}, {not: {question: kinds, only: [none]}}]}",
           "{any: [{question: since, unknown: true}, {question: kinds, has: [health]}]}")  # fmt: skip


def test_where_no_single_answer_undoes_it_all_changed_answers_that_the_rules_look_at_are_the_cause():
    after = {**BEGIN, "since": "onbekend", "kinds": ("health",), "review": "2026-12-01"}
    found = _tiny(BEGIN, after, timedelta(0), _EITHER)
    assert len(found.answers) == 3
    assert found.steps[0].grade == Causes(("since", "kinds"))
    assert found.steps[0].reasons[0].causes == Causes(("since", "kinds"))


_LATE = ("when: {all: [{notion: SERIOUS}, {not: {question: kinds, only: [none]}}]}", "when: {notion: SERIOUS}")


def test_an_answer_and_time_can_cause_a_change_together():
    found = _tiny(BEGIN, {**BEGIN, "kinds": ("health",)}, timedelta(days=4), _LATE)
    assert found.steps[0].grade == Causes(("kinds",), time=True)


_TERM = ("effect: {floor: high}", "effect: {deadline: T1}")


def test_terms_start_stop_and_end_at_another_moment():
    runs = {**BEGIN, "kinds": ("health",)}
    (started,) = _tiny(BEGIN, runs, timedelta(0), _TERM).terms
    assert (started.old, started.new.status, started.causes) == (None, "running", Causes(("kinds",)))
    (stopped,) = _tiny(runs, BEGIN, timedelta(0), _TERM).terms
    assert (stopped.old.status, stopped.new) == ("running", None)
    (moved,) = _tiny(runs, {**runs, "since": NOW.isoformat()}, timedelta(0), _TERM).terms
    assert moved.new.due - moved.old.due == timedelta(hours=10)
    assert moved.causes == Causes(("since",))
    (expired,) = _tiny(runs, runs, timedelta(days=4), _TERM).terms
    assert (expired.new.status, expired.causes) == ("expired", Causes(time=True))


def test_a_term_without_a_beginning_has_its_rules_for_a_cause():
    unbound = ("    starts_from: since\n    hours: 72\n", "")
    (started,) = _tiny(BEGIN, {**BEGIN, "kinds": ("health",)}, timedelta(0), _TERM, unbound).terms
    assert (started.new.status, started.causes) == ("no_date", Causes(("kinds",)))


@pytest.mark.parametrize(("before", "after", "allowed"), [("nobody", "myself", False), ("myself", "nobody", True)])
def test_whether_a_card_may_be_in_the_channel_changed(before, after, allowed):
    no_card = ("effect: {stop: S1, cap: low}", "effect: {no_card: true}")
    found = _tiny({"involved": before}, {"involved": after}, timedelta(0), no_card)
    assert found.card.allowed is allowed
    assert found.card.causes == Causes(("involved",))


def test_an_answer_without_effect_is_listed_and_nothing_changed():
    found = _tiny(BEGIN, {**BEGIN, "review": "2026-12-01"})
    assert [one.question for one in found.answers] == ["review"]
    assert found.is_empty


def test_of_the_newspaper_the_personal_data_started_a_term():
    after = {**NEWSPAPER, "persoonsgegevens": "ja_risico"}
    found = difference(COMPILED, NEWSPAPER, NOW, after, NOW)
    assert ("T_AP72", None, Causes(("persoonsgegevens",))) in [(one.id, one.old, one.causes) for one in found.terms]


# --- properties ------------------------------------------------------------------------


@several
@given(answers=answer_paths(COMPILED))
def test_equal_answers_and_moment_give_an_empty_difference(answers):
    found = difference(COMPILED, answers, NOW, dict(answers), NOW)
    assert found.is_empty
    assert found.answers == ()
    channel = weigh_for_channel(COMPILED, answers, NOW)
    assert channel_difference(channel, channel).is_empty


@several
@given(pair=reweighed())
def test_it_is_empty_only_where_the_advice_is_the_same(pair):
    before, then, after, now = pair
    old, new = weigh(COMPILED, before, then), weigh(COMPILED, after, now)
    found = difference(COMPILED, *pair)
    assert found.is_empty == (_seen(old) == _seen(new))
    assert {one.step for one in found.steps if one.grade} == {
        step for step in old.steps if old.steps[step].grade != new.steps[step].grade
    }


def _seen(advice):
    steps = {key: (one.grade, frozenset(one.rules), one.decider, one.done) for key, one in advice.steps.items()}
    return steps, set(advice.stops), dict(advice.deadlines), bool(advice.no_card_rules)


@several
@given(pair=reweighed())
def test_swapping_before_and_after_mirrors_it(pair):
    before, then, after, now = pair
    one, other = difference(COMPILED, *pair), difference(COMPILED, after, now, before, then)
    assert [(x.question, x.old, x.new) for x in one.answers] == [(x.question, x.new, x.old) for x in other.answers]
    assert [(x.old, x.new) for x in one.steps] == [(x.new, x.old) for x in other.steps]
    assert [(x.stop, x.came) for x in one.stops] == [(x.stop, not x.came) for x in other.stops]
    assert {(x.id, x.old, x.new) for x in one.terms} == {(x.id, x.new, x.old) for x in other.terms}
    assert (one.card and one.card.allowed) == (other.card and not other.card.allowed)
    for here, there in zip(one.steps, other.steps, strict=True):
        assert {(x.reason.rule, x.came) for x in here.reasons} == {(x.reason.rule, not x.came) for x in there.reasons}


def _changes(found):
    """Give how each change is read from an advice, and its causes."""
    for step in found.steps:
        for part in [part for part in ("grade", "decider", "done") if getattr(step, part)]:
            yield (lambda advice, id_=step.step, part=part: getattr(advice.steps[id_], part)), getattr(step, part)
        for one in step.reasons:
            yield (lambda advice, id_=step.step, rule=one.reason.rule: rule in advice.steps[id_].rules), one.causes
    for one in found.stops:
        yield (lambda advice, stop=one.stop: stop in advice.stops), one.causes
    for one in found.terms:
        yield (lambda advice, term=one.id: advice.deadlines.get(term)), one.causes
    if found.card:
        yield (lambda advice: not advice.no_card_rules), found.card.causes


@several
@given(pair=reweighed())
def test_every_change_has_a_cause_and_putting_back_all_causes_removes_the_change(pair):
    before, then, after, now = pair
    found, tried = difference(COMPILED, *pair), trials(COMPILED, before, then, after, now)
    changed = {one.question for one in found.answers}
    for read, causes in _changes(found):
        assert causes.questions or causes.time
        assert changed.issuperset(causes.questions)
        assert not causes.time or then != now
        assert read(tried.put_back(causes)) == read(tried.old) != read(tried.new)


@several
@given(pair=reweighed(), others=answer_paths(COMPILED), again=answer_paths(COMPILED))
def test_cases_that_differ_only_in_sensitive_answers_give_the_same_channel_form(pair, others, again):
    before, then, after, now = pair
    old, new = _swapped(before, others), _swapped(after, again)
    for mine, theirs in ((before, old), (after, new)):
        # Answers that lapse with a sensitive one are no difference in sensitive answers alone.
        if set(effective_answers(COMPILED, theirs)) - SENSITIVE != set(mine) - SENSITIVE:
            return
    one = channel_difference(weigh_for_channel(COMPILED, before, then), weigh_for_channel(COMPILED, after, now))
    other = channel_difference(weigh_for_channel(COMPILED, old, then), weigh_for_channel(COMPILED, new, now))
    assert repr(one) == repr(other)


def _swapped(answers, others):
    kept = {key: value for key, value in answers.items() if key not in SENSITIVE}
    kept |= {key: value for key, value in others.items() if key in SENSITIVE}
    return {question.id: kept[question.id] for question in FRAMEWORK.questions if question.id in kept}


@several
@given(pair=reweighed())
def test_the_channel_form_holds_the_steps_and_terms_that_its_cards_show_otherwise(pair):
    before, then, after, now = pair
    old, new = weigh_for_channel(COMPILED, before, then), weigh_for_channel(COMPILED, after, now)
    found = channel_difference(old, new)
    assert {one.step for _, one in found.steps} >= {
        step for step in new.steps if old.steps[step].grade != new.steps[step].grade
    }
    assert {term for term, _, _ in found.terms} >= set(old.deadlines) ^ set(new.deadlines)
    if found.is_empty:
        assert (old.steps, old.stops, old.unknown) == (new.steps, new.stops, new.unknown)
