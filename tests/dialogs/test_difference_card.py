"""The card that shows what changed since the one in the channel, and the same on that one's next version."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.shelf import open_framework, published
from dialogs import screens
from dialogs.cards import difference as difference_cards
from dialogs.cards.channel import MOST_BYTES, Since
from dialogs.cards.elements import size_of
from dialogs.render import render
from dialogs.screens_difference import DifferenceScreen
from state.case import Posted
from state.codec import canonical
from state.difference import channel_difference, difference
from state.questionnaire import effective_answers
from state.weighing import weigh_for_channel
from tests.builders import answer_paths
from tests.casework import NEWSPAPER
from tests.dialogs.stage import (
    HANDLE,
    LANGUAGES,
    NOW,
    advice_screen,
    case_of,
    edited,
    presses,
    problems,
    shown,
    small,
    to_channel,
    walk,
    wording,
    words,
)

LATER = NOW + timedelta(hours=5)
COMPILED = open_framework(published()[-1])
SENSITIVE = frozenset(question.id for question in COMPILED.framework.questions if not question.channel)
BEFORE = {"betrokken": "nee", "sinds": "2026-11-22T08:30:00+01:00", "gegevens": "nee"}
AFTER = {**BEFORE, "gegevens": "ja", "soorten": ("gezondheid",)}
_EVERYWHERE = 28_000
_PATHS = answer_paths(COMPILED)

many = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _screen(before=BEFORE, after=AFTER, compiled=None, now=LATER, **more):
    compiled = compiled or small()
    found = difference(compiled, before, NOW, after, now)
    posted = Posted(1, "{}", before, NOW)
    settings_ = {"version": 1, "card_allowed": True, **more}
    return DifferenceScreen(case_of(after, phase="weighing", posted=posted), compiled.framework, found, **settings_)


def _card(*args, language="nl", notice=None, **more):
    return render(_screen(*args, **more), wording(), language, HANDLE, notice).card


def _again(before, after, compiled=None, then=NOW, now=LATER, **more):
    compiled = compiled or small()
    old, new = weigh_for_channel(compiled, before, then), weigh_for_channel(compiled, after, now)
    since = Since(1, channel_difference(old, new))
    return to_channel(compiled, after, prepared_at=now, version=2, since=since, **more)


# --- the private card ------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_is_a_valid_card(language):
    assert problems(_card(language=language)) == []


def test_shows_the_changed_answer_and_each_step_with_its_old_and_new_grade_and_the_cause():
    found = shown(_card())
    assert "Vergeleken met kaart v1 van maandag 23 november 2026, 10:00" in found
    assert "3  Gaat het om persoonsgegevens? \nNee → Ja" in found
    assert "4  Welke gegevens? \nnieuw: Gezondheid" in found
    assert "▲ Melden bij de AP" in found
    assert "○ Niet aan de orde → ▲ Ligt voor de hand. Door vraag 3." in found


def test_reasons_that_came_and_went_are_folded_under_their_step_with_their_cause():
    folded = next(node for node in walk(_card()) if node.get("id") == "step-melden_ap")
    assert folded["isVisible"] is False
    assert "**+ Erbij. Daarom:** Er zijn persoonsgegevens gelekt. (AVG art. 33) Door vraag 3." in shown(folded)
    back = shown(_card(AFTER, BEFORE))
    assert "**– Weg. Daarom:** Er zijn persoonsgegevens gelekt. (AVG art. 33) Door vraag 3." in back
    assert "0 erbij, 2 weg".replace(" ", "\N{NO-BREAK SPACE}") in back


def test_the_step_that_is_indicated_most_comes_first_and_those_with_the_same_grade_last():
    names = [text for text in words(_card()) if text in ("▲ Melden bij de AP", "▽ Nazorg en leren")]
    assert names == ["▲ Melden bij de AP", "▽ Nazorg en leren"]
    assert "▽ Terughoudend, niet veranderd." in shown(_card())


def test_terms_that_started_stopped_or_moved():
    assert "loopt nu: uiterlijk wo 25-11-2026 08:30 (nog 41 uur)." in shown(_card())
    assert "Melding aan de AP: \nloopt niet meer." in shown(_card(AFTER, BEFORE))
    moved = {**AFTER, "sinds": "2026-11-23T08:30:00+01:00"}
    found = shown(_card(AFTER, moved))
    assert "nu: uiterlijk do 26-11-2026 08:30" in found
    assert "Was: wo 25-11-2026 08:30." in found
    assert "Door vraag 2." in found


def test_what_only_time_changed_says_so():
    found = shown(_card(AFTER, AFTER, now=NOW + timedelta(days=4)))
    assert "U wijzigde geen antwoord." in found
    assert "nu: Termijn verstreken op wo 25-11-2026 08:30." in found
    assert "Door het verstrijken van de tijd." in found
    late = shown(_card(BEFORE, AFTER, now=NOW + timedelta(days=4)))
    assert "Melding aan de AP: \nnu: Termijn verstreken" in late


def test_an_unknown_beginning_and_a_term_without_one_have_no_earlier_moment():
    unknown = {**AFTER, "sinds": "onbekend"}
    assert "Was:" not in shown(_card(unknown, AFTER))


def test_limits_that_came_and_went():
    assert "geldt nu. Vraag niet naar de bron. Door vraag 3 en vraag 4." in shown(_card())
    assert "Bron van journalist: \ngeldt niet meer. Door vraag 3." in shown(_card(AFTER, BEFORE))


def test_an_answer_that_lapsed_says_what_it_was():
    assert "vervallen, was: Gezondheid" in shown(_card(AFTER, BEFORE))


def _deciding(text):
    row = '{step: "*", when: always'
    first = "{step: melden_ap, when: {question: gegevens, in: [ja]}, who: {nl: college, en: college}}"
    done = "channel: true\n    done_when: {question: soorten, option: naam}"
    text = text.replace("en: Inform the authority.}\n    base: nao\n    channel: true",
                        f"en: Inform the authority.}}\n    base: nao\n    {done}")  # fmt: skip
    return text.replace(f"  - {row}", f"  - {first}\n  - {row}")


def test_another_decider_and_what_was_done_meanwhile_are_changes():
    compiled = edited(_deciding)
    found = shown(_card(compiled=compiled))
    assert "Nu besluit: college (was: gemeentesecretaris). \nDoor vraag 3. Bij: Melden bij de AP." in found
    done = {**AFTER, "soorten": ("naam", "gezondheid")}
    found = _card(AFTER, done, compiled=compiled)
    assert "▲ Ligt voor de hand, niet veranderd. \nNu al gedaan. Door vraag 4." in shown(found)
    assert not [node for node in walk(found) if node.get("id") == "step-melden_ap"]
    assert "Niet meer al gedaan. Door vraag 4." in shown(_card(done, AFTER, compiled=compiled))


def _deciding_by_involved(text):
    row = '  - {step: "*", when: always'
    first = "  - {step: melden_ap, when: {question: betrokken, in: [ja_ikzelf]}, who: {nl: college, en: college}}"
    return text.replace(row, f"{first}\n{row}")


def _any_of_four(text):
    parts = ("betrokken, in: [ja_ikzelf]", "sinds, unknown: true", "gegevens, in: [ja]", "soorten, has: [naam]")
    asked = ", ".join(f"{{question: {part}}}" for part in parts)
    old = "when: {question: gegevens, in: [ja]}\n    effect: {floor: lvh}"
    assert old in text
    before, rule, after = text.partition(old)
    # What looks at a sensitive answer is never for the channel.
    after = after.replace("channel: true", "channel: false", 1)
    return before + rule.replace(old, f"when: {{any: [{asked}]}}\n    effect: {{floor: lvh}}") + after


def test_many_answers_that_cause_something_together_are_named_one_by_one_only_where_others_changed_too():
    after = {"betrokken": "ja_ikzelf", "sinds": "onbekend", "gegevens": "ja", "soorten": ("naam",)}
    found = shown(_card(BEFORE, after, compiled=edited(_any_of_four)))
    assert "→ ▲ Ligt voor de hand. Door alle gewijzigde antwoorden samen." in found
    found = shown(_card(BEFORE, {**after, "evaluatiedatum": "2026-12-01"}, compiled=edited(_any_of_four)))
    assert "→ ▲ Ligt voor de hand. Door vraag 1, vraag 2, vraag 3 en vraag 4." in found


@pytest.mark.parametrize(("language", "words_"), [("nl", "Niets veranderd"), ("en", "Nothing changed")])
def test_says_so_when_nothing_changed(language, words_):
    found = shown(_card(BEFORE, {**BEFORE, "evaluatiedatum": "2026-12-24"}, language=language))
    assert words_ in found
    assert "24 " in found
    assert wording().say("difference.nothing", language) not in shown(_card(language=language))


def test_a_step_on_which_only_another_decides_stands_under_that_alone():
    card = _card(BEFORE, {**BEFORE, "betrokken": "ja_ikzelf"}, compiled=edited(_deciding_by_involved))
    assert "Nu besluit: college (was: gemeentesecretaris)." in shown(card)
    assert not [text for text in words(card) if "○ Melden bij de AP" in text]


def test_leads_to_the_full_advice_the_preview_the_overview_and_the_end():
    assert [data["verb"] for data in presses(_card())] == ["advice", "preview", "overview", "finish"]
    assert wording().say("card.stands", "nl", version="1") in shown(_card())
    without = _card(card_allowed=False)
    assert [data["verb"] for data in presses(without)] == ["advice", "overview", "finish"]
    assert wording().say("difference.no_card", "nl", version="1") in shown(without)


def test_that_a_card_may_be_in_the_channel_or_not_any_more_is_a_change():
    involved = {**BEFORE, "betrokken": "ja_ikzelf"}
    assert "Een kaart in het kanaal mag" not in shown(_card())
    assert "Een kaart in het kanaal mag niet meer." in shown(_card(BEFORE, involved, card_allowed=False))
    assert "Een kaart in het kanaal mag nu." in shown(_card(involved, BEFORE))


def test_a_text_shows_as_written_and_not_without_end():
    after = {**BEFORE, "toelichting": "Een [link](https://evil.example) {{DATE(x)}} " + "x" * 500}
    card = _card(BEFORE, after)
    assert "[link](https://evil.example) { {DATE(x)}}" in shown(card)
    assert "x" * 200 not in shown(card)
    blocks = [node["text"] for node in walk(card) if node.get("type") == "TextBlock"]
    assert not any("evil.example" in text for text in blocks)


def test_a_notice_stands_above_it():
    assert "Let op!" in shown(_card(notice="Let op!"))


def test_more_answers_than_five_are_folded_away():
    before = {**BEFORE, "gegevens": "ja", "soorten": ("naam",), "toelichting": "a", "evaluatiedatum": "2026-12-01"}
    after = {"betrokken": "ja_ikzelf", "sinds": "onbekend", "gegevens": "onbekend", "toelichting": "b"}
    card = _card(before, after)
    assert "Toon de andere 1" in shown(card)
    folded = next(node for node in walk(card) if node.get("id") == "answers")
    assert "vervallen, was: dinsdag 1 december 2026" in shown(folded)


@pytest.mark.parametrize("most", [1, 0])
def test_a_large_one_shows_fewer_reasons_and_never_fewer_steps_terms_or_limits(monkeypatch, most):
    monkeypatch.setattr(difference_cards, "_LEVELS", ((None, 160), (most, 30)))
    monkeypatch.setattr(difference_cards, "_MOST_BYTES", 1_000)
    found = shown(_card())
    assert ("En nog 1." in found) is (most == 1)
    assert ("Tik op een stap" in found) is (most == 1)
    assert ("De redenen van nu staan in het volledige advies, die van toen in het dossier. U" in found) is (most == 0)
    assert "erbij, 0 weg".replace(" ", "\N{NO-BREAK SPACE}") in found
    assert ("Er zijn persoonsgegevens gelekt" in found) is (most == 1)
    for kept in ("▲ Melden bij de AP", "Nazorg en leren", "Gesprek met betrokkene", "⏱", "⛔"):
        assert kept in found


@many
@given(before=_PATHS, after=_PATHS, days=st.sampled_from([0, 4]))
def test_any_difference_fits_every_client_and_names_all_that_changed(before, after, days):
    screen = _screen(before, after, COMPILED, NOW + timedelta(days=days))
    for language in LANGUAGES:
        card = render(screen, wording(), language, HANDLE).card
        found = shown(card)
        assert size_of(card) <= _EVERYWHERE
        for step in screen.difference.steps:
            assert COMPILED.framework.step_by_id[step.step].name.in_language(language) in found
        for term in screen.difference.terms:
            assert COMPILED.framework.deadline_by_id[term.id].name.in_language(language) in found
        for stop in screen.difference.stops:
            assert COMPILED.framework.stop_by_id[stop.stop].name.in_language(language) in found


def _loud(seed):
    """Give the answers of a case with as many options and as long texts as can be."""
    chance, answers = random.Random(seed), {}
    for question, applies in COMPILED.applies:
        known = COMPILED.framework.question_by_id[question]
        if not applies(answers, NOW):
            continue
        if known.type == "multi":
            answers[question] = tuple(option.id for option in known.options if not option.exclusive)
        elif known.type == "single":
            answers[question] = chance.choice(known.options).id
        elif known.type == "text":
            answers[question] = chance.choice("\U0001f300\U0001f4a9") * 4000
        else:
            answers[question] = f"2026-11-{chance.randint(10, 28)}" + "T10:00:00+01:00" * (known.type == "datetime")
    return answers


@pytest.mark.parametrize("seed", range(60))
def test_the_largest_difference_fits_every_client(seed):
    for pair in ((_loud(seed), _loud(seed + 1000)), ({}, _loud(seed)), (_loud(seed), {})):
        assert size_of(_card(*pair, compiled=COMPILED)) <= _EVERYWHERE


# --- the full advice -------------------------------------------------------------------


def test_the_full_advice_says_that_a_card_stands_and_leads_to_what_changed():
    case = case_of(AFTER, phase="weighing", subject="bestuurlijk", posted=Posted(3, "{}", BEFORE, NOW))
    card = render(advice_screen(small(), AFTER, case=case), wording(), "nl", HANDLE).card
    assert "Versie 3 staat in het CMT-kanaal. Een nieuwe versie komt op dezelfde kaart." in shown(card)
    assert wording().say("card.allowed", "nl") not in shown(card)
    assert next(iter(presses(card)))["verb"] == "resume"
    assert len(presses(card)) <= 6


def test_the_context_of_its_card_is_its_own():
    assert screens.context_of(_screen()) == "difference"


# --- the channel card ------------------------------------------------------------------


def test_the_next_version_says_right_under_its_head_what_changed():
    card = _again(BEFORE, AFTER)
    assert problems(card) == []
    found = shown(card)
    parts = ("Afweging informatielek", "Gewijzigd sinds versie 1", "Lopende termijnen")
    assert sorted(parts, key=found.index) == list(parts)
    assert "**Melden bij de AP:** ○ Niet aan de orde → ▲ Ligt voor de hand." in found
    assert "**⏱ Melding aan de AP:** is erbij gekomen." in found
    assert "Gewijzigd" not in shown(to_channel(small(), AFTER))


def test_terms_that_stopped_or_moved_are_named_on_the_next_version():
    assert "**⏱ Melding aan de AP:** loopt niet meer." in shown(_again(AFTER, BEFORE))
    moved = {**AFTER, "sinds": "2026-11-23T08:30:00+01:00"}
    assert "**⏱ Melding aan de AP:** is veranderd." in shown(_again(AFTER, moved))


def test_a_step_with_other_reasons_and_the_same_grade_is_named_as_that():
    found = shown(_again({**BEFORE, "gegevens": "onbekend"}, {**BEFORE, "gegevens": "ja"}, edited(_same_grade)))
    assert "**Melden bij de AP:** ▲ Ligt voor de hand, met een andere toelichting." in found


def _same_grade(text):
    return text.replace("effect: {floor: to}", "effect: {floor: lvh}")


def test_a_step_on_which_only_another_decides_or_that_is_done_now_is_named_as_that():
    done, compiled = {**AFTER, "soorten": ("naam", "gezondheid")}, edited(_deciding)
    now, back = "niet veranderd. Nu al gedaan.", "niet veranderd. Niet meer al gedaan."
    assert f"**Melden bij de AP:** ▲ Ligt voor de hand, {now}" in shown(_again(AFTER, done, compiled))
    assert f"**Melden bij de AP:** ▲ Ligt voor de hand, {back}" in shown(_again(done, AFTER, compiled))
    other = edited(lambda text: _deciding(_same_grade(text)))
    found = shown(_again({**BEFORE, "gegevens": "onbekend"}, {**BEFORE, "gegevens": "ja"}, other))
    assert "met een andere toelichting. Nu besluit: college (was: gemeentesecretaris)." in found


def test_what_changed_under_a_step_of_which_the_card_shows_the_name_alone_is_no_change_on_it():
    unasked, asked = {key: value for key, value in BEFORE.items() if key != "gegevens"}, BEFORE
    compiled = edited(_reason_on_the_lightest)
    old, new = (weigh_for_channel(compiled, answers, NOW) for answers in (unasked, asked))
    assert [step.step for _, step in channel_difference(old, new).steps] == ["melden_ap"]
    assert "Op deze kaart is niets veranderd." in shown(_again(unasked, asked, compiled))


def _reason_on_the_lightest(text):
    weighed = "in: [onbekend]}\n    effect: {floor: to}"
    assert weighed in text
    return text.replace(weighed, "in: [nee]}\n    effect: {reason_only: contra}")


@pytest.mark.parametrize(
    ("after", "language", "said"),
    [
        (AFTER, "nl", "Op deze kaart is niets veranderd."),
        (AFTER, "en", "Nothing on this card changed."),
        ({**AFTER, "evaluatiedatum": "2026-12-24"}, "nl", "De stappen en termijnen op deze kaart zijn niet veranderd."),
    ],
)
def test_the_next_version_says_so_when_nothing_on_it_changed(after, language, said):
    assert said in shown(_again(AFTER, after, language=language))


def test_what_changed_in_a_sensitive_answer_changes_nothing_on_the_card():
    found = shown(_again(BEFORE, {**BEFORE, "toelichting": "Iemand van de griffie."}))
    assert "Op deze kaart is niets veranderd." in found
    assert "griffie" not in found


@many
@given(before=_PATHS, after=_PATHS, others=_PATHS, days=st.integers(0, 4))
def test_cases_that_differ_only_in_sensitive_answers_give_the_same_bytes(before, after, others, days):
    old, new = _swapped(before, others), _swapped(after, others)
    for mine, theirs in ((before, old), (after, new)):
        # Answers that lapse with a sensitive one are no difference in sensitive answers alone.
        if set(effective_answers(COMPILED, theirs)) - SENSITIVE != set(mine) - SENSITIVE:
            return
    one, other = (_again(*pair, COMPILED, now=NOW + timedelta(days=days)) for pair in ((before, after), (old, new)))
    assert canonical(one) == canonical(other)
    assert size_of(one) <= MOST_BYTES


def _swapped(answers, others):
    kept = {key: value for key, value in answers.items() if key not in SENSITIVE}
    kept |= {key: value for key, value in others.items() if key in SENSITIVE}
    return {question.id: kept[question.id] for question in COMPILED.framework.questions if question.id in kept}


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_next_version_on_which_everything_changed_leaves_room_for_decisions(seed, language):
    for before in ({}, NEWSPAPER, _loud(seed + 1000)):
        assert size_of(_again(before, _loud(seed), COMPILED, language=language)) <= MOST_BYTES == 22_000
