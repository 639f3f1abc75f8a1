"""How a decider finds the way into someone else's case without knowing what to type, and what stays shut."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs import screens
from dialogs.outcome import Outcome
from dialogs.reading import Wish, read_text
from dialogs.screens_passing import HandOverScreen, OthersCaseScreen, RelieveScreen, WaitingOfferScreen
from dialogs.terms import reminder_screen
from state.compiled import CompiledFramework
from state.events import Actor
from tests.casework import NEWSPAPER
from tests.conftest import ANJA, BRAM, DIRK
from tests.dialogs.passing import as_, field, posted, say, under
from tests.dialogs.stage import LANGUAGES, presses
from tests.dialogs.talk import NUMBER, Talk, answered, copy, recorded

THIRD = Actor("33333333-3333-4333-8333-333333333338", "Els Mol", "burgemeester", "decider")
ASSESSOR = Actor("33333333-3333-4333-8333-333333333339", "Bert Mol", "directeur", "assessor")


def offers(talk: Talk, verb: str) -> bool:
    return any(data["verb"] == verb for data in presses(talk.render(talk.screen)))


@pytest.fixture
def asked(framework: CompiledFramework) -> Talk:
    """Give a decider before the card that asks which case, and the case of an assessor."""
    talk = as_(answered(framework, NEWSPAPER), ANJA)
    case, talk.case = talk.case, None
    talk.type("help")
    talk.press("relieve")
    talk.case = case
    return talk


def filled(talk: Talk, verb: str, number: str, reason: str = "") -> list[str]:
    return recorded(talk.press(verb, number, reason))


# --- the way to it ---------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["help", "zaken"])
def test_a_decider_finds_it_where_help_and_cases_stand(framework: CompiledFramework, text: str, language: str) -> None:
    talk = Talk(framework, ANJA, language)
    talk.type(text)
    talk.press("relieve")
    assert talk.screen == OthersCaseScreen()
    assert say("others_case.text", language) in talk.said


@pytest.mark.parametrize("text", ["help", "zaken"])
def test_nobody_else_is_shown_it(framework: CompiledFramework, text: str) -> None:
    talk = Talk(framework, BRAM)
    talk.type(text)
    assert not offers(talk, "relieve")
    assert say("help.relieve.meaning") not in talk.said


def test_who_is_no_decider_and_asks_for_it_is_refused(framework: CompiledFramework) -> None:
    talk = Talk(framework, BRAM)
    assert (talk.type("zaak van een ander").refused, talk.notice) == ("not_permitted", say("not_permitted"))
    for verb in ("relieve", "reopen"):
        assert talk.forge(verb, "", "", "others_case").refused in ("not_permitted", "stale_card")
        assert not isinstance(talk.screen, OthersCaseScreen)


@pytest.mark.parametrize("label", ["Zaak van een ander", "laat een ander overnemen", "Someone else\u2019s case"])
def test_it_can_be_typed_too(framework: CompiledFramework, label: str) -> None:
    talk = Talk(framework, ANJA)
    assert talk.type(label).screen == OthersCaseScreen()


# --- what is filled in -----------------------------------------------------------------


@pytest.mark.parametrize("number", [NUMBER, f" {NUMBER.lower()}. "])
def test_the_number_leads_to_the_people_with_the_reason_kept(asked: Talk, number: str) -> None:
    assert filled(asked, "relieve", number, "Bram is ziek.") == []
    assert isinstance(asked.screen, RelieveScreen)
    assert field(asked, "note") == "Bram is ziek."
    assert recorded(asked.press("relieve", "2", "Bram is ziek.")) == ["case.offered"]


@pytest.mark.parametrize("verb", ["relieve", "reopen"])
@pytest.mark.parametrize("number", ["", "42", "IL-2026", "IL-2026-0042 en meer", "1" * 32])
def test_what_is_no_number_is_asked_again_with_what_was_filled_in(asked: Talk, verb: str, number: str) -> None:
    assert filled(asked, verb, number, "Bram is ziek.") == []
    assert asked.notice == say("case_number_missing")
    assert asked.screen == OthersCaseScreen(number, "Bram is ziek.")
    assert (field(asked, "answer") or "", field(asked, "note")) == (number, "Bram is ziek.")


@pytest.mark.parametrize("verb", ["relieve", "reopen"])
def test_a_case_that_is_not_there_is_answered_as_one_that_it_cannot_be_done_with(asked: Talk, verb: str) -> None:
    asked.case = None if verb == "relieve" else asked.case
    outcome = asked.press(verb, NUMBER, "Bram is ziek.")
    assert (recorded(outcome), outcome.case, outcome.refused) == ([], None, "no_such_case")
    assert (asked.notice, field(asked, "answer")) == (say("no_such_case"), NUMBER)


def test_a_closed_case_is_opened_again_with_a_reason(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("afronden")
    as_(talk, ANJA).screen = OthersCaseScreen()
    assert filled(talk, "reopen", NUMBER, " ") == []
    assert (talk.notice, field(talk, "answer")) == (say("reopen_reason_missing"), NUMBER)
    assert filled(talk, "reopen", NUMBER, "De raad vraagt ernaar.") == ["case.reopened", "advice.given"]
    assert talk.screen == screens.TextScreen("reopened_for")


def test_ones_own_number_leads_to_handing_over(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER, actor=ANJA)
    talk.screen = OthersCaseScreen()
    filled(talk, "relieve", NUMBER, "met verlof")
    assert isinstance(talk.screen, HandOverScreen)


def test_the_number_alone_can_be_typed_under_it(asked: Talk) -> None:
    assert isinstance(under(asked, f"{NUMBER.lower()}.").screen, RelieveScreen)
    assert read_text(NUMBER, "advice") == Wish("answer", NUMBER)


# --- from a reminder -------------------------------------------------------------------


@pytest.fixture
def reminded(framework: CompiledFramework) -> Talk:
    """Give a decider with the reminder of a term on the card in the channel."""
    talk = as_(posted(framework), ANJA)
    talk.later(timedelta(days=1))
    talk.screen = reminder_screen(talk.scene(), "REVIEW")
    return talk


def test_the_reminder_leads_to_the_people_at_once(reminded: Talk) -> None:
    assert say("remind.relieve") in str(reminded.render(reminded.screen))
    assert recorded(reminded.press("relieve")) == []
    assert isinstance(reminded.screen, RelieveScreen)
    assert recorded(reminded.press("relieve", "2", "Bram is ziek.")) == ["case.offered"]


def test_its_holder_and_who_had_the_case_before_have_no_such_button(reminded: Talk) -> None:
    reminded.screen = reminder_screen(as_(reminded, BRAM).scene(), "REVIEW")
    assert not offers(reminded, "relieve")
    reminded.type(f"overdragen {NUMBER} met verlof")
    reminded.press("finish", "2", "met verlof")
    as_(reminded, DIRK).type("overnemen")
    former = replace(BRAM, role="decider")
    reminded.screen = reminder_screen(as_(reminded, former).scene(), "REVIEW")
    assert not offers(reminded, "relieve")
    assert reminded.forge("relieve", None, "", "term:REVIEW").refused == "stale_card"


# --- an offer that nobody answers ------------------------------------------------------


@pytest.fixture
def silent(framework: CompiledFramework) -> Talk:
    """Give a decider, and the case of someone who is ill that another decider offered to someone who is away."""
    talk = as_(answered(framework, NEWSPAPER), DIRK)
    talk.type(f"overdragen {NUMBER}")
    talk.press("relieve", "2", "Bram is ziek.")
    assert talk.case.offered_to == ANJA
    # Another decider than who offered it, and than who got it.
    return as_(talk, THIRD)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_decider_sees_that_it_was_offered_and_nothing_else(silent: Talk, language: str) -> None:
    silent.language = language
    silent.type(f"overdragen {NUMBER} ziek")
    assert silent.screen == WaitingOfferScreen(NUMBER)
    assert say("waiting_offer.text", language) in silent.said
    assert not any(name in silent.said for name in ("Bram", "Anja", "Dirk", "ziek."))


def test_it_is_taken_back_and_offered_anew_in_one_go(silent: Talk) -> None:
    silent.type(f"overdragen {NUMBER}")
    outcome = silent.press("back")
    assert recorded(outcome) == ["offer.ended", "advice.given"]
    assert outcome.recorded[0].actor == THIRD
    assert (silent.notice, type(silent.screen)) == (say("offer_ended_for"), RelieveScreen)
    assert recorded(silent.press("relieve", "3", "Bram is nog ziek.")) == ["case.offered"]
    assert recorded(as_(silent, ANJA).type("overnemen")) == []


@pytest.mark.parametrize("text", ["trek het aanbod in {}", "Intrekken {}.", "withdraw the offer {}", "withdraw {}"])
def test_it_is_taken_back_by_typing(silent: Talk, text: str) -> None:
    assert recorded(silent.type(text.format(NUMBER.lower()))) == ["offer.ended", "advice.given"]


@pytest.mark.parametrize(("who", "declined"), [(BRAM, False), (ANJA, True)], ids=["holder", "receiver"])
def test_ones_own_offer_may_be_named_too(silent: Talk, who: Actor, declined: bool) -> None:
    outcome = as_(silent, who).type(f"intrekken {NUMBER}")
    assert recorded(outcome)[0] == "offer.ended"
    assert outcome.recorded[0].event.declined is declined


def test_the_button_is_past_once_it_was_accepted_or_taken_back(silent: Talk) -> None:
    silent.type(f"overdragen {NUMBER}")
    card = silent.screen
    accepted = copy(silent)
    as_(accepted, ANJA).type("overnemen")
    silent.press("back")
    for talk in (silent, accepted):
        is_past(as_(talk, THIRD).press("back", on=card))


def test_an_older_card_of_it_leads_to_the_offer_that_waits(silent: Talk) -> None:
    assert recorded(silent.forge("relieve", "1", "Bram is ziek.", f"relieve:{DIRK.id}")) == []
    assert silent.screen == WaitingOfferScreen(NUMBER)


# --- a card that is past ---------------------------------------------------------------


@pytest.mark.parametrize("context", [f"relieve:{DIRK.id}", "term:REVIEW"])
@pytest.mark.parametrize("who", [ANJA, ASSESSOR], ids=["decider", "assessor"])
def test_a_button_on_a_case_that_nobody_can_take_over_any_more_is_past(
    framework: CompiledFramework, context: str, who: Actor
) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("afronden")
    is_past(as_(talk, who).forge("relieve", "1", "Bram is ziek.", context))


@pytest.mark.parametrize("who", [BRAM, ANJA], ids=["holder", "decider"])
def test_the_button_of_a_closing_is_past_once_the_case_is_open(framework: CompiledFramework, who: Actor) -> None:
    is_past(as_(answered(framework, NEWSPAPER), who).forge("reopen", None, "nieuwe feiten", "closed"))


def is_past(outcome: Outcome) -> None:
    assert (recorded(outcome), outcome.case, outcome.refused) == ([], None, "stale_card")
    assert outcome.screen == screens.TextScreen("stale_card")


def test_that_a_case_is_sealed_is_said_to_its_holder_and_nobody_else_learns_it(framework: CompiledFramework) -> None:
    # The bot cannot read a sealed one any more: to the conversation there is no case.
    sealed = Talk(framework, BRAM)
    assert sealed.forge("reopen", None, "nieuwe feiten", "closed").refused == "no_such_case"
    assert "verzegelde zaak" in sealed.said
    other = as_(answered(framework, NEWSPAPER), ASSESSOR)
    assert other.forge("reopen", None, "nieuwe feiten", "closed").refused == "no_such_case"
    assert other.said == sealed.said
