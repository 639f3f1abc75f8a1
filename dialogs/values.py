"""What comes into and goes out of the conversation, without a word about Teams."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Card = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a person typed or pressed; a press has a verb, and a handle unless it was forged.

    `fields` are further inputs of a form by their ids, as texts.
    """

    text: str = ""
    verb: str | None = None
    handle: str | None = None
    answer: str | None = None
    note: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    locale: str = "nl"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to a person: a card or a text; the summary is all that a notification shows."""

    summary: str
    card: Card | None = None
    text: str | None = None
