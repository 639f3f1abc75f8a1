"""The outbox on a real store, with people and a Teams port that were written by hand."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.cases import Cases
from bot.errors import NoAccess
from bot.locks import Locks
from bot.outbox import Outbox
from bot.ports import ChatReference, Person, PostedActivity, Role, Sender
from bot.shelf import open_frameworks, open_wording
from bot.storage.sqlite import SqliteStore
from bot.store import Chat, Write
from dialogs.values import Outgoing
from state.case import Case
from state.events import Actor
from tests.casework import Casework
from tests.dialogs.talk import Talk

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TENANT = "11111111-1111-4111-8111-111111111111"
ANJA = Actor("33333333-3333-4333-8333-333333333330", "Anja de Vries", "gemeentesecretaris", "decider")
DIRK = Actor("33333333-3333-4333-8333-333333333333", "Dirk Vos", "burgemeester", "decider")
WORDING, FRAMEWORKS = open_wording(), open_frameworks(None)


@dataclass
class FakeTeams:
    """A Teams that remembers what it took, and fails as often as it is told to."""

    failures: list[Exception] = field(default_factory=list)
    placeholders: list[Outgoing] = field(default_factory=list)
    updates: list[Outgoing] = field(default_factory=list)
    told: list[tuple[str, Outgoing]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    deleted: list[PostedActivity] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def _take(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    async def post_in_channel(self, outgoing: Outgoing, like: ChatReference) -> PostedActivity:
        self._take()
        self.placeholders.append(outgoing)
        return PostedActivity(like.service_url, "channel;messageid=17", "17")

    async def update(self, posted: PostedActivity, outgoing: Outgoing) -> None:
        self._take()
        assert posted.activity == "17"
        self.updates.append(outgoing)

    async def delete(self, posted: PostedActivity) -> None:
        self._take()
        self.deleted.append(posted)

    async def send_to(self, chat: ChatReference, outgoing: Outgoing) -> None:
        self._take()
        self.told.append((chat.user_id, outgoing))
        self.heard.set()

    async def open_chat(self, object_id: str, like: ChatReference) -> ChatReference:
        self._take()
        self.opened.append(object_id)
        return ChatReference(like.service_url, f"chat-{object_id}", object_id, like.bot_id, like.tenant)


class FakeAccess:
    """An access file with Anja and Dirk."""

    async def admit(self, sender: Sender, chat: ChatReference) -> Person:
        person = self.person(sender.object_id)
        if person is None:
            raise NoAccess
        return person

    def people_with(self, role: Role) -> tuple[Person, ...]:
        return ()

    def person(self, object_id: str) -> Person | None:
        known = {one.id: one for one in (ANJA, DIRK)}
        found = known.get(object_id)
        return Person(found.id, found.name, found.function, frozenset({Role.DECIDER})) if found else None


@dataclass
class Desk:
    """An outbox on a real store, with a clock that only moves when told."""

    store: SqliteStore
    now: datetime = NOW
    teams: FakeTeams = field(default_factory=FakeTeams)
    locks: Locks = field(default_factory=Locks)

    def __post_init__(self) -> None:
        self.cases = Cases(self.store, FRAMEWORKS)
        self.outbox = Outbox(
            store=self.store,
            cases=self.cases,
            access=FakeAccess(),
            teams=self.teams,
            wording=WORDING,
            locks=self.locks,
            clock=lambda: self.now,
        )

    async def keep(self, work: Casework | Talk) -> None:
        """Keep a case as turns of Anja would have."""
        reference = ChatReference("https://teams", "chat-anja", ANJA.id, "28:bot", TENANT)
        assert work.case is not None
        write = self.cases.to_write(self.cases.fresh(work.case.id), work.case, work.transcript, TENANT)
        await self.store.commit(write)
        await self.store.commit(Write(chat=Chat(ANJA.id, reference, work.case.id)))

    async def case(self) -> Case:
        """Give the case as it stands in the store."""
        return (await self.cases.load("0" * 32)).case

    async def after(self, seconds: float) -> None:
        """Let time pass, and do what is due then."""
        self.now += timedelta(seconds=seconds)
        await self.outbox.work_once()


def words(outgoing: Outgoing) -> str:
    """Give all words of a message."""
    return json.dumps([outgoing.summary, outgoing.text, outgoing.card], ensure_ascii=False)
