"""Writes for the store's tests: a case that grows by answers, without the core deciding anything."""

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bot.ports import ChatReference
from bot.store import CaseEntry, Chat, Handle, Owed, RegisterEntry, Write
from state.codec import FIRST, Row, to_rows
from state.events import Actor, AnswerGiven, CaseOpened, Event, Recorded

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANJA = Actor("anja", "Anja de Vries", "gemeentesecretaris", "assessor")


def key(text: str) -> str:
    """Give an inbox key: 64 hex digits, as in a head."""
    return sha256(text.encode()).hexdigest()


def opened(number: str = "IL-2026-0001") -> CaseOpened:
    """Give the first event of a case."""
    return CaseOpened(number, "nl", "informatielekken", "2.0", "concept", "f" * 64)


def answer(note: str = "", label: str = "Ja") -> AnswerGiven:
    """Give an answer with a remark."""
    return AnswerGiven("eigen_betrokkenheid", "ja", label, note)


@dataclass
class Growing:
    """A case as its writer knows it: the next write follows on the one before."""

    id: str = "c" * 32
    number: str = "IL-2026-0001"
    holder: str = "anja"
    version: int = 0
    link: str = FIRST
    rows: list[Row] = field(default_factory=list)

    def write(self, *events: Event, inbox: str | None = None, **parts: object) -> Write:
        """Give a write that appends these events where the case stands."""
        recorded = [Recorded(self.version + n, NOW, ANJA, event) for n, event in enumerate(events, 1)]
        salts = [os.urandom(32) for _ in events]
        rows = tuple(to_rows(self.id, recorded, self.link, salts, inbox or FIRST))
        after = self.version + len(rows)
        return replace(Write(inbox=inbox, entry=self.entry(after), expected_version=self.version, rows=rows), **parts)

    def open(self, **parts: object) -> Write:
        """Give the write that opens the case."""
        return self.write(opened(self.number), **parts)

    def follow(self, write: Write) -> None:
        """Take a write as kept."""
        self.rows += write.rows
        self.version += len(write.rows)
        self.link = write.rows[-1].link if write.rows else self.link

    def entry(self, version: int, **changes: object) -> CaseEntry:
        """Give what is kept of the case in the clear."""
        entry = CaseEntry(self.id, self.number, "tenant", "asking", self.holder, None, NOW, version)
        return replace(entry, **changes)


def chat(person: str = "anja", **changes: object) -> Chat:
    """Give a private chat."""
    reference = ChatReference("https://smba.example/nl/", f"chat-{person}", f"29:{person}", "28:bot", "tenant")
    return replace(Chat(person, reference), **changes)


def handle(name: str = "handle", person: str = "anja", **changes: object) -> Handle:
    """Give a handle on a card in a person's chat."""
    return replace(Handle(name, person, f"chat-{person}", "question:schade", "c" * 32), **changes)


def owed_card(case: str = "c" * 32, version: int = 1) -> Owed:
    """Give a card that is owed to the channel."""
    return Owed("card", case, {"version": version})


def noted(action: str = "talk", outcome: str = "no_access", case: str | None = None) -> RegisterEntry:
    """Give an entry for the register."""
    return RegisterEntry(NOW, "fatima", action, outcome, case)


def later(minutes: int) -> datetime:
    """Give a moment after NOW."""
    return NOW + timedelta(minutes=minutes)
