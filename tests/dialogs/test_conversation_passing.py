"""A case that goes to someone else because people want it: with a reason, from its holder or for one who is ill."""

from collections.abc import Mapping

import pytest

from dialogs import screens
from dialogs.screens_passing import HandOverScreen, OfferScreen, RelieveScreen
from state import commands as do
from state.compiled import CompiledFramework
from state.events import Actor, AnswerValue
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK
from tests.dialogs.passing import as_, field, posted, refused, say, under
from tests.dialogs.stage import LANGUAGES, NOW, presses
from tests.dialogs.talk import INVOLVED, NUMBER, REPORTER, Talk, answered, copy, recorded

NOBODYS = "IL-2026-9999"
PHASES: Mapping[str, Mapping[str, AnswerValue]] = {
    "asking": {"eigen_betrokkenheid": "nee", "spoed": "nee"},
    "weighing": NEWSPAPER,
    "no card": REPORTER,
    "involved": INVOLVED,
}


@pytest.fixture
def weighed(framework: CompiledFramework) -> Talk:
    return answered(framework, NEWSPAPER)


# --- by its holder ---------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_says_what_it_means_and_asks_to_whom_and_why(framework: CompiledFramework, language: str) -> None:
    talk = answered(framework, NEWSPAPER, language=language)
    assert recorded(talk.type("overdragen")) == []
    assert say("hand_over.handed", language) in talk.said
    assert say("hand_over.reason", language) in talk.said
    assert [choice["title"] for choice in talk.render(talk.screen)["body"][3]["choices"]] == [
        "1 · Anja de Vries, gemeentesecretaris",
        "2 · Dirk Smit, wethouder",
    ]
    assert recorded(talk.press("finish", "2", "met verlof")) == ["case.offered"]
    assert talk.outcome.recorded[0].event.to == DIRK
    assert talk.outcome.recorded[0].event.because == "handed"
    assert talk.outcome.recorded[0].event.reason == "met verlof"


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_without_a_reason_the_card_comes_again_with_the_choice(weighed: Talk, reason: str) -> None:
    weighed.type("overdragen")
    assert recorded(weighed.press("finish", "2", reason)) == []
    assert weighed.notice == say("hand_over_reason_missing")
    assert field(weighed, "answer") == "2"
    assert recorded(weighed.press("finish", "2", "met verlof")) == ["case.offered"]


@pytest.mark.parametrize(("answer", "key"), [("", "choose_person"), ("3", "no_such_person"), ("0", "no_such_person")])
def test_without_a_person_the_card_comes_again_with_the_reason(weighed: Talk, answer: str, key: str) -> None:
    weighed.type("overdragen")
    assert recorded(weighed.press("finish", answer, "met verlof")) == []
    assert weighed.notice == say(key)
    assert field(weighed, "note") == "met verlof"


def test_a_reason_that_is_too_long_offers_nothing(weighed: Talk) -> None:
    weighed.type("overdragen")
    assert recorded(weighed.press("finish", "2", "x" * 4001)) == []
    assert weighed.notice == say("too_long", most="4000")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("overdragen 2 ik ga met Verlof.", "ik ga met Verlof."),
        ("Draag over 2: 3 weken weg", "3 weken weg"),
        ("hand over 2\nI go on leave", "I go on leave"),
    ],
)
def test_it_is_typed_in_one_line_and_the_reason_stays_as_written(weighed: Talk, text: str, reason: str) -> None:
    assert recorded(weighed.type(text)) == ["case.offered"]
    assert (weighed.outcome.recorded[0].event.to, weighed.outcome.recorded[0].event.reason) == (DIRK, reason)


def test_its_own_number_may_be_named_too(weighed: Talk) -> None:
    assert recorded(weighed.type(f"overdragen {NUMBER} met verlof")) == []
    assert isinstance(weighed.screen, HandOverScreen)
    assert field(weighed, "note") == "met verlof"
    assert recorded(weighed.press("finish", "1", "met verlof")) == ["case.offered"]


def test_an_exercise_goes_to_nobody(framework: CompiledFramework) -> None:
    talk = Talk(framework)
    work = Casework(framework, BRAM, NOW)
    work.do(do.OpenCase("OEFEN-2026-0042", "nl"))
    talk.case, talk.transcript = work.case, list(work.transcript)
    for text in ("overdragen", "overdragen 1 met verlof"):
        assert recorded(talk.type(text)) == []
        assert talk.notice == say("not_now")


