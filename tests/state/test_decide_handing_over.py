"""The decisions on handing over: who must, who may, and what the next assessor gets."""

import pytest

from state import commands as do
from state.compiled import CompiledFramework
from state.errors import (
    CommandRefused,
    ConflictOfInterest,
    HandOverNeeded,
    HandOverReasonMissing,
    NoCardAllowed,
    NotPermitted,
    ReopenReasonMissing,
)
from state.events import (
    BOT,
    Actor,
    AdviceGiven,
    AnswersLapsed,
    CaseAccepted,
    CaseFinished,
    CaseOffered,
    CaseReopened,
    OfferEnded,
    QuestionAsked,
)
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK, NOW

BERT = Actor("33333333-3333-4333-8333-333333333339", "Bert Mol", "directeur", "assessor")
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
    with pytest.raises(ConflictOfInterest):
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


def test_a_case_with_a_card_is_handed_over_with_a_reason_alone(weighed: Casework) -> None:
    for reason in ("", "  \n "):
        with pytest.raises(HandOverReasonMissing):
            weighed.do(do.OfferCase(DIRK, reason))
    assert weighed.do(do.OfferCase(DIRK, " met verlof ")) == [CaseOffered(DIRK, "handed", "met verlof")]
    accepted, lapsed, asked = weighed.do(do.AcceptCase(), DIRK)
    assert accepted == CaseAccepted(involved=False)
    assert lapsed == AnswersLapsed(("eigen_betrokkenheid",))
    assert isinstance(asked, QuestionAsked)
    assert (weighed.case.assessor, weighed.case.former, weighed.case.involved) == (DIRK, {BRAM.id}, frozenset())


@pytest.mark.parametrize("phase", ["asking", "weighing", "posted"])
def test_a_case_is_handed_over_from_every_phase_in_which_nothing_is_under_way(work: Casework, phase: str) -> None:
    _until(work, phase)
    assert work.case.phase == phase
    work.do(do.OfferCase(DIRK, "met verlof"))
    work.do(do.EndOffer())
    assert work.case.phase == ("asking" if phase == "asking" else "weighing")
    assert (work.case.posted is not None) == (phase == "posted")


@pytest.mark.parametrize("phase", ["posting", "finished"])
def test_a_case_is_not_handed_over_while_its_card_is_under_way_or_when_it_is_closed(work: Casework, phase: str) -> None:
    _until(work, phase)
    with pytest.raises(CommandRefused):
        work.do(do.OfferCase(DIRK, "met verlof"))
    with pytest.raises(CommandRefused):
        work.do(do.RelieveCase(DIRK, "ziek"), ANJA)


def test_an_exercise_stays_with_who_began_it(framework: CompiledFramework) -> None:
    work = Casework(framework, BRAM, NOW)
    work.do(do.OpenCase("OEFEN-2026-0042", "nl"))
    with pytest.raises(CommandRefused):
        work.do(do.OfferCase(DIRK, "met verlof"))
    with pytest.raises(NotPermitted):
        work.do(do.RelieveCase(DIRK, "ziek"), ANJA)


EVERY_COMMAND = (
    do.GiveAnswer("eigen_betrokkenheid", "nee"),
    do.SkipQuestion("spoed"),
    do.GoBack(),
    do.ChangeAnswer("oorzaak"),
    do.ShowAgain(),
    do.Deviate("gesprek", "niet_aan_de_orde", "zo"),
    do.ChooseSubject("veiligheid"),
    do.PreviewCard("{}"),
    do.PostCard(1),
    do.WithdrawCard("zo"),
    do.DecidePrivately(0, {}),
    do.MeetTerm("herbezien"),
    do.KeepWords("council", "tekst"),
    do.OfferCase(ANJA, "terug"),
    do.EndOffer(),
    do.EndOffer(of_others=True),
    do.AcceptCase(),
    do.RelieveCase(ANJA, "terug"),
    do.ReopenCase("terug"),
    do.ReopenCase("terug", of_others=True),
    do.PauseCase(),
    do.FinishCase(),
    do.StopCase(),
)


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("giver", [BRAM, ANJA], ids=["assessor", "decider"])
def test_who_handed_a_case_over_can_do_nothing_in_it_any_more(
    framework: CompiledFramework, giver: Actor, command: do.Command
) -> None:
    work = Casework(framework, giver, NOW).open().answer(NEWSPAPER)
    work.do(do.OfferCase(DIRK, "met verlof"))
    work.do(do.AcceptCase(), DIRK)
    with pytest.raises(NotPermitted):
        work.do(command)


