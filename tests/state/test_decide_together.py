"""The decisions of the CMT on each step: on the card and in private, by whom, on which card, and deviating."""

from dataclasses import replace
from datetime import timedelta

import pytest

from state import commands as do
from state import lifecycle
from state.compiled import CompiledFramework
from state.decide_together import steps_of_advice, steps_on_card, terms_on_card
from state.duties import deviates, duties_of, is_legal
from state.errors import (
    CardAbsent,
    CardOutdated,
    CaseClosed,
    CommandRefused,
    DecidedMeanwhile,
    DecisionReasonMissing,
    NothingDecided,
    NotPermitted,
    VouchNeeded,
)
from state.events import BOT, REVIEW, Actor, DecisionRecorded, StepDecision
from state.setting import Setting
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK
from tests.state.together import DUTY, HIDDEN, LATER, MIEKE, NO, OPEN, STRONG, WEAK, YES, decide, privately, refused

# --- recording -------------------------------------------------------------------------


def test_a_decision_is_kept_with_what_was_indicated_and_who_is_competent(posted: Casework) -> None:
    [event] = posted.do(do.RecordDecision(1, 0, {STRONG: YES, OPEN: do.Choice("no", " Nu niet. ")}, "2026-12-07"), ANJA)
    competent = "Gemeentesecretaris (CMT adviseert)"
    assert event == DecisionRecorded(
        version=1,
        round=1,
        decisions=(
            StepDecision(STRONG, "lvh", "yes", competent),
            StepDecision(OPEN, "to", "no", competent, reason="Nu niet."),
        ),
        review="2026-12-07",
    )
    made = posted.case.decisions[STRONG]
    assert (made.decided, made.by, made.at, made.version, made.vouched) == ("yes", ANJA, posted.now, 1, False)
    assert (posted.case.round, posted.case.review, posted.case.phase) == (1, "2026-12-07", lifecycle.POSTED)


def test_who_is_competent_is_said_in_the_language_of_who_records(posted: Casework) -> None:
    posted.language = "en"
    [event] = posted.do(decide(**{STRONG: YES}), ANJA)
    assert isinstance(event, DecisionRecorded)
    assert "Municipal secretary" in event.decisions[0].competent


@pytest.mark.parametrize(
    ("step", "decided", "is_deviating"),
    [
        (STRONG, "yes", False),
        (STRONG, "later", False),
        (STRONG, "no", True),
        (DUTY, "yes", False),
        (DUTY, "later", True),
        (DUTY, "no", True),
        (OPEN, "yes", False),
        (OPEN, "no", False),
        (OPEN, "later", False),
        (WEAK, "yes", True),
        (WEAK, "later", False),
        (WEAK, "no", False),
    ],
)
def test_deviating_needs_a_reason(posted: Casework, step: str, decided: str, is_deviating: bool) -> None:
    if is_deviating:
        refusal = refused(posted, decide(**{step: do.Choice(decided, "  \n")}), ANJA, DecisionReasonMissing)
        assert isinstance(refusal, DecisionReasonMissing)
        assert refusal.steps == (step,)
    [event] = posted.do(decide(**{step: do.Choice(decided, "Daarom." if is_deviating else "")}), ANJA)
    assert isinstance(event, DecisionRecorded)
    assert [one.deviates for one in event.decisions] == [is_deviating]


def test_every_step_that_lacks_its_reason_is_named_at_once(posted: Casework) -> None:
    choices = {WEAK: YES, STRONG: NO, OPEN: NO, DUTY: do.Choice("later", "De raad is met reces.")}
    refusal = refused(posted, do.RecordDecision(1, 0, choices), ANJA, DecisionReasonMissing)
    assert isinstance(refusal, DecisionReasonMissing)
    assert set(refusal.steps) == {WEAK, STRONG}


def test_a_legal_duty_ends_when_the_step_was_taken(posted: Casework) -> None:
    compiled = posted.framework
    step = steps_on_card(posted.case, Setting(ANJA, posted.now, "nl", compiled))[DUTY]
    assert [term.id for term in duties_of(compiled.framework, step)] == ["T_RAAD"]
    assert not list(duties_of(compiled.framework, replace(step, done=True)))
    assert not deviates(compiled.framework, replace(step, done=True), "later")


def test_only_a_term_of_the_law_is_a_duty(framework: CompiledFramework) -> None:
    terms = framework.framework.deadline_by_id
    assert is_legal(framework.framework, terms["T_AP72"])
    assert not is_legal(framework.framework, terms["T_LOG"])
    assert not is_legal(framework.framework, terms["T_AP72"].model_copy(update={"basis": "K1"}))