def test_a_case_is_handed_over_while_its_card_stands_in_the_channel(framework: CompiledFramework) -> None:
    talk = posted(framework)
    old = talk.screen
    assert recorded(talk.type("overdragen 2 met verlof")) == ["case.offered"]
    assert recorded(as_(talk, DIRK).type("overnemen")) == ["case.accepted", "answers.lapsed", "question.asked"]
    assert talk.case.posted is not None
    as_(talk, BRAM)
    for press in presses(talk.render(old)):
        assert recorded(talk.forge(press["verb"], press.get("answer"), "zo", screens.context_of(old))) in (
            [],
            ["case.opened", "question.asked"],
        )
        if press["verb"] == "new":
            break


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_receiver_sees_number_and_cause_and_not_the_reason(weighed: Talk, language: str) -> None:
    weighed.type("overdragen 2 Bram is overspannen")
    as_(weighed, DIRK).language = language
    weighed.type("verder")
    assert say("offer.title", language, number=NUMBER) in weighed.said
    assert say("offer.handed", language) in weighed.said
    assert "overspannen" not in weighed.said


@pytest.mark.parametrize(
    "text",
    [
        "verder",
        "overzicht",
        "advies",
        "1",
        "terug",
        "waarom",
        "wijzig 4",
        "afwijken 1",
        "onderwerp 1",
        "voorbeeld",
        "plaats",
        "besluit",
        "teksten",
        "gedaan",
        "trek kaart in",
        "afronden",
        "pauze",
        "stop ja",
        "overdragen 1 terug",
        "intrekken",
        "overnemen",
        "weigeren",
        f"overdragen {NUMBER}",
        f"heropen {NUMBER} terug",
        "taal en",
    ],
)
@pytest.mark.parametrize("giver", [BRAM, ANJA], ids=["assessor", "decider"])
def test_the_giver_is_refused_everything_after_it_was_accepted(
    framework: CompiledFramework, giver: Actor, text: str
) -> None:
    talk = answered(framework, NEWSPAPER, actor=giver)
    talk.type("overdragen 1 met verlof")
    receiver = talk.case.offered_to
    assert receiver is not None
    as_(talk, receiver).type("overnemen")
    as_(talk, giver)
    assert recorded(talk.type(text)) == []
    assert NUMBER not in talk.said
    questions = talk.framework.framework.questions
    assert not any(question.text.nl in talk.said or question.text.en in talk.said for question in questions)


# --- when the assessor is ill ----------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_decider_sees_the_same_people_whatever_the_case(framework: CompiledFramework, language: str) -> None:
    seen = set()
    for answers in PHASES.values():
        talk = as_(answered(framework, answers), ANJA)
        talk.language = language
        assert recorded(talk.type(f"overdragen {NUMBER}")) == []
        assert say("relieve.text", language) in talk.said
        seen.add(talk.said)
    talk = as_(posted(framework), ANJA)
    talk.language = language
    talk.type(f"hand over {NUMBER.lower()}")
    assert seen == {talk.said}
    assert [choice["title"].split(",")[0] for choice in talk.render(talk.screen)["body"][2]["choices"]] == [
        "1 · Anja de Vries",
        "2 · Dirk Smit",
        "3 · Bram Jansen",
    ]


def test_it_is_offered_with_a_reason_and_the_holder_sees_by_whom(weighed: Talk) -> None:
    as_(weighed, ANJA).type(f"overdragen {NUMBER}")
    assert recorded(weighed.press("relieve", "2", " ")) == []
    assert weighed.notice == say("hand_over_reason_missing")
    assert field(weighed, "answer") == "2"
    outcome = weighed.press("relieve", "2", "Bram is ziek.")
    assert recorded(outcome) == ["case.offered"]
    assert (outcome.recorded[0].event.to, outcome.recorded[0].event.because) == (DIRK, "relieved")
    assert (outcome.case, weighed.screen) == (None, screens.TextScreen("relieved"))
    as_(weighed, BRAM).type("verder")
    assert "Aangeboden door: \nAnja de Vries" in weighed.said
    assert "ziek" not in weighed.said
    as_(weighed, DIRK).type("verder")
    assert say("offer.relieved") in weighed.said
    assert "ziek" not in weighed.said


