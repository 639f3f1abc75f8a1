"""Beside the decisions of the CMT: dissent, involvement, the card that is withdrawn, terms, and words for others."""

from dataclasses import replace

import pytest

from state import commands as do
from state import lifecycle
from state.errors import (
    CardAbsent,
    CommandRefused,
    ConflictOfInterest,
    DissentReasonMissing,
    NoCardAllowed,
    NoSuchTerm,
    NotPermitted,
    StaleCard,
    WithdrawReasonMissing,
    WordsChanged,
    WordsMissing,
)
from state.events import (
    BOT,
    REVIEW,
    AnswerGiven,
    CardGone,
    CardWithdrawn,
    CaseOffered,
    DissentRecorded,
    MemberInvolved,
    OfferEnded,
    ReminderOwed,
    TermMet,
    WordsKept,
)
from tests.casework import Casework
from tests.conftest import ANJA, BRAM, DIRK
from tests.state.together import CONFLICT, MIEKE, STRONG, YES, decide, kinds, post, privately, refused

# --- dissent ---------------------------------------------------------------------------


def test_a_dissent_is_kept_with_its_reason_and_moves_nothing(posted: Casework) -> None:
    refused(posted, do.Dissent(1, "  "), MIEKE, DissentReasonMissing)
    decided = posted.case.round, posted.case.decisions
    assert posted.do(do.Dissent(1, " Te vroeg. "), MIEKE) == [DissentRecorded(1, "Te vroeg.")]
    assert posted.transcript[-1].actor == MIEKE
    assert (posted.case.round, posted.case.decisions) == decided


def test_the_same_dissent_again_is_a_double_click_and_other_words_are_not(posted: Casework) -> None:
    posted.do(do.Dissent(1, "Te vroeg."), MIEKE)
    assert posted.do(do.Dissent(1, "Te vroeg. "), MIEKE) == []
    assert posted.do(do.Dissent(1, "Te vroeg."), BRAM) == [DissentRecorded(1, "Te vroeg.")]
    assert posted.do(do.Dissent(1, "Toch te vroeg."), MIEKE) == [DissentRecorded(1, "Toch te vroeg.")]


# --- involvement -----------------------------------------------------------------------


def test_a_member_who_is_involved_gets_nothing_more_and_a_decider_the_case(posted: Casework) -> None:
    events = posted.do(do.SayInvolved(1, ANJA), MIEKE)
    assert events == [MemberInvolved(1), CardWithdrawn(1, "involved"), CaseOffered(ANJA, "no_card")]
    assert (posted.case.posted, posted.case.involved) == (None, {MIEKE.id})
    for command in (decide(**{STRONG: YES}), do.Dissent(1, "Nee."), do.SayInvolved(1), do.OfferCase(DIRK)):
        refused(posted, command, MIEKE, ConflictOfInterest)
    posted.do(do.AcceptCase(), ANJA)
    posted.actor = ANJA
    assert posted.case.phase == lifecycle.WEIGHING
    refused(posted, do.PreviewCard("{}"), ANJA, NoCardAllowed)
    posted.do(do.DecidePrivately(0, {STRONG: YES}))
    posted.do(do.FinishCase())


def test_the_holder_who_is_involved_hands_the_case_over(posted: Casework) -> None:
    events = posted.do(do.SayInvolved(1, ANJA), BRAM)
    assert events == [MemberInvolved(1), CardWithdrawn(1, "involved"), CaseOffered(ANJA, "involved")]
    refused(posted, do.FinishCase(), BRAM, ConflictOfInterest)
    posted.do(do.AcceptCase(), ANJA)
    assert posted.case.open_question == CONFLICT
    refused(posted, do.OfferCase(BRAM, "Terug."), ANJA, NotPermitted)


def test_no_answer_takes_back_what_was_said_on_the_card(posted: Casework) -> None:
    posted.do(do.SayInvolved(1, ANJA), BRAM)
    assert posted.do(do.EndOffer()) == [OfferEnded(declined=False)]
    posted.do(do.ChangeAnswer(CONFLICT))
    assert kinds(posted.do(do.GiveAnswer(CONFLICT, "nee"))) == [AnswerGiven]
    posted.do(do.ChangeAnswer(CONFLICT))
    assert kinds(posted.do(do.SkipQuestion(CONFLICT))) == [AnswerGiven]
    for command in (do.FinishCase(), do.ChangeAnswer("schade"), do.PreviewCard("{}"), do.Deviate(STRONG, "th", "Zo.")):
        refused(posted, command, BRAM, ConflictOfInterest)
    assert posted.do(do.OfferCase(ANJA)) == [CaseOffered(ANJA, "involved")]


def test_a_decider_who_holds_the_case_keeps_it(weighed: Casework) -> None:
    post(privately(weighed))
    assert kinds(weighed.do(do.SayInvolved(1, DIRK), MIEKE)) == [MemberInvolved, CardWithdrawn]
    assert (weighed.case.phase, weighed.case.assessor) == (lifecycle.WEIGHING, ANJA)


def test_a_decider_who_holds_the_case_and_is_involved_does_not_keep_it(weighed: Casework) -> None:
    post(privately(weighed))
    events = weighed.do(do.SayInvolved(1, DIRK), ANJA)
    assert events[-1] == CaseOffered(DIRK, "involved")


def test_who_is_involved_or_no_decider_inherits_no_case(posted: Casework) -> None:
    for heir in (None, DIRK, replace(BRAM, id="5"), replace(MIEKE, id="6")):
        one = posted.copy()
        assert kinds(one.do(do.SayInvolved(1, heir), DIRK)) == [MemberInvolved, CardWithdrawn]
        assert (one.case.phase, one.case.assessor, one.case.posted) == (lifecycle.WEIGHING, BRAM, None)


