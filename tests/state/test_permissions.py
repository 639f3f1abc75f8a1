"""The table of who may what: places in a case, roles, the second of two persons, and one's own input."""

import pytest

from state import commands as do
from state.errors import ConflictOfInterest, NotPermitted
from state.events import BOT, Actor
from state.involvement import is_corrected, own_input
from state.permissions import (
    HOLDER,
    INVOLVED,
    OUTBOX,
    OUTSIDE,
    PERMITTED,
    RECEIVER,
    RECUSED,
    Action,
    Parts,
    action_of,
    check_permitted,
    may,
    may_confirm,
    parts_of,
    place_of,
)
from state.setting import Setting
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK

CONFLICT = "eigen_betrokkenheid"


def places(work: Casework) -> list[str]:
    """Give the places of Bram, Anja and Dirk."""
    parts = parts_of(work.case, work.framework)
    return [place_of(parts, person.id) for person in (BRAM, ANJA, DIRK)]


def test_a_case_goes_from_one_to_the_next(work: Casework) -> None:
    assert places(work) == [HOLDER, OUTSIDE, OUTSIDE]
    work.do(do.GiveAnswer(CONFLICT, "ja_ikzelf"))
    assert places(work) == [INVOLVED, OUTSIDE, OUTSIDE]
    work.do(do.OfferCase(ANJA))
    assert places(work) == [INVOLVED, RECEIVER, OUTSIDE]
    work.do(do.AcceptCase(), ANJA)
    # Who was involved stays out of it, whatever part they had.
    assert places(work) == [RECUSED, HOLDER, OUTSIDE]
    assert place_of(parts_of(work.case, work.framework), BOT.id) == OUTBOX


def test_who_was_involved_is_no_receiver_whatever_is_stored() -> None:
    assert place_of(Parts("a", "b", involved=frozenset({"b"})), "b") == RECUSED
    assert place_of(Parts("a", "b", former=frozenset({"b"})), "b") == RECEIVER


def test_a_command_about_the_question_of_involvement_is_a_correction(work: Casework) -> None:
    for command in (do.GiveAnswer(CONFLICT, "nee"), do.ChangeAnswer(CONFLICT), do.SkipQuestion(CONFLICT)):
        assert action_of(command, work.framework) is Action.CORRECT
    assert action_of(do.GiveAnswer("spoed", "ja"), work.framework) is Action.ANSWER


def test_every_command_is_an_action_of_the_table(work: Casework) -> None:
    commands = (do.OpenCase("IL-2026-0001", "nl"), do.GoBack(), do.AcceptCase(), do.ConfirmPosted(1), do.StopCase())
    assert {action_of(command, work.framework) for command in commands} <= set(PERMITTED) == set(Action)


@pytest.mark.parametrize(
    ("role", "place", "allowed"),
    [("assessor", HOLDER, True), ("auditor", HOLDER, False), ("decider", OUTSIDE, False), ("", HOLDER, False)],
)
def test_role_and_place_must_both_fit(role: str, place: str, allowed: bool) -> None:
    assert may(Action.SEE_ADVICE, {role}, place) == allowed


def test_who_is_involved_is_told_to_hand_over_and_others_nothing(work: Casework) -> None:
    work.do(do.GiveAnswer(CONFLICT, "ja_ikzelf"))
    for actor, refusal in ((BRAM, ConflictOfInterest), (ANJA, NotPermitted)):
        with pytest.raises(refusal):
            check_permitted(work.case, Action.SEE_ADVICE, Setting(actor, work.now, "nl", work.framework))


def test_the_second_of_two_is_another_and_had_no_part() -> None:
    parts, keeper = Parts("a", "", frozenset({"b"}), frozenset({"c"})), {"dossier_keeper"}
    allowed = {one for one in "abcdx" if may_confirm(Action.CONFIRM_DESTRUCTION, keeper, parts, "x", one)}
    assert allowed == {"d"}
    assert not may_confirm(Action.CONFIRM_DESTRUCTION, keeper, parts, "", "d")


# --- one's own input -------------------------------------------------------------------


def test_the_question_of_involvement_is_asked_again_when_it_is_corrected(work: Casework) -> None:
    work.do(do.GiveAnswer(CONFLICT, "ja_ikzelf"))
    assert not is_corrected(work.case, work.framework)
    work.do(do.ChangeAnswer(CONFLICT))
    assert is_corrected(work.case, work.framework)


def test_own_input_is_what_this_person_filled_in(work: Casework) -> None:
    work.answer(NEWSPAPER)
    work.do(do.ChangeAnswer(CONFLICT))
    work.do(do.GiveAnswer(CONFLICT, "ja_ikzelf"))
    work.do(do.OfferCase(ANJA))
    work.do(do.AcceptCase(), ANJA)
    work.do(do.GiveAnswer(CONFLICT, "ja_ikzelf", "bij mij ook"), ANJA)
    own = own_input(work.case, ANJA.id)
    assert own.answers == {CONFLICT: "ja_ikzelf"}
    assert own.notes == {CONFLICT: "bij mij ook"}
    assert not own.skipped
    assert CONFLICT not in own_input(work.case, BRAM.id).answers


def test_an_answer_that_stays_is_said_again(work: Casework) -> None:
    work.do(do.GiveAnswer(CONFLICT, "ja_ikzelf", "echt"))
    work.do(do.ChangeAnswer(CONFLICT))
    [again] = work.do(do.SkipQuestion(CONFLICT))
    assert (again.value, again.previous, again.note) == ("ja_ikzelf", "ja_ikzelf", "echt")
    assert work.case.open_question is None


def test_who_takes_over_must_still_be_able_to_conclude(work: Casework) -> None:
    work.answer({**NEWSPAPER, "klokkenluider": "misstand_gemeld"})
    work.do(do.OfferCase(ANJA))
    with pytest.raises(NotPermitted):
        work.do(do.AcceptCase(), Actor(ANJA.id, ANJA.name, ANJA.function, "assessor"))
