"""What a person sees on a card of the bot, read from its JSON alone."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.shelf import published

_NUMBER = re.compile(r"IL-\d{4}-\d{4}")
_TEXTS = Path(__file__).resolve().parents[3] / "dialogs" / "texts" / "nl.yaml"


class View(NamedTuple):
    """A kind of card, what it is about, and the handle of its buttons."""

    kind: str
    about: str = ""
    handle: str = ""
    card: Any = None

    @property
    def number(self) -> str:
        """Give the number of its case, empty where it shows none."""
        found = _NUMBER.search(str(self.card))
        return found.group() if found else ""


NOTHING = View("nothing")


@cache
def _questions() -> tuple[tuple[str, str], ...]:
    """Give each question's Dutch text as it stands in JSON, and its id; the longest first."""
    framework = yaml.load(published()[-1].read_text("utf-8"), Loader=yaml.BaseLoader)
    texts = [(json.dumps(one["text"]["nl"].strip())[1:-1], one["id"]) for one in framework["questions"]]
    return tuple(sorted(texts, key=lambda pair: -len(pair[0])))


@cache
def _order() -> dict[str, int]:
    framework = yaml.load(published()[-1].read_text("utf-8"), Loader=yaml.BaseLoader)
    return {one["id"]: number for number, one in enumerate(framework["questions"])}


@cache
def _says_past() -> str:
    """Give the words that say that a pressed card is past, as they stand in JSON."""
    texts = yaml.load(_TEXTS.read_text("utf-8"), Loader=yaml.BaseLoader)
    return json.dumps(texts["stale_card"])[1:-1]


def is_later(question: str, than: str) -> bool:
    """Tell whether a question comes after another one in the framework; what follows an answer always does."""
    return _order().get(question, -1) > _order().get(than, -1)


def actions_in(part: Any) -> list[dict[str, Any]]:
    """Give the data of every button anywhere in a card."""
    found: list[dict[str, Any]] = []
    if isinstance(part, dict):
        if str(part.get("type", "")).startswith("Action.") and isinstance(part.get("data"), dict):
            found.append(part["data"])
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            found += actions_in(one)
    return found


def view(card: Any) -> View:
    """Give what kind of card it is."""
    if card is None:
        return NOTHING
    if _says_past() in json.dumps(card):
        return View("past", card=card)
    actions = actions_in(card)
    verbs = {data.get("verb") for data in actions}
    handle = next((data["handle"] for data in actions if data.get("handle")), "")
    if "post" in verbs:
        return View("preview", handle=handle, card=card)
    # After new facts the advice begins with what changed.
    if "deviate" in verbs or verbs >= {"advice", "finish"}:
        return View("advice", handle=handle, card=card)
    if any(data.get("verb") == "subject" and data.get("answer") for data in actions):
        return View("subject", handle=handle, card=card)
    if verbs & {"answer", "skip", "unknown"}:
        shown = json.dumps(card)
        about = next((found for text, found in _questions() if text in shown), "")
        return View("question", about, handle, card)
    if "finish" in verbs:
        return View("posted", handle=handle, card=card)
    return View("posting" if verbs == {"resume", "overview"} else "other", handle=handle, card=card)
