"""The decisions: given events, when a command, then events or a refusal."""

from dataclasses import replace
from datetime import timedelta

import pytest

from state import commands as do
from state import lifecycle
from state.case import rebuild
from state.compiled import CompiledFramework
from state.errors import (
    AnswerError,
    AnswerNeeded,
    CaseClosed,
    CommandRefused,
    HandOverNeeded,
    NoCardAllowed,
    NotAsked,
    NotConcluded,
    NothingBefore,
    NotPermitted,
    PreviewOutdated,
    ReasonMissing,
    SameGrade,
    StaleCard,
    SubjectMissing,
)
from state.events import (
    BOT,
    AdviceGiven,
    AnswerGiven,
    AnswersLapsed,
    CardOwed,
    CardPosted,
    CardRefused,
    CaseAccepted,
    CaseFinished,
    CaseOffered,
    CaseOpened,
    CasePaused,
    CaseResumed,
    CaseStopped,
    DeviationRecorded,
    DeviationWithdrawn,
    OfferEnded,
    PreviewShown,
    QuestionAsked,
    QuestionSkipped,
    SubjectChosen,
)
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK, NOW

INVOLVED = {**NEWSPAPER, "eigen_betrokkenheid": "ja_ikzelf"}
FOR_INVOLVED = {
    key: value
    for key, value in INVOLVED.items()
    if key not in ("mogelijke_bron", "klokkenluider", "strafbaar_vermoeden", "onderzoek_wens")
}
REPORTER = {**NEWSPAPER, "klokkenluider": "misstand_gemeld"}


@pytest.fixture
def work(framework: CompiledFramework) -> Casework:
    return Casework(framework, BRAM, NOW).open()


@pytest.fixture
def weighed(work: Casework) -> Casework:
    return work.answer(NEWSPAPER)


def kinds(events: object) -> list[type]:
    return [type(event) for event in events]  # type: ignore[attr-defined]  # any sequence of events


# --- questions -------------------------------------------------------------------------


def test_a_new_case_names_its_framework_and_puts_the_first_question_as_shown(work: Casework) -> None:
    opened, asked = (recorded.event for recorded in work.transcript)
    assert isinstance(opened, CaseOpened)
    assert (opened.framework, opened.framework_version) == ("informatielekken", "2.0")
    assert opened.framework_sha256 == work.framework.sha256
    assert isinstance(asked, QuestionAsked)
    assert asked.text.startswith("Bent u zelf")
    assert [option.id for option in asked.options][:2] == ["nee", "ja_ikzelf"]
    assert asked.help


def test_an_answer_puts_the_next_question(work: Casework) -> None:
    given, asked = work.do(do.GiveAnswer("eigen_betrokkenheid", "nee", "even nagegaan"))
    assert given == AnswerGiven("eigen_betrokkenheid", "nee", "Nee", "even nagegaan")
    assert isinstance(asked, QuestionAsked)
    assert asked.question == "spoed"


def test_a_second_answer_to_the_same_card_is_stale(work: Casework) -> None:
    work.do(do.GiveAnswer("eigen_betrokkenheid", "nee"))
    with pytest.raises(StaleCard):
        work.do(do.GiveAnswer("eigen_betrokkenheid", "ja_ikzelf"))


def test_an_option_that_does_not_exist_is_refused(work: Casework) -> None:
    with pytest.raises(AnswerError):
        work.do(do.GiveAnswer("eigen_betrokkenheid", "misschien"))


def test_nobody_else_answers(work: Casework) -> None:
    with pytest.raises(NotPermitted):
        work.do(do.GiveAnswer("eigen_betrokkenheid", "nee"), ANJA)


def test_an_optional_question_can_be_passed_over_and_another_cannot(work: Casework) -> None:
    with pytest.raises(AnswerNeeded):
        work.do(do.SkipQuestion("eigen_betrokkenheid"))
    work.answer({key: NEWSPAPER[key] for key in NEWSPAPER})
    skipped = [one.event for one in work.transcript if isinstance(one.event, QuestionSkipped)]
    assert skipped == [QuestionSkipped("zwaarwegend"), QuestionSkipped("evaluatiedatum")]


def test_back_puts_the_question_before_again_and_keeps_its_answer(work: Casework) -> None:
    work.do(do.GiveAnswer("eigen_betrokkenheid", "nee"))
    (asked,) = work.do(do.GoBack("spoed"))
    assert isinstance(asked, QuestionAsked)
    assert (asked.question, asked.reason) == ("eigen_betrokkenheid", "back")
    assert work.case.answers == {"eigen_betrokkenheid": "nee"}


