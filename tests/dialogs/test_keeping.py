"""The dossier keeper's side: what is typed and pressed, what it comes to, and how the cards are."""

import json
from datetime import timedelta

import pytest

from dialogs import keeping as screens
from dialogs.cards.elements import size_of
from dialogs.keeping import read_pressed, read_typed
from dialogs.render import render_keeping
from dialogs.values import Incoming
from state.errors import TranscriptDamaged
from tests.dialogs.keepers import ANJA, DUE, ELS, FLEUR, NUMBER, Keepers, certificate, every_screen, kept
from tests.dialogs.stage import HANDLE, LANGUAGES, NOTICE, actions, presses, problems, shown, wording

WEEK = timedelta(days=7)


# --- words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "verb", "note", "choice"),
    [
        (f"bewaar {NUMBER} lopend Woo-verzoek", "hold", "lopend Woo-verzoek", ""),
        (f"Bevries {NUMBER.lower()}: bezwaar", "hold", "bezwaar", ""),
        (f"hold {NUMBER} pending request", "hold", "pending request", ""),
        (f"vrijgeven {NUMBER} klaar", "release", "klaar", ""),
        (f"geef  vrij {NUMBER} 2 klaar", "release", "2 klaar", ""),
        (f"release {NUMBER} done", "release", "done", ""),
        (f"vernietig {NUMBER}", "destroy", "", ""),
        (f"vernietig {NUMBER} ja.", "destroy", "ja.", "yes"),
        (f"destroy {NUMBER} yes", "destroy", "yes", "yes"),
        (f"intrekken {NUMBER}", "withdraw", "", ""),
        (f"withdraw {NUMBER}", "withdraw", "", ""),
        (f"dossier {NUMBER}", "show", "", ""),
    ],
)
def test_every_command_about_one_dossier_can_be_typed_in_both_languages(text, verb, note, choice):
    wish = read_typed(text)
    assert wish is not None
    assert (wish.verb, wish.case, wish.note, wish.choice, wish.version) == (verb, NUMBER, note, choice, None)


@pytest.mark.parametrize(
    ("text", "verb"),
    [("dossiers", "list"), ("Dossier", "list"), ("certificates", "certificates"), ("verklaringen", "certificates")],
)
def test_lists_can_be_typed(text, verb):
    assert read_typed(text).verb == verb


@pytest.mark.parametrize(
    "text", ["intrekken", "withdraw", "help", "bewaar dit", "vernietig alles", "2", f"{NUMBER}", "nieuw", "stop", ""]
)
def test_what_is_no_keepers_word_is_left_to_the_weighing(text):
    assert read_typed(text, "question:spoed") is None


def test_a_verb_of_another_card_does_nothing_on_a_keepers_card():
    for verb in ("answer", "post", "new", "finish", "nonsense", None):
        assert read_pressed(Incoming(verb=verb, handle="h"), f"keeping:{NUMBER}.1") is None
    for verb in ("hold", "release", "destroy", "withdraw"):
        assert read_pressed(Incoming(verb=verb, handle="h"), "keepings:a,b") is None


# --- the list --------------------------------------------------------------------------


def test_the_list_shows_first_what_waits_for_this_keeper():
    keepers = Keepers({one.number: one for one in (kept("IL-2026-0001"), kept("IL-2026-0002"), kept("IL-2026-0003"))})
    keepers.types("vernietig IL-2026-0003", ELS)
    keepers.presses("destroy", "ja")
    keepers.types("bewaar IL-2026-0002 bezwaar")
    lines = keepers.types("dossiers", FLEUR).screen.lines
    assert [(line.number, line.status) for line in lines] == [
        ("IL-2026-0003", "proposed"),
        ("IL-2026-0001", "due"),
        ("IL-2026-0002", "held"),
    ]
    assert [line.status for line in keepers.types("dossiers").screen.lines] == ["due", "proposed_by_you", "held"]


def test_a_dossier_is_chosen_by_its_place_typed_or_pressed():
    keepers = Keepers({one.number: one for one in (kept("IL-2026-0001"), kept("IL-2026-0002"))})
    keepers.types("dossiers")
    assert keepers.types("2").screen.keeping.number == "IL-2026-0002"
    keepers.types("dossiers")
    assert keepers.presses("choose_case", "1").screen.keeping.number == "IL-2026-0001"
    for wrong in ("0", "3", "x", "9" * 30):
        assert keepers.presses("choose_case", wrong, card="keepings:a,b").notice[0] == "keeping.no_such"


def test_who_had_a_part_in_a_case_learns_nothing_of_its_term():
    keepers = Keepers({NUMBER: kept(parts=kept().parts._replace(holder=ELS), category="4.1.4", due=None)})
    assert [line.status for line in keepers.types("dossiers").screen.lines] == ["not_yours"]
    for text in (f"dossier {NUMBER}", f"bewaar {NUMBER} x", f"vernietig {NUMBER}", f"intrekken {NUMBER}"):
        outcome = keepers.types(text)
        assert outcome.notice == ("not_permitted", {})
        assert isinstance(outcome.screen, screens.KeepingsScreen)
        assert outcome.noted[0][1:] == ("not_permitted", f"case-{NUMBER}")
    assert keepers.keepings[NUMBER].version == 1


