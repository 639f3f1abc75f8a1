"""What holds for everything that the bot says: a card that Teams shows, not too large, in whole sentences."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from dialogs.values import Outgoing
from tests.dialogs.stage import problems
from tests.trust.machine.world import WORDING, framework

_LARGEST = 80 * 1024
_MOST_ACTIONS = 6
_FRAME = {"type": "AdaptiveCard", "version": "1.5"}
_SUMMARIES = {WORDING.say("summary", language) for language in ("nl", "en")}
_UNFILLED = re.compile(r"\{[a-z_.]+\}")
# What differs between two cards of the same form: the schema is asked once for each form.
_VARYING = re.compile(r'"(text|title|handle|value|answer|label|placeholder|errorMessage|lang)":"(?:[^"\\]|\\.)*"')


def words_of(outgoing: Outgoing) -> str:
    """Give a message as JSON, and check its form."""
    assert outgoing.summary in _SUMMARIES
    if outgoing.card is None:
        assert outgoing.text
        return outgoing.text
    words = json.dumps(outgoing.card, ensure_ascii=False, separators=(",", ":"))
    check_card(outgoing.card, words)
    return words


def check_card(card: Mapping[str, Any], words: str) -> None:
    """Fail unless it is a card that Teams shows."""
    assert len(words.encode()) <= _LARGEST
    assert not _UNFILLED.search(words), "a sentence with a gap"
    top = [*card.get("actions", ()), *(row for part in card["body"] for row in part.get("actions", ()))]
    assert len(top) <= _MOST_ACTIONS, [one["title"] for one in top]
    rest = {key: value for key, value in card.items() if key != "body"}
    for part in ({"type": "AdaptiveCard", "body": [], **rest}, *({**_FRAME, "body": [one]} for one in card["body"])):
        form = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
        assert _problems(_VARYING.sub(r'"\1":"x"', form)) == ()


@cache
def _problems(form: str) -> tuple[str, ...]:
    return tuple(problems(json.loads(form)))


def actions_of(part: Any) -> Iterator[Mapping[str, Any]]:
    """Give the data of every action in a card."""
    if isinstance(part, dict):
        if str(part.get("type", "")).startswith("Action.") and "data" in part:
            yield part["data"]
        for one in part.values():
            yield from actions_of(one)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from actions_of(one)


def question_on(card: Mapping[str, Any]) -> str | None:
    """Give the question that a card puts, by its words; None for another card."""
    data = list(actions_of(card))
    if not any(one["verb"] in ("answer", "skip") for one in data):
        return None
    titles = {part.get("text") for part in card["body"] if part.get("style") == "heading"}
    for question in framework().framework.questions:
        if {question.text.nl, question.text.en} & titles:
            return question.id
    return None
