"""What people really type: the words on the buttons, numbers under a list, phones' apostrophes, half commands."""

from pathlib import Path

import pytest
import yaml

from dialogs import screens
from dialogs.reading import read_text, split_note
from dialogs.screens_passing import OfferScreen
from state.compiled import CompiledFramework
from tests.conftest import ANJA, BRAM
from tests.dialogs.stage import LANGUAGES, wording
from tests.dialogs.talk import INVOLVED, NEWSPAPER, Talk, answered, at, begun, recorded

TEXTS = Path(screens.__file__).with_name("texts")
# Two buttons send or open what is filled in on a card; typing is filling in.
ON_CARDS_ALONE = {"answer", "note"}


def labels(language: str) -> dict[str, str]:
    buttons = yaml.safe_load((TEXTS / f"{language}.yaml").read_text("utf-8"))["button"]
    return {key: label for key, label in buttons.items() if key not in ON_CARDS_ALONE}


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_stands_on_a_button_can_be_typed(language: str) -> None:
    assert {key for key, label in labels(language).items() if read_text(label).verb == "answer"} == set()


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("waarom?", "why"),
        ("Waar was ik?", "resume"),
        ("terug?", "back"),
        ("stop!", "stop"),
        ("wijzig", "change"),
        ("taal", "language"),
        ("I don’t know", "unknown"),  # as phones type it
        ("i dont know.", "unknown"),
        ("?", "help"),
        ("breek af ja", "stop"),
    ],
)
def test_commands_are_read_with_what_people_put_around_them(text: str, verb: str) -> None:
    assert read_text(text).verb == verb


@pytest.mark.parametrize("text", ["wijzig", "taal", "Waarom deze vraag?", "plaats in CMT-kanaal", "weet ik niet"])
def test_a_command_is_never_kept_as_a_description(framework: CompiledFramework, text: str) -> None:
    assert recorded(at(framework, "omschrijving").type(text)) == []


# --- numbers under a list ------------------------------------------------------------------------------------


def under(talk: Talk, text: str) -> screens.Screen:
    """Type under the last card, as the desk knows it, and give what is shown then."""
    return talk.take(read_text(text, screens.context_of(talk.screen))).screen


def test_a_number_under_the_people_offers_the_case_and_answers_nothing(framework: CompiledFramework) -> None:
    talk = answered(framework, {"eigen_betrokkenheid": "ja_ikzelf"})
    talk.type("overdragen")
    assert isinstance(under(talk, "1"), screens.StatusScreen)
    assert talk.case.phase == "offered"
    assert "spoed" not in talk.case.answers


def test_a_number_under_the_subjects_chooses_one(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("onderwerp")
    assert isinstance(under(talk, "2"), screens.PreviewScreen)
    assert talk.case.subject == framework.framework.card_subjects[1].id


@pytest.mark.parametrize("context", ["cases:a,b", "hand_over:x", "subject"])
def test_a_number_under_a_list_is_a_choice_from_it(context: str) -> None:
    wish = read_text("2.", context)
    assert (wish.verb, wish.argument, wish.context) == (
        {"cases": "choose_case", "hand_over": "hand_over", "subject": "subject"}[wish.kind],
        "2",
        context,
    )


def test_a_number_under_a_question_answers_it() -> None:
    assert read_text("2", "question:spoed").verb == "answer"


# --- remarks, lengths, choices -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer", "note"),
    [
        ("2 opmerking: nog nagaan", "2", "nog nagaan"),
        ("Nee  Remark : to be checked", "Nee", "to be checked"),
        ("2", "2", ""),
    ],
)
def test_a_remark_is_typed_behind_the_answer(text: str, answer: str, note: str) -> None:
    assert split_note(text) == (answer, note)


def test_a_typed_remark_is_kept_with_the_answer(framework: CompiledFramework) -> None:
    talk = begun(framework)
    talk.type("1 opmerking: nog nagaan")
    assert talk.case.answers["eigen_betrokkenheid"] == "nee"
    assert talk.case.notes["eigen_betrokkenheid"] == "nog nagaan"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_is_too_long_is_refused_with_its_limit(framework: CompiledFramework, language: str) -> None:
    talk = at(framework, "omschrijving", language)
    assert recorded(talk.type("x" * 4001)) == []
    assert "4000" in talk.notice
    assert recorded(talk.forge("answer", "Kort.", "x" * 4001, "question:omschrijving")) == []
    assert recorded(talk.type("x" * 4000))


@pytest.mark.parametrize("text", ["1&3", "1 + 3", "1en3", "1 / 3", "1, 3.", "1 3"])
def test_several_choices_are_typed_in_many_ways(framework: CompiledFramework, text: str) -> None:
    talk = at(framework, "informatiesoort")
    options = framework.framework.question_by_id["informatiesoort"].options
    talk.type(text)
    assert talk.case.answers["informatiesoort"] == (options[0].id, options[2].id)