def test_a_number_that_is_not_there_is_said_to_be_not_there():
    outcome = Keepers().types("dossier IL-2026-9999")
    assert (outcome.notice, outcome.noted) == (("keeping.no_such", {}), (("show", "no_such_dossier", None),))


def test_the_language_is_changed_and_a_wrong_one_is_said_to_be_wrong():
    keepers = Keepers()
    keepers.types("dossiers")
    assert keepers.presses("language", "en").language == "en"
    outcome = keepers.presses("language", "fr")
    assert (outcome.language, outcome.notice) == (None, ("no_such_language", {}))


def test_a_keeping_without_its_case_is_damage_and_nothing_is_done():
    with pytest.raises(TranscriptDamaged):
        Keepers().types(f"vernietig {NUMBER}", heads={})


# --- hold ------------------------------------------------------------------------------


def test_a_hold_is_set_and_lifted_with_a_reason_and_noted():
    keepers = Keepers()
    assert keepers.types(f"bewaar {NUMBER}").notice == ("hold_reason_missing", {})
    outcome = keepers.types(f"bewaar {NUMBER} Woo-verzoek van 3 maart")
    assert outcome.noted == (("hold", "ok", f"case-{NUMBER}"),)
    assert outcome.keeping.held[0].reason == "Woo-verzoek van 3 maart"
    assert keepers.types(f"vernietig {NUMBER}").notice == ("on_hold", {})
    assert keepers.types(f"vrijgeven {NUMBER}").notice == ("hold_reason_missing", {})
    outcome = keepers.types(f"vrijgeven {NUMBER} 3 verzoeken afgehandeld", FLEUR)
    assert outcome.noted == (("lift_hold", "ok", f"case-{NUMBER}"),)
    assert outcome.keeping.holds[0].lifted_because == "3 verzoeken afgehandeld"


def test_of_several_holds_it_is_said_which():
    keepers = Keepers()
    keepers.types(f"bewaar {NUMBER} Woo")
    keepers.types(f"bewaar {NUMBER} bezwaar")
    assert keepers.types(f"vrijgeven {NUMBER} klaar").notice == ("no_such_hold", {})
    assert keepers.types(f"vrijgeven {NUMBER} 1. klaar").keeping.held[0].reason == "bezwaar"
    keepers.types(f"bewaar {NUMBER} Woo")
    assert keepers.presses("release", "2", "klaar").keeping.held[0].reason == "bezwaar"


def test_a_reason_that_is_too_long_is_refused_whole():
    outcome = Keepers().types(f"bewaar {NUMBER} {'x' * 501}")
    assert (outcome.notice, outcome.keeping) == (("too_long", {"most": "500"}), None)
    assert Keepers().types(f"bewaar {NUMBER} {'x' * 500}").keeping


def test_a_card_that_shows_an_older_state_changes_nothing():
    keepers = Keepers()
    old = f"keeping:case-{NUMBER}.1"
    keepers.types(f"bewaar {NUMBER} bezwaar")
    for verb in ("hold", "release", "destroy", "withdraw"):
        outcome = keepers.presses(verb, "1", "reden", card=old)
        assert (outcome.notice, outcome.keeping) == (("stale_card", {}), None)
    assert keepers.presses("back", card=old).screen.keeping.held


# --- destruction -----------------------------------------------------------------------


def test_two_keepers_destroy_a_dossier_each_after_seeing_what_it_is():
    keepers = Keepers()
    shown_first = keepers.types(f"vernietig {NUMBER}").screen
    assert (shown_first.step, shown_first.events, shown_first.days) == ("propose", 41, 7)
    outcome = keepers.presses("destroy", "ja")
    assert outcome.noted == (("propose_destruction", "ok", f"case-{NUMBER}"),)
    keepers.now += WEEK
    seen = keepers.types(f"vernietig {NUMBER}", FLEUR).screen
    assert (seen.step, seen.proposer, seen.proposed_at) == ("confirm", "Els Visser", DUE)
    outcome = keepers.types(f"vernietig {NUMBER} ja", FLEUR)
    assert [noted[:2] for noted in outcome.noted] == [("confirm_destruction", "ok"), ("destroy", "ok")]
    assert keepers.keepings == {}
    assert outcome.screen == screens.CertificateScreen(outcome.certificate)
    again = keepers.presses("destroy", "ja", person=FLEUR, card=f"destroying:case-{NUMBER}.2")
    assert (again.screen, again.certificate) == (outcome.screen, None)


def test_nobody_destroys_what_they_were_not_shown():
    keepers = Keepers()
    outcome = keepers.types(f"vernietig {NUMBER} ja")
    assert isinstance(outcome.screen, screens.DestroyScreen)
    assert outcome.keeping is None
    keepers.types(f"vernietig {NUMBER} ja")
    keepers.now += WEEK
    outcome = keepers.types(f"vernietig {NUMBER} ja", FLEUR)
    assert (outcome.screen.step, outcome.certificate) == ("confirm", None)


