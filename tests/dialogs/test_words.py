"""Words for others: made of what may be in the channel alone, changed by people, kept with the case."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.cards.elements import size_of
from dialogs.reading import read_text
from dialogs.render import render
from dialogs.screens import QuestionScreen, context_of
from dialogs.screens_words import WordsScreen, WordsText
from dialogs.words import proposals
from state import commands as do
from state.case import Decision
from state.compiled import CompiledFramework
from state.decide_together import AUDIENCES
from state.events import AnswerValue, WordsKept
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA
from tests.dialogs.passing import under
from tests.dialogs.stage import HANDLE, NOW, case_of, shown, walk, wording
from tests.dialogs.talk import INVOLVED, REPORTER, Talk, answered, begun, copy, recorded

FIELDS = ("words.council", "words.press", "words.staff")
# What output.md forbids: sources, investigations, reporters, what leaked.
FORBIDDEN = ("bron", "onderzoek", "klokkenluider", "geschorst", "verdacht", "krant", "directienota", "IL-", "source")


def fields(talk: Talk) -> dict[str, str]:
    """Give what stands in the fields."""
    assert isinstance(talk.screen, WordsScreen)
    return {f"words.{one.audience}": one.text for one in talk.screen.texts}


def decided(framework: CompiledFramework, answers: object = NEWSPAPER) -> Casework:
    work = Casework(framework, ANJA, NOW).open().answer(answers)
    work.do(do.DecidePrivately(0, {"nazorg_leren": do.Choice("yes"), "raad_informeren": do.Choice("yes")}))
    return work


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_proposal_names_nothing_that_is_forbidden(framework: CompiledFramework, language: str) -> None:
    texts = proposals(decided(framework).case, framework.framework, language, wording())
    assert set(texts) == {"council", "press", "staff"}
    for text in texts.values():
        assert not any(word.casefold() in text.casefold() for word in FORBIDDEN), text


def test_a_decision_is_said_to_be_decided_and_not_to_be_done(framework: CompiledFramework) -> None:
    undecided = Casework(framework, ANJA, NOW).open().answer(NEWSPAPER).case
    before = proposals(undecided, framework.framework, "nl", wording())
    after = proposals(decided(framework).case, framework.framework, "nl", wording())
    assert "besloten" not in before["press"]
    assert "Er is besloten na te gaan wat wij hiervan kunnen leren." in after["press"]


def test_cases_that_differ_only_in_sensitive_answers_give_the_same_words(framework: CompiledFramework) -> None:
    plain, sensitive = decided(framework).case, decided(framework, REPORTER).case
    assert plain.answers != sensitive.answers
    for language in ("nl", "en"):
        texts = [proposals(case, framework.framework, language, wording()) for case in (plain, sensitive)]
        assert texts[0] == texts[1]


_LEAKS = st.sampled_from([NEWSPAPER, REPORTER, INVOLVED, {}])


@settings(max_examples=60, deadline=None)
@given(answers=st.lists(_LEAKS, min_size=2, max_size=2), said=st.data())
def test_no_answer_changes_the_words_and_of_the_decisions_only_a_yes_that_may_be_in_the_channel(
    framework: CompiledFramework, answers: list[Mapping[str, AnswerValue]], said: st.DataObject
) -> None:
    steps = st.sampled_from([step.id for step in framework.framework.steps])
    decisions = {
        step: Decision(how, "tov", "cmt", True, "Om de bron.", ANJA, NOW, 1, False)
        for step, how in said.draw(st.dictionaries(steps, st.sampled_from(["yes", "no", "later"]))).items()
    }
    channel = {step.id for step in framework.framework.steps if step.channel}
    plain = {step: one for step, one in decisions.items() if step in channel and one.decided == "yes"}
    case = case_of(answers[0], phase="weighing", decisions=decisions)
    other = case_of(answers[1], phase="posted", decisions=plain)
    for language in ("nl", "en"):
        texts = [proposals(one, framework.framework, language, wording()) for one in (case, other)]
        assert texts[0] == texts[1]
        assert not any(word.casefold() in text.casefold() for text in texts[0].values() for word in FORBIDDEN)


def test_each_sentence_on_a_decision_is_of_a_step_that_may_be_in_the_channel(framework: CompiledFramework) -> None:
    named = {key.removeprefix("words_step.") for key in wording().sentences["nl"] if key.startswith("words_step.")}
    assert named
    assert named <= {step.id for step in framework.framework.steps if step.channel}


def test_the_texts_are_changed_kept_and_put_back(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.press("words")
    assert "Mondeling en alleen desgevraagd." in talk.said
    assert "Dit is een voorstel." in talk.said
    proposal = fields(talk)
    outcome = talk.press("keep_words", fields={**proposal, "words.press": "Wij wegen dit zorgvuldig."})
    assert recorded(outcome) == ["words.kept"] * 3
    assert talk.notice == "De teksten zijn bewaard bij de zaak."
    assert fields(talk)["words.press"] == "Wij wegen dit zorgvuldig."
    assert "Dit is de bewaarde tekst." in talk.said
    talk.press("words", "proposal")
    assert fields(talk) == proposal
    # What stays as it is makes no event.
    assert recorded(talk.press("keep_words", fields={**proposal, "words.press": "Wij wegen dit zorgvuldig."})) == []
    talk.type("words")
    talk.language = "en"
    talk.type("teksten")
    assert "This is the text that was kept." in talk.said


def test_two_devices_do_not_overwrite_each_other(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("teksten")
    old, first = talk.screen, fields(talk)
    # A field that stayed folded says nothing.
    assert recorded(talk.press("keep_words", fields={"words.council": "Van de telefoon."})) == ["words.kept"]
    outcome = talk.press("keep_words", on=old, fields={**first, "words.press": "Van de laptop."})
    assert recorded(outcome) == []
    assert fields(talk)["words.press"] == "Van de laptop."
    assert "Intussen elders bewaard:" in talk.said
    assert "Van de telefoon." in talk.said
    # Nothing that was not kept is called kept, and no other text is called newer.
    assert talk.said.count("Dit typte u; het is nog niet bewaard.") == 3
    assert talk.said.count("Intussen elders bewaard:") == 1
    talk.press("keep_words", fields={**fields(talk), "words.council": "Van de telefoon."})
    texts = [one.event.text for one in talk.transcript if isinstance(one.event, WordsKept)]
    assert texts == ["Van de telefoon.", "Van de laptop.", first["words.staff"]]


def test_the_same_text_of_two_devices_is_no_quarrel(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("teksten")
    old = talk.screen
    talk.press("keep_words", fields={"words.council": "Van de telefoon."})
    assert recorded(talk.press("keep_words", on=old, fields={"words.council": "Van de telefoon."})) == []
    assert talk.notice == "De teksten zijn bewaard bij de zaak."
    # Another text than the one that was changed is not in the way, and stays as it is kept.
    talk.press("keep_words", on=old, fields={"words.press": "Van de laptop."})
    assert fields(talk)["words.council"] == "Van de telefoon."
    talk.press("keep_words", on=old, fields={"words.press": "Nog een."})
    assert "Dit is de bewaarde tekst." in talk.said


def test_an_empty_or_endless_text_is_not_kept(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("teksten")
    screen, texts = talk.screen, fields(talk)
    assert recorded(talk.press("keep_words", fields={**texts, "words.staff": " "})) == []
    assert "Er staat geen tekst." in talk.said
    assert recorded(talk.press("keep_words", on=screen, fields={**texts, "words.staff": "x" * 4001})) == []
    assert "te lang" in talk.said


def test_only_with_an_advice_and_from_its_own_card(framework: CompiledFramework) -> None:
    talk = begun(framework)
    talk.type("teksten")
    assert "Ik kan nu geen advies tonen." in talk.said
    talk = answered(framework, NEWSPAPER)
    assert recorded(talk.forge("keep_words", None, "", "advice", dict.fromkeys(FIELDS, "x"))) == []
    assert recorded(talk.forge("keep_words", None, "", "words:0", dict.fromkeys(FIELDS, "x"))) == []
    stranger = replace(copy(talk), actor=ANJA)
    stranger.type("teksten")
    assert "Woorden voor anderen" not in stranger.said


# --- read as a whole, in both languages ------------------------------------------------

LONG = " ".join(f"Zin {number} van een lange tekst." for number in range(1, 130))[:4000]


def test_a_long_text_is_read_as_a_whole_kept_and_newer(framework: CompiledFramework) -> None:
    assert len(LONG) > 3000
    talk = answered(framework, NEWSPAPER)
    talk.type("teksten")
    old, first = talk.screen, fields(talk)
    talk.press("keep_words", fields={"words.council": LONG})
    assert LONG in talk.said
    talk.press("keep_words", on=old, fields={**first, "words.council": "Van de laptop."})
    assert "Intussen elders bewaard:" in talk.said
    assert LONG in talk.said
    assert "volledig in het dossier" not in talk.said


def test_what_teams_would_not_take_is_cut_where_it_is_read_and_never_in_its_field() -> None:
    texts = ("\N{GRINNING FACE}" * 3400, "Wij wegen dit.", "Vraag het ons.")
    kept = tuple(WordsText(name, text, is_kept=True) for name, text in zip(AUDIENCES, texts, strict=True))
    card = render(WordsScreen(case_of(), kept, (7, 8, 9)), wording(), "nl", HANDLE).card
    assert card is not None
    assert size_of(card) <= 80_000
    assert shown(card).count("… (volledig in het dossier)") == 1
    assert tuple(one["value"] for one in walk(card) if one.get("type") == "Input.Text") == texts


@pytest.mark.parametrize(("text", "title"), [("taal en", "Words for others"), ("English", "Words for others")])
def test_under_the_texts_a_language_gives_the_texts_in_it(framework: CompiledFramework, text: str, title: str) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("teksten")
    talk.press("keep_words", fields={"words.press": "Wij wegen dit zorgvuldig."})
    outcome = under(talk, text).outcome
    assert (recorded(outcome), outcome.language) == ([], "en")
    assert isinstance(talk.screen, WordsScreen)
    assert title in talk.said
    # What was kept stays as it was kept.
    assert fields(talk)["words.press"] == "Wij wegen dit zorgvuldig."
    assert fields(talk)["words.staff"] == proposals(talk.case, framework.framework, "en", wording())["staff"]


def test_under_old_texts_a_language_gives_where_the_case_stands(framework: CompiledFramework) -> None:
    talk = answered(framework, NEWSPAPER)
    talk.type("teksten")
    card = context_of(talk.screen)
    talk.type("wijzig 4")
    talk.take(read_text("taal en", card))
    assert isinstance(talk.screen, QuestionScreen)
    assert talk.language == "en"