@pytest.mark.parametrize("text", ["ja ikzelf", "Ja, ikzelf.", "JA,IKZELF"])
def test_commas_in_a_label_do_not_matter(framework: CompiledFramework, text: str) -> None:
    talk = begun(framework)
    talk.type(text)
    assert talk.case.answers["eigen_betrokkenheid"] == "ja_ikzelf"


# --- what cannot be skipped or left unknown --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "text", "key"),
    [
        ("omschrijving", "weet ik niet", "no_unknown_text"),
        ("omschrijving", "overslaan", "answer_needed_known"),
        ("lek_status", "overslaan", "answer_needed"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_fits_the_question(
    framework: CompiledFramework, language: str, question: str, text: str, key: str
) -> None:
    talk = at(framework, question, language)
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say(key, language)


# --- a case that changes hands or rests ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "texts"),
    [(NEWSPAPER, ("onderwerp 1", "pauze", "plaats", "verder")), (INVOLVED, ("pauze", "overdragen 1", "verder"))],
)
def test_whatever_happens_ends_a_pause(framework: CompiledFramework, answers: object, texts: tuple[str, ...]) -> None:
    talk = answered(framework, answers)
    for text in texts:
        talk.type(text)
    assert not talk.case.paused


def test_an_old_back_button_does_not_take_an_offer_back(framework: CompiledFramework) -> None:
    talk = answered(framework, INVOLVED)
    old = talk.screen
    talk.type("overdragen 1")
    withdraw = talk.screen
    assert recorded(talk.forge("back", "", "", screens.context_of(old))) == []
    assert talk.case.phase == "offered"
    assert recorded(talk.type("intrekken"))[0] == "offer.ended"
    assert recorded(talk.forge("back", "", "", screens.context_of(withdraw))) == []


def test_the_receiver_of_a_barely_begun_case_can_begin_another(framework: CompiledFramework) -> None:
    talk = answered(framework, {"eigen_betrokkenheid": "ja_ikzelf"})
    talk.type("overdragen 1")
    talk.actor = ANJA
    talk.type("overnemen")
    assert recorded(talk.type("nieuw"))[0] == "case.opened"


def test_who_was_involved_is_not_offered_the_case_again(framework: CompiledFramework) -> None:
    talk = answered(framework, {"eigen_betrokkenheid": "ja_ikzelf"})
    talk.type("overdragen 1")
    talk.actor = ANJA
    talk.type("overnemen")
    talk.type("2")
    talk.type("overdragen")
    assert BRAM.id not in {person.id for person in talk.screen.candidates}
    talk.type("overdragen 9")
    assert talk.notice == wording().say("no_such_person", "nl")


@pytest.mark.parametrize("text", ["overzicht", "pauze", "terug"])
def test_a_receiver_who_types_too_much_hears_what_can_be_done(framework: CompiledFramework, text: str) -> None:
    talk = answered(framework, INVOLVED)
    talk.type("overdragen 1")
    talk.actor = ANJA
    assert recorded(talk.type(text)) == []
    assert talk.notice == wording().say("not_permitted", "nl")
    assert isinstance(talk.screen, OfferScreen)


def test_a_past_card_gets_no_sentence_about_its_question(framework: CompiledFramework) -> None:
    talk = at(framework, "bekend_sinds")
    old = talk.screen
    talk.type("gisteren 14:30")
    assert recorded(talk.forge("answer", "onzin", "", screens.context_of(old))) == []
    assert talk.screen == screens.TextScreen("stale_card")


# --- half a choice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "argument", "key"),
    [("deviate", "", "choose_step"), ("deviate:aangifte", "", "choose_grade")],
)
def test_nothing_chosen_is_said(framework: CompiledFramework, context: str, argument: str, key: str) -> None:
    talk = answered(framework, NEWSPAPER)
    assert recorded(talk.forge("deviate", argument, "", context)) == []
    assert talk.notice == wording().say(key, "nl")


def test_a_step_that_is_not_there_is_said(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("afwijken 99")
    assert talk.notice == wording().say("no_such_step", "nl")


@pytest.mark.parametrize("reason", ["toch niet, want de jurist is er nog niet", "the lawyer is away", "terughoudender"])
def test_a_reason_is_not_read_as_the_beginning_of_a_grade(framework: CompiledFramework, reason: str) -> None:
    talk = answered(framework, NEWSPAPER)
    assert recorded(talk.type(f"afwijken 15 {reason}")) == []
    assert talk.screen.reason == reason


def test_changing_the_open_question_shows_it(framework: CompiledFramework) -> None:
    talk = at(framework, "informatiesoort")
    number = framework.framework.number_of["informatiesoort"]
    assert recorded(talk.type(f"wijzig {number}")) == []
    assert talk.notice is None
    assert isinstance(talk.screen, screens.QuestionScreen)
