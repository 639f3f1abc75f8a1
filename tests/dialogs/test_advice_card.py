"""The full private advice, and the cards that come after it."""

from datetime import datetime

import pytest

from dialogs import screens
from dialogs.cards import advice as advice_cards
from dialogs.render import render
from dialogs.values import Card
from state.case import Deviation
from state.weighing import weigh
from tests.casework import NEWSPAPER
from tests.dialogs.stage import (
    ANSWERS,
    HANDLE,
    NOW,
    actions,
    advice_screen,
    case_of,
    edited,
    presses,
    shown,
    small,
    walk,
    wording,
    words,
)


def _card(answers=ANSWERS, language: str = "nl", phase: str = "weighing", **more) -> Card:
    card = render(advice_screen(small(), answers, phase, **more), wording(), language, HANDLE).card
    assert card is not None
    return card


def _verbs(card: Card) -> list[str]:
    return [data["verb"] for data in presses(card)]


def test_says_that_people_decide_and_that_the_framework_is_a_concept():
    found = shown(_card())
    assert wording().say("disclaimer", "nl") in found
    assert "concept: nog niet vastgesteld" in found
    assert "Recht per 23 november 2026" in found
    assert "Herbeoordeling op 7 december 2026" in found


def test_terms_stand_first_and_a_legal_one_is_called_a_duty_and_no_advice():
    found = words(_card())
    assert "Wettelijke plichten en termijnen (geen advies)" in found
    order = [found.index(text) for text in ("Wat nu loopt", "Grenzen", "▲ Ligt voor de hand")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"sinds": "2026-11-20T12:30:00+01:00"}, "uiterlijk ma 23-11-2026 12:30 (nog 2 uur)."),
        ({"sinds": "2026-11-20T11:30:00+01:00"}, "uiterlijk ma 23-11-2026 11:30 (nog 1 uur)."),
        ({"sinds": "2026-11-20T10:30:00+01:00"}, "uiterlijk ma 23-11-2026 10:30 (nog minder dan een uur)."),
        ({"sinds": "2026-11-20T08:30:00+01:00"}, "Termijn verstreken op ma 23-11-2026 08:30. Alsnog melden"),
        ({"sinds": "onbekend"}, "nog niet te berekenen"),
    ],
)
def test_a_term_says_when_it_ends_and_what_is_left(answers, expected):
    assert expected in shown(_card({**ANSWERS, **answers}))


@pytest.mark.parametrize(
    ("publication", "expected"),
    [
        ("2026-11-23T16:00:00+01:00", "Publicatiemoment: \nma 23-11-2026 16:00 (nog 6 uur).\n"),
        ("2026-11-23T09:00:00+01:00", "Publicatiemoment: \nwas op ma 23-11-2026 09:00.\n"),
        ("onbekend", "Publicatiemoment: \nnog onbekend.\n"),
    ],
)
def test_a_moment_that_is_no_term_is_a_moment_and_no_duty(framework, publication, expected):
    answers = {**NEWSPAPER, "verspreiding": "aangekondigd", "publicatie_moment": publication}
    found = shown(render(advice_screen(framework, answers), wording(), "nl", HANDLE).card)
    assert expected in found
    assert found.index("Andere momenten") < found.index("Publicatiemoment: ")


def test_every_reason_stands_with_its_sign_basis_and_decider():
    found = shown(_card())
    assert "**Daarom:** Er zijn persoonsgegevens gelekt. (AVG art. 33)" in found
    assert "**Termijn:** De termijn loopt vanaf kennisname. (AVG art. 33)" in found
    assert (
        "**Weegt tegen:** Gevoelige gegevens vragen terughoudendheid. (Ambtenarenwet 2017; Ambtenarenwet 2017 art. 9)"
        in found
    )
    assert "**Grens:** Een journalist heeft het. (Ambtenarenwet 2017 art. 9)" in found
    assert "Tenzij bij de stap iets anders staat, besluit: gemeentesecretaris." in found


def test_who_decides_can_be_told_for_every_step(framework):
    advice = weigh(framework, NEWSPAPER, NOW)
    found = shown(render(advice_screen(framework, NEWSPAPER), wording(), "nl", HANDLE).card)
    deciders = {step.decider.nl for step in advice.steps.values()}
    said = {who for who in deciders if f"besluit: {who}" in found}
    assert len(deciders) > 1
    assert said == deciders


def test_where_every_step_has_its_own_decider_none_is_called_the_usual_one():
    rows = "".join(
        f"  - {{step: {step}, when: always, who: {{nl: {who}, en: {who}}}}}\n"
        for step, who in (("melden_ap", "FG"), ("gesprek", "griffier"))
    )
    split = edited(lambda text: text.replace("deciders:\n", f"deciders:\n{rows}"))
    found = shown(render(advice_screen(split, ANSWERS), wording(), "nl", HANDLE).card)
    assert "Tenzij bij de stap iets anders staat" not in found
    assert all(f"Wie besluit: {who}" in found for who in ("FG", "griffier", "gemeentesecretaris"))


def test_a_grade_is_a_glyph_and_a_word():
    found = words(_card())
    assert "▲ Ligt voor de hand" in found
    assert "▲ Melden bij de AP" in found