def test_a_decider_takes_it_over_themselves(weighed: Talk) -> None:
    as_(weighed, ANJA).type(f"overdragen {NUMBER}")
    assert recorded(weighed.press("relieve", "1", "Bram is ziek.")) == ["case.offered"]
    assert isinstance(weighed.screen, OfferScreen)
    assert recorded(weighed.press("resume")) == ["case.accepted", "answers.lapsed", "question.asked"]


def test_the_holder_takes_the_offer_back(weighed: Talk) -> None:
    as_(weighed, ANJA).type(f"overdragen {NUMBER}")
    weighed.press("relieve", "2", "Bram is ziek.")
    as_(weighed, BRAM)
    assert recorded(weighed.type("intrekken")) == ["offer.ended", "advice.given"]
    assert recorded(as_(weighed, DIRK).type("overnemen")) == []


def test_under_the_list_it_is_typed_by_number_and_not_before(weighed: Talk) -> None:
    as_(weighed, ANJA)
    weighed.type("hallo")
    under(weighed, f"overdragen {NUMBER} 2 weken ziek")
    assert isinstance(weighed.screen, RelieveScreen)
    assert field(weighed, "note") == "2 weken ziek"
    assert recorded(under(weighed, f"overdragen {NUMBER}: 2. al weken ziek").outcome) == ["case.offered"]
    event = weighed.outcome.recorded[0].event
    assert (event.to, event.reason) == (DIRK, "al weken ziek")


@pytest.mark.parametrize("answers", [NEWSPAPER, REPORTER, INVOLVED], ids=["card", "no card", "involved"])
def test_who_holds_it_is_refused_in_the_same_words_as_who_may_not_have_it(
    framework: CompiledFramework, answers: Mapping[str, AnswerValue]
) -> None:
    talk = as_(answered(framework, answers), ANJA)
    talk.type(f"overdragen {NUMBER}")
    outcome = talk.press("relieve", "3", "Bram is ziek.")
    assert recorded(outcome) == []
    assert (talk.notice, outcome.refused) == (say("not_to_them"), "not_permitted")
    assert field(talk, "note") == "Bram is ziek."


@pytest.mark.parametrize(("answer", "key"), [("", "choose_person"), ("9", "no_such_person"), ("x", "choose_person")])
def test_nobody_chosen_is_asked_again(weighed: Talk, answer: str, key: str) -> None:
    as_(weighed, ANJA).type(f"overdragen {NUMBER}")
    assert recorded(weighed.press("relieve", answer, "Bram is ziek.")) == []
    assert weighed.notice == say(key)


def test_one_sentence_for_what_is_not_there_closed_offered_or_not_permitted(framework: CompiledFramework) -> None:
    nothing = Talk(framework, ANJA)
    missing = refused(nothing, f"overdragen {NOBODYS}")
    assert missing == refused(nothing, f"heropen {NOBODYS} omdat")
    weighed = as_(answered(framework, NEWSPAPER), ANJA)
    assert refused(copy(weighed), f"heropen {NUMBER} omdat") == missing
    bert = Actor("33333333-3333-4333-8333-333333333339", "Bert Mol", "directeur", "assessor")
    assert refused(as_(copy(weighed), bert), f"overdragen {NUMBER} ziek") == missing
    finished = answered(framework, NEWSPAPER)
    finished.type("afronden")
    assert refused(as_(copy(finished), ANJA), f"overdragen {NUMBER} ziek") == missing
    assert refused(as_(copy(finished), bert), f"heropen {NUMBER} omdat") == missing
    offered = answered(framework, NEWSPAPER)
    offered.type("overdragen 2 met verlof")
    assert refused(as_(copy(offered), bert), f"overdragen {NUMBER} ziek") == missing
    assert refused(as_(copy(offered), bert), f"trek het aanbod in {NUMBER}") == missing
    assert refused(as_(copy(weighed), ANJA), f"intrekken {NUMBER}") == missing


def test_a_decider_who_is_involved_reaches_nothing_by_this_way(framework: CompiledFramework) -> None:
    talk = answered(framework, INVOLVED, actor=ANJA)
    talk.type("overdragen 1")
    as_(talk, talk.case.offered_to).type("overnemen")
    refused(as_(talk, ANJA), f"overdragen {NUMBER} ziek")
    assert recorded(talk.forge("relieve", "1", "ziek", f"relieve:{ANJA.id}")) == []