def test_leaving_an_answer_as_it_is_goes_on_without_a_second_answer(work: Casework) -> None:
    work.do(do.GiveAnswer("eigen_betrokkenheid", "nee"))
    work.do(do.GoBack())
    assert kinds(work.do(do.SkipQuestion("eigen_betrokkenheid"))) == [QuestionAsked]
    assert work.case.open_question == "spoed"


def test_there_is_nothing_before_the_first_question(work: Casework) -> None:
    with pytest.raises(NothingBefore):
        work.do(do.GoBack())


def test_a_changed_answer_lapses_the_answers_that_hung_on_it(weighed: Casework) -> None:
    weighed.do(do.ChangeAnswer("oorzaak"))
    given, lapsed, advice = weighed.do(do.GiveAnswer("oorzaak", "vergissing"))
    assert isinstance(given, AnswerGiven)
    assert given.previous == "bewust_vermoed"
    assert lapsed == AnswersLapsed(("mogelijke_bron", "klokkenluider", "strafbaar_vermoeden", "onderzoek_wens"))
    assert isinstance(advice, AdviceGiven)
    assert "AA10" not in advice.advice["steps"]["aangifte"]["rules"]
    assert "klokkenluider" not in weighed.case.answers


def test_a_question_that_applies_again_is_asked_again(weighed: Casework) -> None:
    weighed.do(do.ChangeAnswer("oorzaak"))
    weighed.do(do.GiveAnswer("oorzaak", "vergissing"))
    weighed.do(do.ChangeAnswer("oorzaak"))
    weighed.do(do.GiveAnswer("oorzaak", "bewust_vermoed"))
    assert weighed.case.open_question == "mogelijke_bron"


@pytest.mark.parametrize("question", ["publicatie_moment", "geen_vraag"])
def test_only_a_question_of_this_case_can_be_changed(weighed: Casework, question: str) -> None:
    with pytest.raises(NotAsked):
        weighed.do(do.ChangeAnswer(question))


def test_a_question_that_was_not_reached_cannot_be_changed(work: Casework) -> None:
    with pytest.raises(NotAsked):
        work.do(do.ChangeAnswer("raad_betrokken"))


def test_another_language_puts_the_question_anew_in_that_language(work: Casework) -> None:
    work.language = "en"
    (asked,) = work.do(do.ShowAgain())
    assert isinstance(asked, QuestionAsked)
    assert (asked.reason, asked.language) == ("language", "en")
    assert not work.do(do.ShowAgain())


def test_the_advice_is_given_once_everything_is_answered(weighed: Casework) -> None:
    advice = weighed.transcript[-1].event
    assert isinstance(advice, AdviceGiven)
    assert weighed.case.phase == lifecycle.WEIGHING
    assert advice.advice["framework"]["sha256"] == weighed.framework.sha256
    assert advice.advice["steps"]["raad_informeren"]["grade"] == "lvh"


# --- deviating -------------------------------------------------------------------------


def test_deviating_needs_another_grade_and_a_reason(weighed: Casework) -> None:
    with pytest.raises(ReasonMissing):
        weighed.do(do.Deviate("aangifte", "to", "  "))
    with pytest.raises(SameGrade):
        weighed.do(do.Deviate("aangifte", "th", "omdat"))
    with pytest.raises(CommandRefused):
        weighed.do(do.Deviate("vuurwerk", "to", "omdat"))
    assert weighed.do(do.Deviate("aangifte", "to", " De jurist ziet het anders. ")) == [
        DeviationRecorded("aangifte", "th", "to", "De jurist ziet het anders.")
    ]


def test_a_deviation_is_taken_back_by_choosing_the_indicated_grade(weighed: Casework) -> None:
    weighed.do(do.Deviate("aangifte", "to", "omdat"))
    assert weighed.do(do.Deviate("aangifte", "th", "")) == [DeviationWithdrawn("aangifte")]
    assert not weighed.case.deviations


# --- the card --------------------------------------------------------------------------


def test_a_card_goes_by_subject_preview_and_post(weighed: Casework) -> None:
    with pytest.raises(SubjectMissing):
        weighed.do(do.PreviewCard("{}"))
    assert kinds(weighed.do(do.ChooseSubject("bestuurlijk_stuk"))) == [SubjectChosen]
    (preview,) = weighed.do(do.PreviewCard('{"a":1}'))
    assert isinstance(preview, PreviewShown)
    (owed,) = weighed.do(do.PostCard(weighed.case.version))
    assert owed == CardOwed(1, '{"a":1}', preview.sha256)
    assert weighed.do(do.ConfirmPosted(1), BOT) == [CardPosted(1)]
    assert weighed.case.phase == lifecycle.POSTED
    assert weighed.do(do.FinishCase()) == [CaseFinished()]


