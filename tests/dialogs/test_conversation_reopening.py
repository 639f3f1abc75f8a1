"""Opening a closed case again, and two devices of one person."""

from dataclasses import replace

import pytest

from dialogs import screens
from dialogs.dates import show_date
from dialogs.reading import Wish, read_text
from state import commands as do
from state.compiled import CompiledFramework
from state.decide import decide
from state.events import Actor
from state.fold import record
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM
from tests.dialogs.passing import as_, say
from tests.dialogs.stage import LANGUAGES, NOW
from tests.dialogs.talk import NUMBER, Talk, answered, at, recorded

# --- opened again ----------------------------------------------------------------------


def finished(framework: CompiledFramework, actor: Actor = BRAM) -> Talk:
    talk = answered(framework, NEWSPAPER, actor=actor)
    assert recorded(talk.type("afronden")) == ["case.finished"]
    return talk


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_closes_reads_how_long_and_what_is_not_round(framework: CompiledFramework, language: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    talk.type("afronden")
    closing = talk.screen.closing
    assert (closing.category.code, closing.due.isoformat()) == ("21.1", "2031-11-23")
    assert say("keeping.years", language, years="5") in talk.said
    assert say("closing.undecided", language) in talk.said
    for step in closing.undecided:
        assert framework.framework.step_by_id[step].name.in_language(language) in talk.said
    assert say("closing.how", language, number=NUMBER) in talk.said


def test_what_was_decided_or_done_is_not_undecided_and_the_review_day_stands_there(
    framework: CompiledFramework,
) -> None:
    work = Casework(framework, ANJA, NOW).open().answer({**NEWSPAPER, "al_gedaan": ("aangifte_gedaan",)})
    work.do(do.DecidePrivately(0, {"gesprek": do.Choice("yes", "zo")}, "2026-12-20"))
    work.do(do.FinishCase())
    talk = Talk(framework, ANJA, case=work.case, transcript=list(work.transcript))
    talk.type("verder")
    closing = talk.screen.closing
    assert closing.category.code == "19.1.8"
    assert not {"gesprek", "aangifte"} & set(closing.undecided)
    assert say("closing.review", day=show_date("2026-12-20", "nl")) in talk.said


def test_a_weighing_that_was_broken_off_has_its_term_and_nothing_to_decide(framework: CompiledFramework) -> None:
    talk = at(framework, "oorzaak")
    talk.type("stop ja")
    assert (talk.screen.closing.category.code, talk.screen.closing.undecided) == ("21.3", ())
    assert say("keeping.year", years="1") in talk.said


def test_the_holder_opens_it_again_with_a_reason(framework: CompiledFramework) -> None:
    talk = finished(framework)
    assert recorded(talk.press("reopen", None, " ")) == []
    assert talk.notice == say("reopen_reason_missing")
    outcome = talk.press("reopen", None, "nieuwe feiten")
    assert recorded(outcome) == ["case.reopened", "advice.given"]
    assert (talk.notice, type(talk.screen)) == (say("reopened"), screens.AdviceScreen)
    assert outcome.case == talk.case
    assert recorded(talk.type("afronden")) == ["case.finished"]


@pytest.mark.parametrize(
    "text", ["heropen {} nieuwe Feiten", "Heropenen {}: nieuwe Feiten", "reopen {}\nnieuwe Feiten"]
)
def test_it_is_opened_by_typing(framework: CompiledFramework, text: str) -> None:
    talk = finished(framework)
    assert recorded(talk.type(text.format(NUMBER.lower()))) == ["case.reopened", "advice.given"]
    assert talk.outcome.recorded[0].event.reason == "nieuwe Feiten"


def test_who_names_no_case_is_told_how(framework: CompiledFramework) -> None:
    for talk in (Talk(framework), answered(framework, NEWSPAPER), finished(framework)):
        assert recorded(talk.type("heropen")) == []
        assert talk.notice == say("reopen_how")


def test_a_decider_opens_anothers_case_and_sees_nothing_of_it(framework: CompiledFramework) -> None:
    talk = as_(finished(framework), ANJA)
    assert recorded(talk.type(f"heropen {NUMBER}")) == []
    assert talk.screen == screens.TextScreen("reopen_reason_missing")
    outcome = talk.type(f"heropen {NUMBER} de raad vraagt ernaar")
    assert recorded(outcome) == ["case.reopened", "advice.given"]
    assert (outcome.case, talk.screen) == (None, screens.TextScreen("reopened_for"))


def test_a_closing_card_of_before_it_was_opened_again_opens_nothing(framework: CompiledFramework) -> None:
    talk = finished(framework)
    card = talk.screen
    talk.press("reopen", None, "nieuwe feiten")
    assert recorded(talk.press("reopen", None, "nog eens", on=card)) == []
    assert (talk.screen, talk.outcome.refused) == (screens.TextScreen("stale_card"), "stale_card")


# --- two devices -----------------------------------------------------------------------


def test_an_answer_of_one_device_is_not_written_over_by_an_older_card_of_another(framework: CompiledFramework) -> None:
    talk = at(framework, "oorzaak")
    other_device = talk.screen
    assert recorded(talk.type("bewust_vermoed")) == ["answer.given", "question.asked"]
    assert recorded(talk.press("answer", "onbekend", on=other_device)) == []
    # Opened again on the first device: the other still shows the question without its answer.
    talk.type("terug")
    assert talk.case.open_question == "oorzaak"
    for verb in ("answer", "unknown", "skip"):
        outcome = talk.forge(verb, "onbekend", "", screens.context_of(other_device))
        assert (recorded(outcome), talk.screen) == ([], screens.TextScreen("stale_card")), verb
    assert talk.case.answers["oorzaak"] == "bewust_vermoed"
    talk.type("verder")
    assert "answer.given" in recorded(talk.press("answer", "onbekend"))


def test_of_a_change_on_two_devices_the_second_is_past(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("wijzig 4")
    both = talk.screen
    question = talk.case.open_question
    options = [one.id for one in framework.framework.question_by_id[question].options]
    first, second = [one for one in options if one != talk.case.answers[question]][:2]
    assert "answer.given" in recorded(talk.press("answer", first, on=both))
    assert recorded(talk.press("answer", second, on=both)) == []
    assert talk.screen == screens.TextScreen("stale_card")
    assert talk.case.answers[question] == first


def test_what_another_instance_of_the_bot_took_first_is_not_done_again(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("overdragen")
    card = talk.screen
    events = decide(talk.case, do.OfferCase(ANJA, "met verlof"), talk.scene().setting)
    talk.case, done = record(talk.case, events, BRAM, NOW)
    talk.transcript += done
    assert recorded(talk.press("finish", "2", "met verlof", on=card)) == []
    assert talk.case.offered_to == ANJA


def test_a_wish_says_of_which_case_it_is() -> None:
    assert read_text("overdragen il-2026-1234") == Wish("relieve", case="IL-2026-1234")
    assert read_text("heropen IL-2026-1234.") == Wish("reopen", case="IL-2026-1234")
    assert read_text("heropen IL-2026-12345 x").verb == "answer"
    assert replace(read_text("overdragen IL-2026-1234 2 x", "relieve:a,b"), context="") == Wish(
        "relieve", "2", "x", case="IL-2026-1234"
    )
