"""What holds for every card: the official schema, the contract of its actions, and words on everything."""

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import screens
from dialogs.cards.channel import placeholder_card
from dialogs.cards.elements import Voice, editable, literal, size_of
from dialogs.reading import PRESSED
from dialogs.render import render, summary
from dialogs.screens_passing import Candidate, HandOverScreen
from dialogs.values import Card
from state.decide_together import AUDIENCES
from tests.dialogs.stage import (
    ANSWERS,
    HANDLE,
    LANGUAGES,
    NOTICE,
    NOW,
    NUMBER,
    actions,
    case_of,
    every_card,
    every_screen,
    presses,
    problems,
    question_screen,
    shown,
    small,
    to_channel,
    walk,
    wording,
    words,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f")), st.none()))
def test_the_size_of_a_card_is_that_of_its_longest_form(card: Card):
    assert size_of(card) == len(json.dumps(card, separators=(",", ":")))


CARDS: list[tuple[str, Card]] = [
    *every_card(small(), ANSWERS),
    *((f"channel {language}", to_channel(small(), ANSWERS, language=language)) for language in LANGUAGES),
    *((f"placeholder {language}", placeholder_card(NUMBER, language, wording())) for language in LANGUAGES),
]


def _each(check: str) -> Iterator[tuple[str, Card]]:
    assert len(CARDS) > 100, check
    yield from CARDS


def test_every_card_is_valid_by_the_official_schema():
    assert {name: found for name, card in _each("schema") if (found := problems(card))} == {}


def test_the_schema_check_sees_a_mistake():
    card = to_channel(small(), ANSWERS)
    card["body"][0]["colour"] = "red"
    assert problems(card)


def test_every_action_carries_a_verb_of_the_contract_and_the_handle_and_no_more():
    for name, card in _each("actions"):
        for data in presses(card):
            assert data.keys() <= {"verb", "handle", "answer"}, name
            assert data["verb"] in PRESSED, name
            assert data["handle"] == HANDLE, name
            assert NUMBER not in str(data), name


def test_an_execute_carries_its_verb_twice():
    for name, card in _each("execute"):
        executes = [action for action in actions(card) if action["type"] == "Action.Execute"]
        assert all(action["verb"] == action["data"]["verb"] for action in executes), name


def test_only_submit_execute_and_unfolding_are_used():
    used = {action["type"] for _, card in _each("types") for action in actions(card)}
    assert used == {"Action.Submit", "Action.Execute", "Action.ToggleVisibility"}


def test_no_card_has_more_than_six_actions_in_a_row_and_every_row_fits_a_phone():
    for name, card in _each("rows"):
        assert "actions" not in card, name
        for row in (node for node in walk(card) if node.get("type") == "ActionSet"):
            assert len(row["actions"]) <= 6, name
            room = sum(len(action["title"]) * 8 + 34 for action in row["actions"]) + 8 * (len(row["actions"]) - 1)
            # A button alone is as wide as the card at most, and wraps there.
            assert room <= 308 or len(row["actions"]) == 1, name


def test_no_word_is_in_a_colour_that_cannot_be_read_in_teams_light_or_dark_theme():
    for name, card in _each("colours"):
        assert {node["color"] for node in walk(card) if "color" in node} <= {"Accent"}, name


def test_inputs_are_called_answer_and_note_and_have_labels():
    for name, card in _each("inputs"):
        fields = [node for node in walk(card) if str(node.get("type")).startswith("Input.")]
        # Three texts on one card each have a name of their own.
        several = {f"words.{one}" for one in AUDIENCES} if name.startswith("WordsScreen") else set()
        assert {field["id"] for field in fields} <= (several or {"answer", "note"}), name
        assert all(field["label"] for field in fields), name
        assert len({field["id"] for field in fields}) == len(fields), name


def test_what_unfolds_is_there_once_and_can_be_reached():
    for name, card in _each("unfold"):
        ids = [node["id"] for node in walk(card) if "id" in node and "type" in node]
        assert len(ids) == len(set(ids)), name
        targets = {target for action in actions(card) for target in action.get("targetElements", ())}
        folded = {node["id"] for node in walk(card) if node.get("isVisible") is False}
        assert targets == folded, name


def test_everything_that_can_be_pressed_has_words():
    for name, card in _each("titles"):
        assert all(action["title"].strip() for action in actions(card)), name


def test_every_card_says_its_language_and_nothing_of_the_case_to_a_client_that_cannot_draw_it():
    for name, card in _each("fallback"):
        language = name[-2:]
        assert card["lang"] == language, name
        assert card["fallbackText"] == wording().say("summary", language), name


def test_no_key_field_or_empty_word_shows_through():
    keys = {key for key in wording().sentences["nl"] if "." in key or "_" in key}
    pattern = re.compile("|".join(rf"\b{re.escape(key)}\b" for key in keys))
    for name, card in _each("words"):
        text = shown(card)
        assert not pattern.search(text), (name, pattern.search(text))
        assert not re.search(r"undefined|\bNone\b|\{[a-z_]+\}|<[A-Z]\w+", text), name


def test_the_notice_stands_above_everything():
    for name, card in _each("notice"):
        if not name.startswith(("AnsweredScreen", "channel", "placeholder")):
            # Above it stands only that this is an exercise.
            first = 2 if name.startswith("DiscardScreen") else 1
            assert NOTICE in words({"body": card["body"][:first]}), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notification_never_says_anything_of_a_case(language):
    neutral = {"nl": "Weegwijzer: nieuw bericht", "en": "Weegwijzer: new message"}[language]
    assert summary(language, wording()) == neutral
    for screen in every_screen(small(), ANSWERS):
        assert render(screen, wording(), language, HANDLE).summary == neutral


def test_a_sentence_to_someone_who_may_not_talk_to_the_bot_has_nothing_to_press():
    message = render(screens.TextScreen("no_access"), wording(), "nl", "")
    assert message.card is None
    assert message.text == wording().say("no_access", "nl")


# --- what people wrote -----------------------------------------------------------------

HOSTILE = "[klik](https://evil.example) **vet** <at>Anja</at> {{DATE(2026-01-01T00:00:00Z)}} ‮omgekeerd​\x07 # kop"


def test_what_people_wrote_shows_as_written():
    voice = Voice(wording(), "nl")
    assert literal(HOSTILE, voice) == (
        "[klik](https://evil.example) **vet** <at>Anja</at> { {DATE(2026-01-01T00:00:00Z)}} omgekeerd # kop"
    )
    assert literal("{{{{", voice) == "{ { { {"
    assert literal("a\r\nb\tc", voice) == "a\nb c"


@pytest.mark.parametrize("blank", ["\N{VARIATION SELECTOR-16}", "\N{HANGUL FILLER}", "\N{COMBINING GRAPHEME JOINER}"])
def test_letters_without_a_picture_hide_nothing(blank):
    assert literal(f"a{blank}b {{{blank}{{DATE}}", Voice(wording(), "nl")) == "ab { {DATE}"


def test_a_field_holds_all_of_what_was_written():
    assert editable("x" * 4000) == "x" * 4000
    assert editable("{{DATE(2026)}}\N{ZERO WIDTH SPACE}\nregel") == "{ {DATE(2026)}}\nregel"


def test_what_people_wrote_at_length_is_cut_and_says_so():
    cut = literal("x" * 1001, Voice(wording(), "nl"))
    assert cut == "x" * 1000 + "… (volledig in het dossier)"
    assert literal("x" * 1000, Voice(wording(), "nl")) == "x" * 1000


def test_what_people_wrote_stands_in_text_runs_only():
    framework = small().framework
    answers = {**ANSWERS, "toelichting": HOSTILE}
    case = case_of(answers, phase="weighing", notes={"sinds": HOSTILE})
    hostile_screens = [
        screens.AnsweredScreen(framework, "toelichting", HOSTILE),
        screens.OverviewScreen(case, framework, (("toelichting", "answered"), ("sinds", "answered"))),
        HandOverScreen(case, "no_card", (Candidate("1", HOSTILE, HOSTILE),)),
        screens.StatusScreen(case, "offered", HOSTILE),
        question_screen(small(), "toelichting", answers),
    ]
    for screen in hostile_screens:
        card = render(screen, wording(), "nl", HANDLE).card
        texts = [(node["type"], node["text"]) for node in walk(card) if "text" in node]
        assert {kind for kind, text in texts if "evil.example" in text} <= {"TextRun"}, type(screen)
        assert not any("{{" in text for _, text in texts), type(screen)


def test_a_function_with_markup_stays_a_text_run_on_the_channel_card():
    card = to_channel(small(), ANSWERS, function=HOSTILE)
    found = [node for node in walk(card) if "evil.example" in str(node.get("text", ""))]
    assert [node["type"] for node in found] == ["TextRun"]


def test_the_answered_card_of_a_text_warns_again_and_has_no_buttons():
    card = render(screens.AnsweredScreen(small().framework, "toelichting", "x"), wording(), "nl", "").card
    assert card is not None
    assert actions(card) == []
    assert wording().say("answered.text_warning", "nl") in words(card)


def test_the_preview_holds_the_card_unchanged():
    card = to_channel(small(), ANSWERS, prepared_at=NOW)
    preview = render(screens.PreviewScreen(case_of(), card), wording(), "nl", HANDLE).card
    assert any(node.get("items") == card["body"] for node in walk(preview))


def test_the_overview_shows_the_beginning_of_a_long_answer():
    case = case_of({"toelichting": "x" * 500})
    screen = screens.OverviewScreen(case, small().framework, (("toelichting", "answered"),))
    found = words(render(screen, wording(), "nl", HANDLE).card)
    assert "✓ " + "x" * 160 + "…" in found


def test_the_overview_says_what_was_skipped():
    case = case_of({}, phase="asking", skipped=frozenset({"toelichting"}))
    states = (("toelichting", "not_asked"), ("sinds", "not_applicable"))
    card = render(screens.OverviewScreen(case, small().framework, states), wording(), "nl", HANDLE).card
    assert "– overgeslagen" in words(card)
    assert "Niet van toepassing (1)" in shown(card)
    assert [choice["value"] for node in walk(card) for choice in node.get("choices", ())] == ["toelichting"]
