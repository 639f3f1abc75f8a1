"""Keeping a closed case: hold, and destruction by two persons who had no part in it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from state import commands as do
from state import keeping as keep
from state.errors import (
    AlreadyProposed,
    CommandRefused,
    HoldReasonMissing,
    NoSuchHold,
    NotDue,
    NothingProposed,
    OnHold,
    SecondPersonNeeded,
    TooEarly,
)
from state.keeping import Keeping, Proposal
from state.permissions import Action, Parts
from tests.casework import Casework
from tests.conftest import ANJA, BRAM, DIRK

CLOSED = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LATER = datetime(2031, 11, 25, 9, 0, tzinfo=UTC)
KEEPER = ("dossier_keeper",)
ELS, FLEUR = "els", "fleur"


def kept(**more) -> Keeping:
    settings = {"category": "21.1", "due": date(2031, 11, 25), "parts": Parts(holder=ANJA.id), **more}
    return Keeping("0" * 32, "IL-2026-0042", CLOSED - timedelta(days=2), CLOSED, **settings)


def proposed(**more) -> Keeping:
    return keep.propose(kept(**more), ELS, LATER)


def confirm(keeping, person=FLEUR, roles=KEEPER, proposer_roles=KEEPER, days=7):
    return keep.check_confirm(keeping, person, roles, proposer_roles, LATER + timedelta(days=days))


# --- from closing ----------------------------------------------------------------------


def test_a_case_that_closes_is_kept_from_that_moment_by_who_had_no_part_in_it(framework):
    work = Casework(framework, BRAM, CLOSED).open().answer({"eigen_betrokkenheid": "ja_ikzelf"})
    work.do(do.OfferCase(DIRK))
    work.do(do.AcceptCase(), DIRK)
    work.do(do.StopCase(), DIRK)
    found = keep.begin(work.case, framework, CLOSED)
    assert (found.number, found.category, found.due, found.version) == ("IL-2026-0042", "21.3", date(2027, 11, 25), 1)
    assert (found.parts.holder, found.parts.involved) == (DIRK.id, {BRAM.id})
    assert {person for person in (ANJA.id, BRAM.id, DIRK.id) if keep.may_keep(Action.READ, found, person, KEEPER)} == {
        ANJA.id
    }


def test_another_role_keeps_nothing():
    for role in ("assessor", "decider", "cmt", "framework_owner", "administrator", "auditor"):
        assert not keep.may_keep(Action.HOLD, kept(), ELS, (role,))


@pytest.mark.parametrize(
    ("now", "status"),
    [(LATER - timedelta(days=1), "until"), (LATER.replace(hour=0), "due"), (LATER + timedelta(days=900), "due")],
)
def test_a_dossier_is_due_from_its_day_on(now, status):
    assert keep.status_of(kept(), now) == status
    assert keep.status_of(proposed(), LATER) == "proposed"
    assert keep.is_due(kept(), now) == (status == "due")


def test_what_is_kept_for_good_is_never_due():
    forever = kept(category="4.1.4", due=None)
    assert keep.status_of(forever, LATER + timedelta(days=36_500)) == "for_good"
    with pytest.raises(NotDue):
        keep.propose(forever, ELS, LATER + timedelta(days=36_500))


# --- hold ------------------------------------------------------------------------------


def test_a_held_dossier_is_never_due_and_never_destroyed():
    held = keep.hold(kept(), ELS, LATER, "Woo-verzoek")
    assert (held.version, keep.status_of(held, LATER), keep.is_due(held, LATER)) == (2, "held", False)
    with pytest.raises(OnHold):
        keep.propose(held, ELS, LATER)
    free = keep.lift(held, 0, FLEUR, LATER, "Woo-verzoek afgehandeld")
    assert keep.is_due(free, LATER)
    assert (free.holds[0].reason, free.holds[0].lifted_by) == ("Woo-verzoek", FLEUR)


def test_a_hold_takes_a_proposal_off_the_table_for_good():
    held = keep.hold(proposed(), FLEUR, LATER, "bezwaar")
    with pytest.raises(OnHold):
        confirm(held)
    with pytest.raises(NothingProposed):
        confirm(keep.lift(held, 1, FLEUR, LATER, "ingetrokken"))


def test_each_hold_is_lifted_by_itself():
    held = keep.hold(keep.hold(kept(), ELS, LATER, "Woo-verzoek"), ELS, LATER, "bezwaar")
    for wrong in (0, 3):
        with pytest.raises(NoSuchHold):
            keep.lift(held, wrong, ELS, LATER, "klaar")
    rest = keep.lift(held, 1, ELS, LATER, "klaar")
    assert [hold.reason for hold in rest.held] == ["bezwaar"]
    with pytest.raises(OnHold):
        keep.propose(rest, ELS, LATER)
    with pytest.raises(NoSuchHold):
        keep.lift(keep.lift(rest, 1, ELS, LATER, "klaar"), 1, ELS, LATER, "klaar")


def test_two_holds_that_look_the_same_are_two():
    held = keep.hold(keep.hold(kept(), ELS, LATER, "bezwaar"), ELS, LATER, "bezwaar")
    assert len(keep.lift(held, 2, ELS, LATER, "klaar").held) == 1


def test_hold_and_lifting_need_a_reason():
    with pytest.raises(HoldReasonMissing):
        keep.hold(kept(), ELS, LATER, "")
    with pytest.raises(HoldReasonMissing):
        keep.lift(keep.hold(kept(), ELS, LATER, "bezwaar"), 0, ELS, LATER, "")


# --- opened again ----------------------------------------------------------------------


def test_a_case_that_is_open_again_is_never_due_and_never_destroyed():
    again = keep.reopen(proposed(), LATER)
    assert (again.version, again.proposal, again.reopened_at) == (3, None, LATER)
    much_later = LATER + timedelta(days=900)
    assert not keep.is_due(again, much_later)
    with pytest.raises(NotDue):
        keep.propose(again, ELS, much_later)
    with pytest.raises(NotDue):
        confirm(again)


def test_a_proposal_from_before_it_was_opened_again_cannot_be_confirmed_after_the_next_closing():
    fresh = kept(category="12.2", due=date(2026, 11, 25))
    closed = keep.close_again(keep.reopen(proposed(), LATER), fresh)
    assert keep.is_due(closed, LATER)
    with pytest.raises(NothingProposed):
        confirm(closed)


def test_holds_outlive_opening_again_and_the_next_closing():
    held = keep.reopen(keep.hold(keep.hold(kept(), ELS, LATER, "Woo-verzoek"), FLEUR, LATER, "bezwaar"), LATER)
    fresh = kept(category="19.1.8", due=date(2046, 11, 25), parts=Parts(holder=BRAM.id, former=frozenset({ANJA.id})))
    closed = keep.close_again(held, fresh)
    assert [hold.reason for hold in closed.held] == ["Woo-verzoek", "bezwaar"]
    assert (closed.category, closed.due, closed.parts) == (fresh.category, fresh.due, fresh.parts)
    assert (closed.version, closed.reopened_at, keep.status_of(closed, LATER)) == (5, None, "held")


def test_what_was_kept_before_cases_could_be_opened_again_is_read():
    fields = keep.to_json(kept())
    assert keep.to_keeping(fields) == kept()
    del fields["reopened_at"]
    assert keep.to_keeping(fields) == kept()
    again = keep.reopen(kept(), LATER)
    assert keep.to_keeping(keep.to_json(again)) == again


# --- two persons -----------------------------------------------------------------------


def test_a_second_keeper_confirms_after_seven_days():
    proposal = confirm(proposed())
    assert proposal == Proposal(ELS, LATER)
    now = LATER + timedelta(days=7)
    found = keep.certify(proposed(), proposal, 41, "f" * 64, now)
    assert (found.number, found.category, found.ground) == ("IL-2026-0042", "21.1", "Adviseren: verstrekt")
    assert (found.events, found.link, found.destroyed_at, found.proposed_at) == (41, "f" * 64, now, LATER)
    assert (found.proposed_as, found.confirmed_as) == ("dossier_keeper", "dossier_keeper")


@pytest.mark.parametrize("days", [0, 3, 6.99])
def test_seven_days_must_pass_first(days):
    with pytest.raises(TooEarly):
        confirm(proposed(), days=days)


@pytest.mark.parametrize("days", [30, 31, 400])
def test_a_proposal_lapses_after_thirty_days(days):
    with pytest.raises(NothingProposed):
        confirm(proposed(), days=days)
    again = keep.propose(proposed(), FLEUR, LATER + timedelta(days=days))
    assert again.proposal == Proposal(FLEUR, LATER + timedelta(days=days))


@pytest.mark.parametrize(
    ("person", "roles"),
    [
        (ELS, KEEPER),
        (ANJA.id, (*KEEPER, "decider")),
        ("former", KEEPER),
        ("involved", KEEPER),
        (FLEUR, ("assessor", "decider", "cmt", "administrator", "auditor", "framework_owner")),
        (FLEUR, ()),
    ],
)
def test_only_another_keeper_without_a_part_in_the_case_confirms(person, roles):
    parts = Parts(ANJA.id, former=frozenset({"former"}), involved=frozenset({"involved"}))
    with pytest.raises(SecondPersonNeeded):
        confirm(proposed(parts=parts), person, roles)


def test_who_proposed_must_still_be_a_keeper():
    with pytest.raises(NothingProposed):
        confirm(proposed(), proposer_roles=("assessor",))


def test_a_proposal_can_be_withdrawn_and_is_made_once():
    with pytest.raises(AlreadyProposed):
        keep.propose(proposed(), FLEUR, LATER)
    free = keep.withdraw(proposed(), LATER)
    with pytest.raises(NothingProposed):
        confirm(free)
    with pytest.raises(NothingProposed):
        keep.withdraw(free, LATER)
    with pytest.raises(NothingProposed):
        keep.withdraw(proposed(), LATER + timedelta(days=30))


def test_nothing_is_destroyed_before_its_term():
    early = replace(kept(), proposal=Proposal(ELS, LATER - timedelta(days=8)))
    with pytest.raises(NotDue):
        keep.check_confirm(early, FLEUR, KEEPER, KEEPER, LATER - timedelta(days=1))
    with pytest.raises(NotDue):
        keep.propose(kept(), ELS, LATER - timedelta(days=1))
    with pytest.raises(CommandRefused):
        keep.certify(kept(due=None), Proposal(ELS, LATER), 1, "", LATER)


# --- as JSON ---------------------------------------------------------------------------


def test_a_keeping_and_a_certificate_come_back_from_json_as_they_were():
    parts = Parts(ANJA.id, "", frozenset({"b", "a"}), frozenset({"c"}))
    held = keep.hold(keep.hold(proposed(parts=parts), ELS, LATER, "één"), FLEUR, LATER, "twee")
    for one in (kept(), kept(category="4.1.4", due=None), proposed(), keep.lift(held, 1, ELS, LATER, "klaar")):
        assert keep.to_keeping(json.loads(json.dumps(keep.to_json(one)))) == one
    certificate = keep.certify(proposed(), Proposal(ELS, LATER), 7, "a" * 64, LATER)
    assert keep.to_certificate(json.loads(json.dumps(keep.to_json(certificate)))) == certificate


def test_a_certificate_has_nobodys_name_and_no_reason():
    held = keep.lift(keep.hold(kept(), ELS, LATER, "Zwartewaterkade"), 0, ELS, LATER, "Zonnebloem")
    text = json.dumps(keep.to_json(keep.certify(held, Proposal(ELS, LATER), 7, "a" * 64, LATER)))
    for word in (ELS, FLEUR, ANJA.id, "Zwartewaterkade", "Zonnebloem"):
        assert f'"{word}"' not in text