def test_the_first_keeper_is_never_the_second():
    keepers = Keepers()
    keepers.types(f"vernietig {NUMBER}")
    keepers.presses("destroy", "ja")
    keepers.now += WEEK
    for _ in range(2):
        outcome = keepers.types(f"vernietig {NUMBER} ja")
        assert outcome.notice == ("second_person_needed", {})
        assert outcome.noted == (("confirm_destruction", "second_person_needed", f"case-{NUMBER}"),)
    assert "confirm" not in outcome.screen.actions
    assert "confirm" in keepers.types(f"dossier {NUMBER}", FLEUR).screen.actions


def test_the_days_between_are_kept_and_either_keeper_withdraws():
    keepers = Keepers()
    keepers.types(f"vernietig {NUMBER}")
    keepers.presses("destroy", "ja")
    outcome = keepers.types(f"vernietig {NUMBER}", FLEUR)
    assert (outcome.notice, outcome.screen.actions) == (("too_early", {}), {"hold", "withdraw"})
    assert keepers.presses("withdraw", person=FLEUR).noted == (("withdraw_destruction", "ok", f"case-{NUMBER}"),)
    assert keepers.types(f"intrekken {NUMBER}").notice == ("nothing_proposed", {})


def test_a_demo_waits_no_days():
    keepers = Keepers()
    keepers.types(f"vernietig {NUMBER}")
    keepers.presses("destroy", "ja")
    assert keepers.types(f"vernietig {NUMBER}", FLEUR, wait=timedelta(0)).screen.step == "confirm"


def test_before_its_term_a_dossier_is_not_even_proposed():
    keepers = Keepers(now=DUE - timedelta(days=1))
    outcome = keepers.types(f"vernietig {NUMBER}")
    assert outcome.notice == ("not_due", {})
    assert outcome.screen.actions == {"hold"}


def test_a_person_without_the_role_gets_nothing_whatever_is_asked():
    for text in (f"dossier {NUMBER}", f"bewaar {NUMBER} x", f"vernietig {NUMBER} ja", f"intrekken {NUMBER}"):
        outcome = Keepers().types(text, ANJA)
        assert (outcome.notice, outcome.keeping, outcome.certificate) == (("not_permitted", {}), None, None)


def test_the_certificates_come_the_latest_first():
    outcome = Keepers(certificates=[certificate("IL-2025-0001"), certificate("IL-2025-0002")]).types("verklaringen")
    assert [one.number for one in outcome.screen.certificates] == ["IL-2025-0002", "IL-2025-0001"]
    assert outcome.noted == (("list_certificates", "ok", None),)


def test_of_many_dossiers_and_certificates_the_rest_is_counted():
    numbers = [f"IL-2025-{number:04d}" for number in range(20)]
    keepers = Keepers({number: kept(number) for number in numbers}, [certificate(number) for number in numbers])
    for text in ("dossiers", "verklaringen"):
        screen = keepers.types(text).screen
        assert screen.more == 8
        assert "En nog 8." in shown(render_keeping(screen, wording(), "nl", HANDLE).card)


# --- cards -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "screen"), list(every_screen()), ids=[name for name, _ in every_screen()])
def test_every_keepers_card_is_valid_small_and_can_be_left(name, screen):
    for language in LANGUAGES:
        message = render_keeping(screen, wording(), language, HANDLE, NOTICE)
        card = message.card
        assert problems(card) == []
        assert size_of(card) < 28_000
        assert message.summary == card["fallbackText"] == wording().say("summary", language)
        assert len([one for one in actions(card) if one["data"]["verb"] != "choose_case"]) <= 6
        assert {"resume", "help", "back"} & {data["verb"] for data in presses(card)}
        assert NOTICE in shown(card)


@pytest.mark.parametrize(("name", "screen"), list(every_screen()), ids=[name for name, _ in every_screen()])
def test_the_data_of_a_keepers_card_says_nothing_of_a_case(name, screen):
    card = render_keeping(screen, wording(), "nl", HANDLE).card
    for data in presses(card):
        assert data.keys() <= {"verb", "handle", "answer"}
        assert data["handle"] == HANDLE
        assert "IL-" not in json.dumps(data)
        assert len(data.get("answer", "")) <= 2


def test_what_a_keeper_wrote_shows_as_written():
    hostile = "[klik](https://evil.example) {{DATE(2026-01-01T00:00:00Z)}} \u202eomgekeerd"
    found = [screen for name, screen in every_screen(hostile) if name in ("one IL-2026-0001", "one lifted")]
    for screen in found:
        card = render_keeping(screen, wording(), "nl", HANDLE).card
        blocks = [words["text"] for words in _texts(card) if words["type"] == "TextBlock"]
        assert not any("evil" in text for text in blocks)
        assert "{{" not in json.dumps(card)
        assert "\u202e" not in shown(card)
        assert "[klik](https://evil.example)" in shown(card)
    assert len(found) == 2


def _texts(node):
    if isinstance(node, dict):
        if "text" in node:
            yield node
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