# --- when the assessor is ill ----------------------------------------------------------


def test_a_decider_offers_the_case_of_an_assessor_who_cannot_go_on(weighed: Casework) -> None:
    with pytest.raises(HandOverReasonMissing):
        weighed.do(do.RelieveCase(DIRK, " "), ANJA)
    assert weighed.do(do.RelieveCase(ANJA, "ziek"), ANJA) == [CaseOffered(ANJA, "relieved", "ziek")]
    assert (weighed.case.assessor, weighed.case.offered_by) == (BRAM, ANJA)
    with pytest.raises(NotPermitted):
        weighed.do(do.GiveAnswer("spoed", "ja"), ANJA)
    accepted, *_ = weighed.do(do.AcceptCase(), ANJA)
    assert accepted == CaseAccepted(involved=False)
    assert weighed.case.former == {BRAM.id}


def test_the_holder_takes_such_an_offer_back_until_it_is_accepted(weighed: Casework) -> None:
    weighed.do(do.RelieveCase(DIRK, "ziek"), ANJA)
    ended, *_ = weighed.do(do.EndOffer())
    assert ended == OfferEnded(declined=False)
    weighed.do(do.RelieveCase(DIRK, "ziek"), ANJA)
    weighed.do(do.AcceptCase(), DIRK)
    with pytest.raises(NotPermitted):
        weighed.do(do.EndOffer())


@pytest.mark.parametrize("offer", [do.RelieveCase(BERT, "ziek"), do.OfferCase(BERT, "met verlof")], ids=["ill", "own"])
def test_any_decider_takes_back_an_offer_that_nobody_answers(weighed: Casework, offer: do.Command) -> None:
    weighed.do(offer, ANJA if isinstance(offer, do.RelieveCase) else BRAM)
    ended, *_ = weighed.do(do.EndOffer(of_others=True), DIRK)
    assert ended == OfferEnded(declined=False)
    assert weighed.transcript[-2].actor == DIRK
    assert (weighed.case.assessor, weighed.case.offered_to, weighed.case.phase) == (BRAM, None, "weighing")
    with pytest.raises(NotPermitted):
        weighed.do(do.AcceptCase(), BERT)
    weighed.do(do.RelieveCase(ANJA, "nog steeds ziek"), DIRK)


def test_the_offer_of_an_involved_holder_is_taken_back_and_asks_them_nothing(work: Casework) -> None:
    work.do(do.GiveAnswer("eigen_betrokkenheid", "ja_ikzelf"))
    work.do(do.OfferCase(DIRK))
    assert work.do(do.EndOffer(of_others=True), ANJA) == [OfferEnded(declined=False)]
    work.do(do.RelieveCase(ANJA, "hij antwoordt niet"), ANJA)


def test_nobody_else_takes_an_offer_back_and_nothing_that_is_not_offered(weighed: Casework) -> None:
    with pytest.raises(CommandRefused):
        weighed.do(do.EndOffer(of_others=True), DIRK)
    weighed.do(do.RelieveCase(DIRK, "ziek"), ANJA)
    # Its holder and its receiver end it as what they are.
    for other in (BERT, BRAM, DIRK, Actor("x", "Cas", "lid", "cmt")):
        with pytest.raises(NotPermitted):
            weighed.do(do.EndOffer(of_others=True), other)


