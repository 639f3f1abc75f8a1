"""The decisions on questions and grades: given events, when a command, then events or a refusal."""

from dataclasses import replace

import pytest

from state import commands as do
from state import lifecycle
from state.compiled import CompiledFramework
from state.errors import (
    AnswerError,
    AnswerNeeded,
    CaseClosed,
    CommandRefused,
    NotAsked,
    NotConcluded,
    NothingBefore,
    NotPermitted,
    ReasonMissing,
    SameGrade,
    StaleCard,
)
from state.events import (
    AdviceGiven,
    AnswerGiven,
    AnswersLapsed,
    CaseOpened,
    CasePaused,
    CaseResumed,
    CaseStopped,
    DeviationRecorded,
    DeviationWithdrawn,
    QuestionAsked,
    QuestionSkipped,
)
from state.fold import rebuild
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, NOW


def kinds(events: object) -> list[type]:
    return [type(event) for event in events]


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


def test_nobody_gives_away_a_case_that_they_may_conclude(work: Casework) -> None:
    work.do(do.GiveAnswer("eigen_betrokkenheid", "nee"))
    with pytest.raises(CommandRefused):
        work.do(do.OfferCase(ANJA))
    assert work.case.phase == lifecycle.ASKING


@pytest.mark.parametrize("command", [do.Deviate("aangifte", "to", "omdat"), do.ChooseSubject("veiligheid")])
def test_before_the_advice_there_is_nothing_to_deviate_from_or_to_post(work: Casework, command: do.Command) -> None:
    with pytest.raises(CommandRefused):
        work.do(command)
    assert len(work.transcript) == 2