def test_an_unknown_subject_is_refused(weighed: Casework) -> None:
    with pytest.raises(CommandRefused):
        weighed.do(do.ChooseSubject("wie_het_was"))


def test_only_the_latest_preview_can_be_posted_and_once(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard('{"a":1}'))
    first = weighed.case.version
    weighed.do(do.PreviewCard('{"a":2}'))
    with pytest.raises(StaleCard):
        weighed.do(do.PostCard(first))
    weighed.do(do.PostCard(weighed.case.version))
    with pytest.raises(StaleCard):
        weighed.do(do.PostCard(first))


def test_the_same_preview_twice_is_one_event(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard('{"a":1}'))
    assert not weighed.do(do.PreviewCard('{"a":1}'))
    assert not weighed.do(do.ChooseSubject("veiligheid"))


def test_a_preview_of_over_an_hour_is_shown_again_before_posting(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    weighed.later(timedelta(minutes=61))
    with pytest.raises(PreviewOutdated):
        weighed.do(do.PostCard(weighed.case.version))


def test_a_changed_answer_withdraws_the_preview(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    seq = weighed.case.version
    weighed.do(do.ChangeAnswer("schade"))
    with pytest.raises(StaleCard):
        weighed.do(do.PostCard(seq))


def test_a_card_that_teams_refuses_leads_back_to_the_advice(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    weighed.do(do.PostCard(weighed.case.version))
    assert weighed.do(do.ConfirmRefused(1, "http_403"), BOT) == [CardRefused(1, "http_403")]
    assert weighed.case.phase == lifecycle.WEIGHING


def test_only_the_outbox_says_that_a_card_stands(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    weighed.do(do.PostCard(weighed.case.version))
    with pytest.raises(NotPermitted):
        weighed.do(do.ConfirmPosted(1))
    with pytest.raises(StaleCard):
        weighed.do(do.ConfirmPosted(2), BOT)


def test_new_facts_after_posting_lead_to_a_second_version(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    weighed.do(do.PostCard(weighed.case.version))
    weighed.do(do.ConfirmPosted(1), BOT)
    with pytest.raises(CommandRefused):
        weighed.do(do.GoBack())
    weighed.do(do.ChangeAnswer("schade"))
    weighed.do(do.GiveAnswer("schade", "groot"))
    (preview,) = weighed.do(do.PreviewCard("{}"))
    assert isinstance(preview, PreviewShown)
    assert preview.version == 2


# --- handing over ----------------------------------------------------------------------


def test_an_involved_assessor_must_hand_over_and_keeps_the_input(work: Casework) -> None:
    work.answer(FOR_INVOLVED)
    with pytest.raises(HandOverNeeded):
        work.do(do.FinishCase())
    with pytest.raises(NoCardAllowed):
        work.do(do.PreviewCard("{}"))
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


# --- pause and end ---------------------------------------------------------------------


def test_a_pause_is_kept_once_and_ended_by_going_on(work: Casework) -> None:
    assert work.do(do.PauseCase()) == [CasePaused()]
    assert not work.do(do.PauseCase())
    assert work.do(do.ShowAgain()) == [CaseResumed()]
    work.do(do.PauseCase())
    work.do(do.GiveAnswer("eigen_betrokkenheid", "nee"))
    assert not work.case.paused


def test_an_unfinished_case_can_be_stopped_but_not_concluded(work: Casework) -> None:
    with pytest.raises(NotConcluded):
        work.do(do.FinishCase())
    assert work.do(do.StopCase()) == [CaseStopped()]


def test_nothing_happens_in_a_closed_case(work: Casework) -> None:
    work.do(do.StopCase())
    for command in (do.GiveAnswer("eigen_betrokkenheid", "nee"), do.ShowAgain(), do.GoBack(), do.StopCase()):
        with pytest.raises(CaseClosed):
            work.do(command)


def test_nobody_without_a_chat_role_opens_a_case(framework: CompiledFramework) -> None:
    with pytest.raises(NotPermitted):
        Casework(framework, replace(BRAM, role="auditor"), NOW).open()


def test_replaying_gives_the_same_case(weighed: Casework) -> None:
    weighed.do(do.Deviate("aangifte", "to", "omdat"))
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    assert rebuild(weighed.case.id, weighed.transcript) == weighed.case