def test_only_a_decider_who_has_no_part_in_the_case_relieves(weighed: Casework) -> None:
    for other in (BERT, BRAM):
        with pytest.raises(NotPermitted):
            weighed.do(do.RelieveCase(DIRK, "ziek"), other)
    weighed.do(do.OfferCase(ANJA, "met verlof"))
    weighed.do(do.AcceptCase(), ANJA)
    weighed.do(do.GiveAnswer("eigen_betrokkenheid", "ja_ikzelf"), ANJA)
    weighed.do(do.OfferCase(DIRK), ANJA)
    weighed.do(do.AcceptCase(), DIRK)
    with pytest.raises(ConflictOfInterest):
        weighed.do(do.RelieveCase(ANJA, "ziek"), ANJA)


def test_such_a_case_goes_to_nobody_who_has_it_or_is_involved_and_without_a_card_to_a_decider(work: Casework) -> None:
    work.answer(REPORTER)
    for other in (BRAM, BERT):
        with pytest.raises(NotPermitted):
            work.do(do.RelieveCase(other, "ziek"), ANJA)
    work.do(do.RelieveCase(DIRK, "ziek"), ANJA)


# --- opened again ----------------------------------------------------------------------


@pytest.mark.parametrize(("who", "of_others"), [(BRAM, False), (ANJA, True)])
def test_a_closed_case_is_opened_again_with_a_reason(weighed: Casework, who: Actor, of_others: bool) -> None:
    with pytest.raises(CommandRefused):
        weighed.do(do.ReopenCase("nieuwe feiten", of_others), who)
    weighed.do(do.FinishCase())
    with pytest.raises(ReopenReasonMissing):
        weighed.do(do.ReopenCase(" ", of_others), who)
    reopened, advice = weighed.do(do.ReopenCase(" nieuwe feiten ", of_others), who)
    assert reopened == CaseReopened("nieuwe feiten")
    assert isinstance(advice, AdviceGiven)
    assert (weighed.case.phase, weighed.case.assessor) == ("weighing", BRAM)
    assert weighed.do(do.FinishCase()) == [CaseFinished()]


def test_a_weighing_that_was_broken_off_goes_on_where_it_was_left(work: Casework) -> None:
    work.do(do.GiveAnswer("eigen_betrokkenheid", "nee"))
    work.do(do.StopCase())
    _, asked = work.do(do.ReopenCase("toch niet klaar"))
    assert isinstance(asked, QuestionAsked)
    assert work.case.open_question == "spoed"


def test_nobody_else_opens_a_case_again(weighed: Casework) -> None:
    weighed.do(do.FinishCase())
    for who, of_others in ((BERT, False), (BERT, True), (BRAM, True), (ANJA, False)):
        with pytest.raises(NotPermitted):
            weighed.do(do.ReopenCase("nieuwe feiten", of_others), who)


def _until(work: Casework, phase: str) -> None:
    """Bring a case that was just opened into this phase."""
    if phase == "asking":
        return
    work.answer(NEWSPAPER)
    if phase in ("posting", "posted"):
        work.do(do.ChooseSubject("veiligheid"))
        work.do(do.PreviewCard("{}"))
        assert work.case.preview is not None
        work.do(do.PostCard(work.case.preview.seq))
    if phase == "posted":
        work.do(do.ConfirmPosted(1), BOT)
    if phase == "finished":
        work.do(do.FinishCase())


def test_a_case_is_not_offered_to_oneself(work: Casework) -> None:
    work.answer(REPORTER)
    with pytest.raises(NotPermitted):
        work.do(do.OfferCase(BRAM))


@pytest.mark.parametrize(("who", "declined"), [(BRAM, False), (ANJA, True)])
def test_an_offer_can_be_taken_back_and_declined(work: Casework, who: object, declined: bool) -> None:
    work.answer(REPORTER)
    work.do(do.OfferCase(ANJA))
    ended, advice = work.do(do.EndOffer(), who)
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
