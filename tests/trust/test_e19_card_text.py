"""E19: what people write shows as they wrote it on every card, and does nothing else (threat model, cards)."""

import json
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any

import pytest
import yaml

from bot.settings import DEMO_ACCESS_FILE
from dialogs.cards.elements import size_of
from dialogs.render import render
from state.case import Deviation
from state.compiled import CompiledFramework
from state.questionnaire import MAX_TEXT
from tests.casework import NEWSPAPER
from tests.dialogs.stage import ANSWERS, HANDLE, advice_screen, case_of, shown, small, to_channel, wording
from tests.trust import report
from tests.trust.render.cards import FORMS, Form, channel_message
from tests.trust.render.hostile import KINDS, texts
from tests.trust.render.page import Drawn, Renderer, renderer

COUNT = report.figure(5_000, 200_000)
PIECES = sum(len(kind) for kind in KINDS)
MOST_SHOWN = 1_000
# What every client takes, and what Teams takes: only a field holds so much that the first is passed.
EVERYWHERE, TEAMS = 28_000, 80_000
WITH_FIELDS = ("question", "deviate", "advice", "words", "kept words")
SUMMARY = "Weegwijzer: nieuw bericht"
CUT = ("… (volledig in het dossier)", "…")
# Characters without a picture of their own that are in no category of the invisible (Unicode's list of those
# that may be left out in showing), beside those that are.
IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]"
)
TOGETHER = 40


@pytest.fixture
async def page() -> AsyncIterator[Renderer]:
    async with renderer() as opened:
        yield opened


def marks(count: int) -> list[str]:
    """Give harmless texts: where they stand, the hostile ones have to stand, and nothing else may change."""
    return [f"Zonnebloem{number}veld" for number in range(count)]


def is_unseen(char: str) -> bool:
    category = unicodedata.category(char)
    return char != "\n" and (category[0] == "C" or category in ("Zl", "Zp") or IGNORABLE.match(char) is not None)


def pith(text: str) -> str:
    """Give what of a text can be seen."""
    normal = unicodedata.normalize("NFC", text)
    return "".join(char for char in normal if not char.isspace() and not is_unseen(char))


def check_message(message: Mapping[str, Any], most: int) -> None:
    """Check what of a message no renderer shows: the notification, who is mentioned, its size."""
    (attachment,) = message["attachments"]
    assert message.keys() == {"type", "summary", "attachments"}
    assert message["summary"] == attachment["content"]["fallbackText"] == SUMMARY
    assert attachment["content"].get("msteams") in (None, {"width": "Full"})
    assert size_of(attachment["content"]) <= most


def check_shown(shown: str, text: str, most: int = MOST_SHOWN) -> None:
    """Check that a text stands there as it was written, or as far as it is shown."""
    assert not [hex(ord(char)) for char in shown if is_unseen(char)], text
    assert "{{" not in shown, text
    whole = pith(text)
    assert whole
    if pith(shown) == whole:
        assert len(shown) <= most + shown.count("{")
        return
    cut = next((mark for mark in CUT if shown.endswith(mark)), None)
    assert cut, (text[:200], shown[:200])
    begun = shown.removesuffix(cut)
    assert whole.startswith(pith(begun)), text[:200]
    assert len(begun) <= most + begun.count("{")


def check_field(shown: str, text: str) -> None:
    """Check a field: all of the text, since it would be sent back from there."""
    assert not [hex(ord(char)) for char in shown if is_unseen(char)], text
    assert "{{" not in shown, text
    assert pith(shown) == pith(text)


def check_drawn(drawn: Drawn, plain: Drawn, given: Sequence[str], most: int = MOST_SHOWN) -> None:
    """Check a card against the same card with harmless texts: its elements and all other words are the same."""
    assert drawn.live == 0, given
    assert drawn.elements == plain.elements, given
    assert drawn.words.keys() == plain.words.keys(), given
    for place, words in plain.words.items():
        mark = re.search(r"Zonnebloem(\d)veld", words)
        if mark is None:
            assert drawn.words[place] == words, given
            continue
        before, after = words[: mark.start()], words[mark.end() :]
        found, text = drawn.words[place], given[int(mark[1])]
        assert found.startswith(before), (found, given)
        assert found.endswith(after), (found, given)
        shown = found[len(before) : len(found) - len(after)]
        check_field(shown, text) if place.endswith("value") else check_shown(shown, text, most)


def card_of(message: Mapping[str, Any]) -> Any:
    return message["attachments"][0]["content"]


