"""What the store keeps of turns and cases: the values, and the port."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.ports import ChatReference
from state.codec import Row
from state.keeping import Keeping

# The kind of owed work that waits for a moment of a case's terms: nothing of it is late.
WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Handle:
    """What a random handle on a card stands for: person, conversation, case, and the thing it was issued with.

    `context` is a word and what it is about: `question:<id>`, `advice`, `preview:<event number>`, ...
    """

    handle: str
    person: str
    conversation: str
    context: str
    case: str | None = None
    used: bool = False


@dataclass(frozen=True, slots=True)
class Chat:
    """A person's private chat: where to speak, the open case, the chosen language, what the last card stood for."""

    person: str
    reference: ChatReference
    active_case: str | None = None
    language: str | None = None
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """What the store knows before a turn: was the activity seen, what is its handle, which chat is it."""

    seen: bool
    handle: Handle | None
    chat: Chat | None


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """What is kept of a case to find it: no content; persons are readable with the store's key alone.

    `link` is the chain value of the last event, kept by the store. A damaged one can be listed, not opened.
    """

    id: str
    number: str
    tenant: str
    phase: str
    holder: str
    offered_to: str | None
    opened_at: datetime
    version: int
    link: str = field(default="", compare=False)
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """Work owed after a turn: `kind` card or tell, `body` what to do, `progress` what was done of it.

    Of `watch` (the next moment of a term) a case has one at most: a newer one takes its place.

    `attempts` and `not_before` are kept by the outbox; a new one has id 0.
    """

    kind: str
    case: str
    body: Mapping[str, Any]
    id: int = 0
    progress: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A refusal, a read or an export: who (Entra id), what, which case (random id), and the outcome's code."""

    at: datetime
    actor: str
    action: str
    outcome: str
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """All that one turn, or one step of the outbox, keeps; in one transaction or not at all.

    `rows` are appended only when the case stands at `expected_version` (0 for a new case). `forget_card` is a
    case whose card was deleted: a later one gets a new place.
    """

    inbox: str | None = None
    entry: CaseEntry | None = None
    expected_version: int = 0
    rows: tuple[Row, ...] = ()
    handles: tuple[Handle, ...] = ()
    used_handle: str | None = None
    chat: Chat | None = None
    owed: tuple[Owed, ...] = ()
    owed_done: int | None = None
    register: tuple[RegisterEntry, ...] = ()
    keeping: Keeping | None = None
    forget_card: str | None = None


class Store(Protocol):
    """Where cases live. Every method may raise StoreUnavailable; nothing was kept then."""

    async def seat(self, person: str, conversation: str, inbox: str, handle: str | None) -> Seat:
        """Give what is known before a turn; a handle of another person or conversation is unknown."""
        ...

    async def commit(self, write: Write) -> None:
        """Keep everything and return after it is on disk; raises TranscriptConflict or NumberTaken."""
        ...

    async def load(self, case: str) -> tuple[Row, ...]:
        """Give the rows of a case in order; empty when there is no such case."""
        ...

    async def is_unchanged(self, case: str, version: int, link: str) -> bool:
        """Tell whether a case stands at this event, and all its rows are, byte for byte, those that this process
        read or wrote last."""
        ...

    async def entry(self, number_or_id: str) -> CaseEntry | None:
        """Give the entry of a case by its number or its random id."""
        ...

    async def entries(self, person: str | None = None) -> tuple[CaseEntry, ...]:
        """Give all entries, or the open ones that a person holds or is offered; oldest first."""
        ...

    async def chat_of(self, person: str) -> Chat | None:
        """Give a person's private chat, when there was one."""
        ...

    async def due(self, now: datetime) -> tuple[Owed, ...]:
        """Give the owed work whose time has come, oldest first."""
        ...

    async def still_owed(self, owed: Owed) -> Owed | None:
        """Give owed work as it stands now, unless it was done or put off since it was read."""
        ...

    async def keep_progress(self, owed: Owed) -> None:
        """Keep the progress of owed work, on disk when it returns."""
        ...

    async def put_off(self, owed: int, attempts: int, not_before: datetime) -> None:
        """Try owed work again later; its progress stays."""
        ...

    async def take(self, owed: Owed, until: datetime) -> bool:
        """Keep others off owed work until a moment; False when another took it since it was read."""
        ...

    async def discard(self, case: str, register: Sequence[RegisterEntry]) -> None:
        """Delete all rows of a practice case, and its key; raises TranscriptConflict where it is none."""
        ...

    async def sign_off(self, case: str) -> bytes:
        """Give a signed checkpoint of a case as it stands; raises TranscriptDamaged."""
        ...

    async def card_place(self, case: str) -> Mapping[str, Any] | None:
        """Give the `posted` progress of the case's latest card, also when that work is done."""
        ...

    async def next_due(self) -> datetime | None:
        """Give when the next owed work comes, or None when nothing is owed."""
        ...

    async def owed(self) -> int:
        """Give how much owed work is not done; what waits for a moment of a term is not counted."""
        ...

    async def close(self) -> None:
        """Close; everything committed is on disk."""
        ...
