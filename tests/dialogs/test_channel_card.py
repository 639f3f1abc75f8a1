"""The card in the CMT channel: its fields in their order, and nothing else."""

import json

import pytest

from dialogs.cards import channel
from dialogs.cards.channel import placeholder_card
from dialogs.cards.elements import size_of
from dialogs.cards.standing import standing_card
from tests.dialogs.stage import (
    ANSWERS,
    HANDLE,
    NUMBER,
    actions,
    case_of,
    edited,
    presses,
    shown,
    small,
    to_channel,
    walk,
    wording,
    words,
)


def _order(*texts: str) -> None:
    found = shown(to_channel(small(), {**ANSWERS, "soorten": ("gezondheid",)}))
    positions = [found.find(text) for text in texts]
    assert -1 not in positions, texts[positions.index(-1)]
    assert positions == sorted(positions)


def test_has_the_fields_of_the_specification_in_their_order():
    _order(
        "VERTROUWELIJK - uitsluitend CMT - niet doorsturen",
        f"Afweging informatielek - zaak {NUMBER} - persoonsgegevens",
        "Hulpmiddel bij de afweging.",
        "Lopende termijnen",
        "Grenzen",
        "▲ Ligt voor de hand",
        "▽ Terughoudend",
        "Kaders",
        "Persoonsgerichte stappen staan niet op deze kaart.",
        "Kader 0.1-concept, recht per 23 november 2026.",
        "Kaart v1.",
        "Opgesteld door gemeentesecretaris, maandag 23 november 2026, 10:00.",
        "Herbeoordeling op 7 december 2026.",
        f"Zaak {NUMBER}.",
        "Bespreek personen en inhoud niet in dit kanaal.",
    )


def test_unknown_answers_stand_as_their_questions():
    found = shown(to_channel(small(), {"betrokken": "nee", "sinds": "onbekend", "gegevens": "onbekend"}))
    assert "Nog onbekend" in found
    assert "? Gaat het om persoonsgegevens?" in found


def test_what_does_not_arise_is_named_only_and_folded_away():
    card = to_channel(small(), {"betrokken": "nee"})
    folded = next(node for node in walk(card) if node.get("id") == "lightest")
    assert words(folded) == ["Melden bij de AP"]
    assert folded["isVisible"] is False


def test_hours_are_those_at_posting():
    found = shown(to_channel(small(), {**ANSWERS, "sinds": "2026-11-23T08:30:00+01:00"}))
    assert "uiterlijk do 26-11-2026 08:30 (nog 70 uur bij plaatsing)." in found


def test_an_expired_term_says_what_is_to_be_done():
    found = shown(to_channel(small(), ANSWERS))
    assert (
        "Termijn verstreken op ma 23-11-2026 08:30. Alsnog melden met motivering van de vertraging (AVG art. 33 lid 1)."
        in found
    )


def test_a_term_that_presses_is_bold_and_says_so_in_words():
    pressing = [node for node in walk(to_channel(small(), ANSWERS)) if "verstreken" in node.get("text", "")]
    assert any(node.get("weight") == "Bolder" for node in pressing)


def test_the_buttons_of_the_card_in_the_channel_fit_a_phone_whole():
    card = standing_card(to_channel(small(), ANSWERS), case_of(), small().framework, wording(), handle=HANDLE)
    rows = [node["actions"] for node in card["body"] if node["type"] == "ActionSet"]
    assert [action["verb"] for row in rows for action in row] == ["decide", "dissent", "involved"]
    assert all(sum(8 * len(action["title"]) + 34 for action in row) + 8 * (len(row) - 1) <= 308 for row in rows)


def test_a_reason_that_may_not_be_shown_leaves_its_place_to_the_dossier():
    def hide(text: str) -> str:
        before, rules, after = text.partition("\nrules:\n")
        return before + rules + after.replace("channel: true", "channel: false")

    compiled = edited(hide)
    found = shown(to_channel(compiled, ANSWERS))
    assert "**Toelichting in het dossier.**" in found
    assert "persoonsgegevens gelekt" not in found


def test_only_steps_of_the_channel_stand_on_it():
    assert "Gesprek met betrokkene" not in json.dumps(to_channel(small(), ANSWERS), ensure_ascii=False)


def test_what_was_written_and_who_the_source_may_be_are_not_on_it():
    card = json.dumps(to_channel(small(), ANSWERS), ensure_ascii=False)
    assert "evil.example" not in card
    assert "GEHEIM" not in card


def test_nothing_on_it_comes_to_the_bot():
    card = to_channel(small(), ANSWERS)
    assert presses(card) == []
    assert {action["type"] for action in actions(card)} <= {"Action.ToggleVisibility"}


def test_a_subject_has_at_most_sixty_characters():
    title = next(text for text in words(to_channel(small(), ANSWERS, subject="x" * 61)) if "Afweging" in text)
    assert title.endswith("- " + "x" * 60)


def test_without_a_function_a_member_prepared_it():
    assert "Opgesteld door een lid van CMT of college," in shown(to_channel(small(), ANSWERS, function=""))


@pytest.mark.parametrize("most", [2_000, 3_000])
def test_too_large_it_shows_fewer_reasons_but_every_term_and_limit(monkeypatch, most):
    answers = {**ANSWERS, "soorten": ("gezondheid",)}
    whole = to_channel(small(), answers)
    monkeypatch.setattr(channel, "MOST_BYTES", most)
    card = to_channel(small(), answers)
    assert size_of(card) < size_of(whole)
    assert "Meer redenen in het dossier." in shown(card)
    for text in ("Melding aan de AP", "Bron van journalist", "Wie besluit"):
        assert text in shown(card)


def test_an_adopted_framework_is_no_concept():
    adopted = edited(lambda text: text.replace("status: concept", "status: adopted"))
    found = shown(to_channel(adopted, ANSWERS))
    assert "Kader 0.1, recht per" in found


def test_the_placeholder_has_the_number_and_nothing_of_the_case():
    found = shown(placeholder_card(NUMBER, "nl", wording()))
    assert NUMBER in found
    assert "Advies volgt" in found
    assert presses(placeholder_card(NUMBER, "nl", wording())) == []