async def check_form(page: Renderer, form: Form, given: Sequence[Sequence[str]]) -> int:
    """Draw a form with each of these texts and check every card; give how many were drawn."""
    messages = [form.message(given_texts) for given_texts in (marks(form.takes), *given)]
    for message in messages:
        check_message(message, TEAMS if form.name in WITH_FIELDS else EVERYWHERE)
    plain, *drawn = await page.draw([card_of(message) for message in messages])
    places = " ".join(plain.words.values())
    assert all(mark in places for mark in marks(form.takes)), form.name
    for card, shown_texts in zip(drawn, given, strict=True):
        # Words for others are read as a whole before they are used.
        most = form.longest if form.name in ("words", "kept words") else MOST_SHOWN
        check_drawn(card, plain, [text[: form.longest] for text in shown_texts], most)
    return len(given)


def dealt(stream: Iterator[str]) -> Iterator[tuple[Form, list[list[str]]]]:
    """Deal texts to the forms in turn, each text to one card, until there are none."""
    for form in cycle(FORMS):
        taken = list(islice(stream, form.takes * TOGETHER))
        if not taken:
            return
        parts = [taken[start : start + form.takes] for start in range(0, len(taken), form.takes)]
        yield form, [list(islice(cycle(part), form.takes)) for part in parts]


async def test_hostile_texts_show_as_written_and_do_nothing(page: Renderer) -> None:
    drawn = 0
    for form in FORMS:
        pieces = [[text] * form.takes for text in texts(PIECES, report.SEED)]
        drawn += await check_form(page, form, pieces)
    for form, given in dealt(texts(COUNT, report.SEED)):
        drawn += await check_form(page, form, given)
    drawn += await check_channel(page)
    tried = f"{COUNT:,} hostile texts on {drawn:,} cards".replace(",", " ")
    report.say("E19", f"{tried}: 0 links, images or markup from user text")


def test_an_advice_that_deviates_everywhere_at_length_is_taken_by_teams(framework: CompiledFramework) -> None:
    reason = "\N{GRINNING FACE}" * MAX_TEXT
    deviations = {step.id: Deviation("nao", "lvh", reason) for step in framework.framework.steps}
    case = case_of(NEWSPAPER, phase="weighing", deviations=deviations)
    card = render(advice_screen(framework, NEWSPAPER, case=case), wording(), "nl", HANDLE).card
    assert card is not None
    assert EVERYWHERE < size_of(card) <= TEAMS
    assert shown(card).count("… (volledig in het dossier)") == len(deviations)


# --- the channel -----------------------------------------------------------------------


async def check_channel(page: Renderer) -> int:
    """Draw the channel's card with hostile functions; give how many were drawn."""
    given = [text[:200] for text in texts(PIECES + COUNT // 50, report.SEED)]
    messages = [channel_message(function) for function in (*marks(1), *given)]
    for message in messages:
        check_message(message, EVERYWHERE)
    plain, *drawn = await page.draw([card_of(message) for message in messages])
    for card, text in zip(drawn, given, strict=True):
        check_drawn(card, plain, [text])
    return len(given)


def test_the_channel_card_names_nobody() -> None:
    people = yaml.safe_load(DEMO_ACCESS_FILE.read_text("utf-8"))["people"]
    for person in people:
        said = f"Volgens {person['name']} ({person['id']}) was het Zwarteweg."
        card = json.dumps(to_channel(small(), {**ANSWERS, "toelichting": said}, function=person["function"]))
        for other in people:
            assert other["name"] not in card
            assert other["id"] not in card
        assert "Zwarteweg" not in card
        assert person["function"] in shown(json.loads(card))


# --- these checks bite -----------------------------------------------------------------

IN_A_BLOCK = ("[x](https://evil.example)", "![x](https://evil.example/x.png)", "**vet**", "https://evil.example", "# x")
IN_A_RUN = ("{{DATE(2026-01-01T00:00:00Z)}}", "om\N{RIGHT-TO-LEFT OVERRIDE}gekeerd", "x\N{HANGUL FILLER}y", "x" * 1001)


async def bites(page: Renderer, elements: Sequence[Any], baits: Sequence[str]) -> None:
    plain, *drawn = await page.draw([{"type": "AdaptiveCard", "body": [element]} for element in elements])
    for card, bait in zip(drawn, baits, strict=True):
        with pytest.raises(AssertionError):
            check_drawn(card, plain, [bait])


async def test_a_text_that_was_put_on_a_card_without_care_would_be_seen(page: Renderer) -> None:
    await bites(page, [{"type": "TextBlock", "text": text} for text in (*marks(1), *IN_A_BLOCK)], IN_A_BLOCK)
    runs = [{"type": "TextRun", "text": text} for text in (*marks(1), *IN_A_RUN)]
    await bites(page, [{"type": "RichTextBlock", "inlines": [run]} for run in runs], IN_A_RUN)


def test_a_card_that_mentions_someone_would_be_seen() -> None:
    message = FORMS[0].message(marks(1))
    card_of(message)["msteams"] = {"entities": [{"type": "mention"}]}
    with pytest.raises(AssertionError):
        check_message(message, EVERYWHERE)


def test_the_notification_is_the_bots_own_sentence() -> None:
    assert wording().say("summary", "nl") == SUMMARY