@pytest.mark.parametrize(
    "command",
    [
        decide(**{HIDDEN: NO}),
        decide(wie_het_was=YES),
        decide(**{STRONG: do.Choice("misschien")}),
        do.RecordDecision(1, 0, {STRONG: YES}, "morgen"),
        do.RecordDecision(1, 0, {STRONG: YES}, "20261207"),
    ],
    ids=["not on the card", "no step", "no decision", "no day", "a day in another form"],
)
def test_what_no_card_offers_is_refused(posted: Casework, command: do.Command) -> None:
    refused(posted, command, ANJA, CommandRefused)


def test_nothing_new_is_no_decision(posted: Casework) -> None:
    refused(posted, decide(), ANJA, NothingDecided)
    posted.do(do.RecordDecision(1, 0, {STRONG: YES}, "2026-12-07"), ANJA)
    refused(posted, do.RecordDecision(1, 1, {STRONG: YES}, "2026-12-07"), ANJA, NothingDecided)


def test_of_many_steps_only_what_is_new_is_recorded(posted: Casework) -> None:
    posted.do(decide(**{STRONG: YES, OPEN: NO}), ANJA)
    [event] = posted.do(decide(1, **{STRONG: YES, OPEN: LATER}), DIRK)
    assert isinstance(event, DecisionRecorded)
    assert [(one.step, one.decided) for one in event.decisions] == [(OPEN, "later")]
    assert {step: one.by for step, one in posted.case.decisions.items()} == {STRONG: ANJA, OPEN: DIRK}


def test_another_reason_alone_is_new(posted: Casework) -> None:
    posted.do(decide(**{STRONG: do.Choice("no", "Daarom.")}), ANJA)
    posted.do(decide(1, **{STRONG: do.Choice("no", "Om een andere reden.")}), ANJA)
    assert (posted.case.round, posted.case.decisions[STRONG].reason) == (2, "Om een andere reden.")


def test_a_new_day_of_review_alone_is_a_decision_and_begins_that_term_anew(posted: Casework) -> None:
    posted.do(do.OweReminder(REVIEW, 1, "2026-12-07"), BOT)
    posted.do(do.MeetTerm(REVIEW))
    posted.do(do.RecordDecision(1, 0, {}, "2027-01-11"), ANJA)
    assert (posted.case.review, posted.case.round) == ("2027-01-11", 1)
    assert REVIEW not in posted.case.met
    assert REVIEW not in posted.case.reminded


# --- who records -----------------------------------------------------------------------


@pytest.mark.parametrize("who", [BRAM, MIEKE], ids=["assessor", "cmt"])
def test_who_is_no_decider_says_that_the_competent_ones_decided(posted: Casework, who: Actor) -> None:
    refused(posted, decide(**{STRONG: YES}), who, VouchNeeded)
    [event] = posted.do(do.RecordDecision(1, 0, {STRONG: YES}, vouched=True), who)
    assert isinstance(event, DecisionRecorded)
    assert event.vouched
    assert posted.case.decisions[STRONG].vouched


def test_a_decider_vouches_for_nobody(posted: Casework) -> None:
    [event] = posted.do(do.RecordDecision(1, 0, {STRONG: YES}, vouched=True), ANJA)
    assert isinstance(event, DecisionRecorded)
    assert not event.vouched


@pytest.mark.parametrize("role", ["dossier_keeper", "framework_owner", "administrator", "auditor", ""])
def test_other_roles_do_nothing_on_the_card(posted: Casework, role: str) -> None:
    who = Actor("9", "Iemand", "functie", role)
    for command in (decide(**{STRONG: YES}), do.Dissent(1, "Nee."), do.SayInvolved(1), do.MeetTerm("T_RAAD")):
        refused(posted, command, who, NotPermitted)


def test_whoever_had_or_is_offered_the_case_may_decide_on_the_card(posted: Casework) -> None:
    posted.do(do.OfferCase(DIRK, "Vakantie."))
    posted.do(decide(**{STRONG: YES}), DIRK)
    posted.do(do.AcceptCase(), DIRK)
    posted.do(do.RecordDecision(1, 1, {STRONG: LATER}, vouched=True), BRAM)
    assert posted.case.decisions[STRONG].by == BRAM


# --- which card ------------------------------------------------------------------------


def test_fifty_at_once_make_one_decision(posted: Casework) -> None:
    outcomes = []
    for number in range(50):
        who = Actor(f"lid-{number}", f"Lid {number}", "directeur", ("decider", "cmt", "assessor")[number % 3])
        try:
            posted.do(do.RecordDecision(1, 0, {STRONG: (YES, LATER)[number % 2]}, vouched=True), who)
            outcomes.append("decided")
        except DecidedMeanwhile as refusal:
            outcomes.append(refusal.code)
    assert outcomes == ["decided", *["decided_meanwhile"] * 49]
    assert posted.case.round == 1
    assert posted.case.decisions[STRONG].by.id == "lid-0"


