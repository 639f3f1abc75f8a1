"""A card of the bot as a person reads it: from its JSON alone, what can be pressed and filled in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: `says` is what stands on it, `data` what is sent with it."""

    says: str
    data: dict[str, str]
    is_execute: bool
    takes_inputs: bool

    @property
    def verb(self) -> str:
        """Give what it does."""
        return self.data.get("verb", "")

    @property
    def answer(self) -> str | None:
        """Give the answer that it stands for, when it is one."""
        return self.data.get("answer")


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in; `options` are pairs of value and words."""

    name: str
    hint: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Card:
    """What stands on a card."""

    buttons: list[Button] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)

    def button(self, verb: str, answer: str | None = None) -> Button | None:
        """Give the first button that does this, and with `answer` stands for this."""
        found = (one for one in self.buttons if one.verb == verb and answer in (None, one.answer))
        return next(found, None)

    @property
    def verbs(self) -> set[str]:
        """Give all that can be done with it."""
        return {one.verb for one in self.buttons}

    @property
    def handle(self) -> str:
        """Give what its buttons carry."""
        return next((one.data["handle"] for one in self.buttons if one.data.get("handle")), "")

    @property
    def kind(self) -> str:
        """Give what kind of card it is."""
        verbs = self.verbs
        for kind, needed in _KINDS:
            if needed <= verbs:
                return kind
        return "other"

    def shows(self, words: str) -> bool:
        """Tell whether these words stand on it."""
        return any(words in text for text in self.texts)


# The first that fits: a card has other buttons besides.
_KINDS: tuple[tuple[str, set[str]], ...] = (
    ("preview", {"post"}),
    ("advice", {"deviate"}),
    ("involved", {"finish", "change", "overview", "pause"}),
    ("question", {"answer"}),
    ("subject", {"subject"}),
    ("posted", {"finish", "withdraw_card"}),
    ("overview", {"resume", "change"}),
    ("stopping", {"stop", "pause", "resume"}),
    ("closed", {"new"}),
    ("under way", {"resume", "overview"}),
)


def read_card(message: Any) -> Card | None:
    """Give the card of a message, or None when it has none."""
    attachments = message.get("attachments") or [{}]
    content = attachments[0].get("content")
    return read(content) if content else None


def read(content: Any) -> Card:
    """Give what stands on a card."""
    card = Card()
    for part in _parts(content):
        _note(card, part)
    return card


def _note(card: Card, part: dict[str, Any]) -> None:
    kind = str(part.get("type", ""))
    if kind.startswith("Action.") and isinstance(part.get("data"), dict):
        takes = part.get("associatedInputs") != "none"
        card.buttons.append(Button(part.get("title", ""), part["data"], kind == "Action.Execute", takes))
    elif kind == "TextBlock":
        card.texts.append(part["text"])
        if part.get("style") == "heading":
            card.headings.append(part["text"])
    elif kind == "RichTextBlock":
        card.texts.append("".join(inline["text"] for inline in part["inlines"]))
    elif kind.startswith("Input."):
        options = tuple((one["value"], one["title"]) for one in part.get("choices", ()))
        card.fields.append(Field(part["id"], part.get("placeholder", ""), options))


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        part = [value for value in part.values() if isinstance(value, dict | list)]
    if isinstance(part, list):
        for one in part:
            yield from _parts(one)