def test_reasons_are_folded_away_under_each_step():
    card = _card()
    folded = {node["id"] for node in walk(card) if node.get("isVisible") is False}
    assert {"step-melden_ap", "step-gesprek"} <= folded


def test_a_deviation_stands_at_its_step():
    case = case_of(phase="weighing", deviations={"melden_ap": Deviation("lvh", "th", "Al gemeld door de keten.")})
    found = shown(_card(case=case))
    assert "Afgeweken, gekozen: ▽ Terughoudend." in found
    assert "Al gemeld door de keten." in found


def test_what_is_missing_says_what_it_could_change():
    found = shown(_card({"betrokken": "nee", "sinds": "onbekend", "gegevens": "onbekend"}))
    assert "Gaat het om persoonsgegevens?" in found
    assert "Kan veranderen: Melden bij de AP." in found


def test_more_missing_than_three_are_folded_away():
    screen = advice_screen(small(), {})
    many = tuple(
        type(screen.missing[0])(question.id, ("melden_ap", "gesprek", "nazorg", "melden_ap"))
        for question in small().framework.questions
    )
    card = render(_with(screen, missing=many), wording(), "nl", HANDLE).card
    assert "Toon de andere 3" in {action["title"] for action in actions(card)}
    assert "en nog 1" in shown(card)


def _with(screen: screens.AdviceScreen, **changes) -> screens.AdviceScreen:
    fields = {name: getattr(screen, name) for name in screen.__dataclass_fields__}
    return screens.AdviceScreen(**{**fields, **changes})


def test_with_a_card_the_way_leads_to_the_subject_and_then_to_the_preview():
    assert _verbs(_card()) == ["subject", "deviate", "overview", "finish", "words"]
    chosen = case_of(phase="weighing", subject="bestuurlijk")
    assert _verbs(_card(case=chosen)) == ["preview", "deviate", "overview", "finish", "words"]


def test_without_a_card_it_says_why_that_the_channel_is_not_told_and_what_can_be_done():
    answers = {"betrokken": "ja_ikzelf"}
    card = _card(answers, must_hand_over=True)
    found = shown(card)
    assert "De weger is betrokken." in found
    assert wording().say("card.not_told", "nl") in found
    assert wording().say("card.must_hand_over", "nl") in found
    assert [(data["verb"], data.get("answer")) for data in presses(card)] == [
        ("finish", "hand_over"),
        ("deviate", None),
        ("overview", None),
        ("words", None),
    ]


def test_a_decider_may_conclude_without_a_card_or_hand_over():
    card = _card({"betrokken": "ja_ikzelf"}, must_hand_over=False)
    assert [data.get("answer") for data in presses(card)] == [None, "hand_over", None, None, None]
    assert wording().say("card.may_finish", "nl") in shown(card)


def test_no_card_after_an_involved_assessor_is_explained():
    assert wording().say("card.handed_over", "nl") in shown(_card(card_allowed=False))


def test_after_posting_nothing_can_be_posted_or_deviated_from():
    assert _verbs(_card(phase="posting")) == ["overview"]
    assert _verbs(_card(phase="posted")) == ["overview", "finish"]


def test_a_very_large_advice_leaves_out_descriptions_but_no_reason(monkeypatch):
    whole = shown(_card())
    monkeypatch.setattr(advice_cards, "_WANTED_BYTES", 1_000)
    terse = shown(_card())
    assert "De Autoriteit Persoonsgegevens inlichten." in whole
    assert "De Autoriteit Persoonsgegevens inlichten." not in terse
    for step in weigh(small(), ANSWERS, NOW).steps.values():
        assert all(reason.text.nl in terse for reason in step.reasons)


# --- deviating -------------------------------------------------------------------------


def test_deviating_starts_with_the_step():
    screen = screens.DeviateScreen(case_of(), small().framework, weigh(small(), ANSWERS, NOW))
    field = next(node for node in walk(render(screen, wording(), "nl", HANDLE).card) if node.get("id") == "answer")
    assert [choice["value"] for choice in field["choices"]] == [step.id for step in small().framework.steps]


def test_the_indicated_grade_is_marked_and_an_earlier_choice_stands():
    advice = weigh(small(), ANSWERS, NOW)
    case = case_of(deviations={"melden_ap": Deviation("lvh", "th", "Al gemeld.")})
    screen = screens.DeviateScreen(case, small().framework, advice, "melden_ap")
    card = render(screen, wording(), "nl", HANDLE).card
    field = next(node for node in walk(card) if node.get("id") == "answer")
    assert field["value"] == "th"
    assert field["choices"][0]["title"] == "▲ Ligt voor de hand (geeft het kader aan)"
    assert next(node for node in walk(card) if node.get("id") == "note")["value"] == "Al gemeld."


def test_the_review_date_that_was_chosen_stands():
    assert "Herbeoordeling op 1 december 2026" in shown(_card({**ANSWERS, "evaluatiedatum": "2026-12-01"}))


def test_now_is_the_moment_of_the_advice():
    assert advice_screen(small(), ANSWERS).advice.now == datetime.fromisoformat("2026-11-23T10:00:00+01:00")