def test_an_older_version_of_the_card_decides_nothing(posted: Casework) -> None:
    posted.do(do.ChangeAnswer("schade"))
    posted.do(do.GiveAnswer("schade", "groot"))
    posted.do(decide(**{STRONG: YES}), ANJA)
    posted.do(do.PreviewCard('{"v":2}'))
    posted.do(do.PostCard(posted.case.version))
    # The new one is on its way: the old one counts until it stands.
    posted.do(decide(1, **{STRONG: LATER}), ANJA)
    posted.do(do.ConfirmPosted(2), BOT)
    for command in (decide(2, **{STRONG: YES}), do.Dissent(1, "Nee."), do.SayInvolved(1)):
        refused(posted, command, ANJA, CardOutdated)
    posted.do(decide(2, version=2, **{STRONG: YES}), ANJA)
    assert posted.case.decisions[STRONG].version == 2


def test_a_decision_is_on_the_card_as_it_stands_and_not_on_what_was_answered_since(posted: Casework) -> None:
    setting = Setting(ANJA, posted.now, "nl", posted.framework)
    before = steps_on_card(posted.case, setting), steps_of_advice(posted.case, setting)
    posted.do(do.ChangeAnswer("schade"))
    posted.do(do.GiveAnswer("schade", "groot"))
    assert steps_on_card(posted.case, setting) == before[0]
    assert steps_of_advice(posted.case, setting) != before[1]


def test_without_a_card_there_is_nothing_to_press(weighed: Casework) -> None:
    setting = Setting(ANJA, weighed.now, "nl", weighed.framework)
    assert (steps_on_card(weighed.case, setting), terms_on_card(weighed.case, setting)) == ({}, ())
    for command in (decide(**{STRONG: YES}), do.Dissent(1, "Nee."), do.SayInvolved(1)):
        refused(weighed, command, ANJA, CardAbsent)


def test_a_closed_case_is_not_decided_on(posted: Casework) -> None:
    posted.do(do.FinishCase())
    for command in (decide(**{STRONG: YES}), do.Dissent(1, "Nee."), do.SayInvolved(1)):
        refused(posted, command, ANJA, CaseClosed)


def test_the_strongest_grade_comes_first(posted: Casework) -> None:
    setting = Setting(ANJA, posted.now, "nl", posted.framework)
    rank = posted.framework.framework.rank_of
    for steps in (steps_on_card(posted.case, setting), steps_of_advice(posted.case, setting)):
        ranks = [rank[step.grade] for step in steps.values()]
        assert ranks == sorted(ranks, reverse=True)
        assert 0 not in ranks
    assert steps_on_card(posted.case, setting).keys() < steps_of_advice(posted.case, setting).keys()


# --- decisions in private --------------------------------------------------------------


def test_a_decider_who_holds_the_case_decides_on_every_step(weighed: Casework) -> None:
    privately(weighed)
    [event] = weighed.do(do.DecidePrivately(0, {HIDDEN: YES, STRONG: YES}, "2026-12-07"))
    assert isinstance(event, DecisionRecorded)
    assert (event.version, event.round, event.vouched) == (0, 1, False)
    assert {one.step for one in event.decisions} == {HIDDEN, STRONG}
    refused(weighed, do.DecidePrivately(0, {HIDDEN: NO}), ANJA, DecidedMeanwhile)
    refused(weighed, do.DecidePrivately(1, {WEAK: YES}), ANJA, DecisionReasonMissing)


def test_what_is_still_being_asked_is_not_decided_on(weighed: Casework) -> None:
    privately(weighed)
    weighed.do(do.ChangeAnswer("schade"))
    refused(weighed, do.DecidePrivately(0, {STRONG: YES}), ANJA, CommandRefused)


@pytest.mark.parametrize("who", [BRAM, DIRK], ids=["assessor", "decider outside"])
def test_nobody_else_decides_in_private(weighed: Casework, who: Actor) -> None:
    refused(weighed, do.DecidePrivately(0, {STRONG: YES}), who, NotPermitted)


def test_decisions_last_beyond_closing_and_beginning_again(posted: Casework) -> None:
    posted.do(decide(**{STRONG: YES}), ANJA)
    posted.do(do.FinishCase())
    posted.later(timedelta(days=3)).do(do.ReopenCase("Nieuwe feiten."))
    assert posted.case.decisions[STRONG].by == ANJA
    assert posted.case.round == 1
    assert NEWSPAPER.keys() <= posted.case.answers.keys()