def test_a_receiver_who_is_involved_declines_with_it(posted: Casework) -> None:
    posted.do(do.OfferCase(DIRK, "Vakantie."))
    events = posted.do(do.SayInvolved(1, ANJA), DIRK)
    assert events[0] == OfferEnded(declined=True)
    assert events[-3:] == [MemberInvolved(1), CardWithdrawn(1, "involved"), CaseOffered(ANJA, "no_card")]
    refused(posted, do.AcceptCase(), DIRK, ConflictOfInterest)


def test_an_offer_to_another_goes_on(posted: Casework) -> None:
    posted.do(do.OfferCase(ANJA, "Vakantie."))
    assert kinds(posted.do(do.SayInvolved(1, DIRK), MIEKE)) == [MemberInvolved, CardWithdrawn]
    assert (posted.case.phase, posted.case.offered_to) == (lifecycle.OFFERED, ANJA)
    posted.do(do.AcceptCase(), ANJA)
    assert posted.case.assessor == ANJA


def test_a_card_that_was_on_its_way_stands_no_more(posted: Casework) -> None:
    posted.do(do.ChangeAnswer("schade"))
    posted.do(do.GiveAnswer("schade", "groot"))
    posted.do(do.PreviewCard('{"v":2}'))
    posted.do(do.PostCard(posted.case.version))
    posted.do(do.SayInvolved(1), MIEKE)
    assert posted.case.owed is None
    refused(posted, do.ConfirmPosted(2), BOT, StaleCard)


def test_an_answer_that_forbids_the_card_withdraws_it(posted: Casework) -> None:
    posted.do(do.ChangeAnswer("klokkenluider"))
    events = posted.do(do.GiveAnswer("klokkenluider", "misstand_gemeld"))
    assert CardWithdrawn(1, "rules") in events
    assert posted.case.posted is None


# --- the card that is withdrawn --------------------------------------------------------


def test_a_card_is_withdrawn_with_a_reason_and_what_became_of_it_is_kept(posted: Casework) -> None:
    refused(posted, do.ConfirmGone(1, "deleted"), BOT, StaleCard)
    refused(posted, do.WithdrawCard(" "), BRAM, WithdrawReasonMissing)
    refused(posted, do.WithdrawCard("Fout."), ANJA, NotPermitted)
    assert posted.do(do.WithdrawCard(" Fout. ")) == [CardWithdrawn(1, "chosen", "Fout.")]
    assert (posted.case.phase, posted.case.posted_version) == (lifecycle.WEIGHING, 1)
    refused(posted, do.WithdrawCard("Nog eens."), BRAM, CardAbsent)
    posted.do(do.FinishCase())
    assert posted.do(do.ConfirmGone(1, "neutral"), BOT) == [CardGone(1, "neutral")]


# --- terms -----------------------------------------------------------------------------


def test_at_most_three_reminders_of_a_term_each_once(posted: Casework) -> None:
    for count in (1, 2, 3):
        refused(posted, do.OweReminder("T_RAAD", count + 1, ""), BOT, NoSuchTerm)
        assert posted.do(do.OweReminder("T_RAAD", count, ""), BOT) == [ReminderOwed("T_RAAD", count, "")]
        refused(posted, do.OweReminder("T_RAAD", count, ""), BOT, NoSuchTerm)
    refused(posted, do.OweReminder("T_RAAD", 4, ""), BOT, NoSuchTerm)
    refused(posted, do.OweReminder(REVIEW, 1, ""), ANJA, NotPermitted)


def test_a_term_that_was_met_runs_no_more(posted: Casework) -> None:
    assert posted.do(do.MeetTerm("T_RAAD", " Gebeld. ")) == [TermMet("T_RAAD", "Gebeld.")]
    refused(posted, do.MeetTerm("T_RAAD"), BRAM, NoSuchTerm)
    refused(posted, do.OweReminder("T_RAAD", 1, ""), BOT, NoSuchTerm)
    refused(posted, do.MeetTerm("T_AP72"), BRAM, NoSuchTerm)


def test_a_decider_who_was_reminded_says_so_of_terms_on_the_card_alone(posted: Casework) -> None:
    refused(posted, do.MeetTerm("T_LOG", of_others=True), ANJA, NoSuchTerm)
    refused(posted, do.MeetTerm("T_RAAD", of_others=True), MIEKE, NotPermitted)
    assert posted.do(do.MeetTerm("T_RAAD", of_others=True), ANJA) == [TermMet("T_RAAD")]
    assert posted.do(do.MeetTerm("T_LOG")) == [TermMet("T_LOG")]


# --- words for others ------------------------------------------------------------------


def test_words_are_kept_and_two_devices_do_not_overwrite_each_other(posted: Casework) -> None:
    assert posted.do(do.KeepWords("press", " Geen mededelingen. ")) == [WordsKept("press", "nl", "Geen mededelingen.")]
    first = posted.case.words["press"].seq
    assert first == posted.case.version
    refused(posted, do.KeepWords("press", "Iets anders."), BRAM, WordsChanged)
    assert not posted.do(do.KeepWords("press", "Geen mededelingen.", first))
    posted.do(do.KeepWords("press", "Iets anders.", first))
    assert (posted.case.words["press"].text, posted.case.words["press"].seq > first) == ("Iets anders.", True)


@pytest.mark.parametrize("command", [do.KeepWords("press", " \n"), do.KeepWords("buren", "Tekst.")])
def test_there_are_three_audiences_and_an_empty_text_is_none(posted: Casework, command: do.Command) -> None:
    refused(posted, command, BRAM, WordsMissing)


def test_words_need_an_advice(work: Casework) -> None:
    refused(work, do.KeepWords("press", "Tekst."), BRAM, CommandRefused)
