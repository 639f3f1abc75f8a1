"""The decisions on handing over: who must, who may, and what the next assessor gets."""

import pytest

from state import commands as do
from state.errors import (
    CommandRefused,
    ConflictOfInterest,
    HandOverNeeded,
    NoCardAllowed,
    NotPermitted,
)
from state.events import (
    AdviceGiven,
    AnswersLapsed,
    CaseAccepted,
    CaseFinished,
    CaseOffered,
    OfferEnded,
    QuestionAsked,
)
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK

REPORTER = {**NEWSPAPER, "klokkenluider": "misstand_gemeld"}


def test_an_involved_assessor_must_hand_over_and_keeps_the_input(work: Casework) -> None:
    work.answer(NEWSPAPER)
    work.do(do.ChangeAnswer("eigen_betrokkenheid"))
    work.do(do.GiveAnswer("eigen_betrokkenheid", "ja_ikzelf"))
    for command in (do.FinishCase(), do.PreviewCard("{}"), do.StopCase(), do.GiveAnswer("spoed", "ja")):
        with pytest.raises(ConflictOfInterest):
            work.do(command)
    assert work.do(do.OfferCase(ANJA, "ik ben betrokken")) == [CaseOffered(ANJA, "involved", "ik ben betrokken")]
    assert work.case.assessor == BRAM
    accepted, lapsed, asked = work.do(do.AcceptCase(), ANJA)
    assert accepted == CaseAccepted(involved=True)
    assert lapsed == AnswersLapsed(("eigen_betrokkenheid",))
    assert isinstance(asked, QuestionAsked)
    assert asked.reason == "handed_over"
    assert work.case.assessor == ANJA
    assert work.case.answers["lek_status"] == "vastgesteld"
    with pytest.raises(NotPermitted):
        work.do(do.GiveAnswer("eigen_betrokkenheid", "nee"))


def test_no_card_is_posted_after_an_assessor_was_involved(work: Casework) -> None:
    work.do(do.GiveAnswer("eigen_betrokkenheid", "ja_ikzelf"))
    work.do(do.OfferCase(ANJA))
    work.do(do.AcceptCase(), ANJA)
    work.actor = ANJA
    work.answer(NEWSPAPER)
    work.do(do.ChooseSubject("veiligheid"))
    with pytest.raises(NoCardAllowed):
        work.do(do.PreviewCard("{}"))
    with pytest.raises(NotPermitted):
        work.do(do.OfferCase(BRAM))
    assert work.do(do.FinishCase()) == [CaseFinished()]


def test_a_case_with_a_possible_reporter_goes_to_a_decider(work: Casework) -> None:
    work.answer(REPORTER)
    with pytest.raises(NoCardAllowed):
        work.do(do.PreviewCard("{}"))
    with pytest.raises(HandOverNeeded):
        work.do(do.FinishCase())
    work.do(do.OfferCase(ANJA))
    accepted, advice = work.do(do.AcceptCase(), ANJA)
    assert accepted == CaseAccepted(involved=False)
    assert isinstance(advice, AdviceGiven)
    assert work.do(do.FinishCase(), ANJA) == [CaseFinished()]


def test_a_case_with_a_card_is_not_handed_over(weighed: Casework) -> None:
    with pytest.raises(CommandRefused):
        weighed.do(do.OfferCase(ANJA))


def test_a_case_is_not_offered_to_oneself(work: Casework) -> None:
    work.answer(REPORTER)
    with pytest.raises(NotPermitted):
        work.do(do.OfferCase(BRAM))


@pytest.mark.parametrize(("who", "declined"), [(BRAM, False), (ANJA, True)])
def test_an_offer_can_be_taken_back_and_declined(work: Casework, who: object, declined: bool) -> None:
    work.answer(REPORTER)
    work.do(do.OfferCase(ANJA))
    ended, advice = work.do(do.EndOffer(), who)  # type: ignore[arg-type]  # an actor
    assert ended == OfferEnded(declined)
    assert isinstance(advice, AdviceGiven)
    assert work.case.assessor == BRAM
    assert work.case.offered_to is None


def test_only_the_one_who_was_asked_accepts(work: Casework) -> None:
    work.answer(REPORTER)
    work.do(do.OfferCase(ANJA))
    for other in (BRAM, DIRK):
        with pytest.raises(NotPermitted):
            work.do(do.AcceptCase(), other)
