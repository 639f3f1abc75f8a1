"""A real desk with a real store, access file and roster; only Teams' answers about members are written by hand."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote
from uuid import NAMESPACE_DNS, uuid5

from bot.access.directory import Directory
from bot.access.people import AccessFile
from bot.access.roster import Roster
from bot.card_desk import CardDesk
from bot.cases import Cases
from bot.drawing import CHANNEL as ON_CARD
from bot.errors import PostRefused
from bot.keeping import KeepingDesk
from bot.locks import Locks
from bot.ports import ChatReference, Person, Reply, Role
from bot.rates import UNLIMITED, Rates
from bot.storage.sqlite import SqliteStore
from bot.store import Chat, Handle, Write
from bot.teams.incoming import to_activity, to_turn
from bot.turn import FrontDesk
from state.case import Case
from state.events import Actor, CaseOffered, CaseOpened, Recorded
from state.fold import rebuild
from tests.bot.desk import FRAMEWORKS, TENANT, WORDING
from tests.dialogs.stage import presses
from tests.stores import open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OTHER_TENANT = "99999999-9999-4999-8999-999999999999"
SERVICE = "https://smba.trafficmanager.net/emea"
TEAM, CHANNEL = "19:team@thread.tacv2", "19:kanaal@thread.tacv2"
# Where a card stands.
THREAD = f"{CHANNEL};messageid=17"
_SPACE = uuid5(NAMESPACE_DNS, "people.weegwijzer.example")


def id_of(name: str) -> str:
    """Give the Entra object id of someone in a test."""
    return str(uuid5(_SPACE, name))


def listed(name: str, *roles: str, in_channel: bool = True) -> Person:
    """Give someone for the access file."""
    return Person(id_of(name), f"Naam {name}", f"functie {name}", frozenset(Role(role) for role in roles), in_channel)


def to_file(people: Iterable[Person]) -> str:
    """Give the text of an access file."""
    entries = [
        {
            "id": person.id,
            "name": person.name,
            "function": person.function,
            "roles": sorted(role.value for role in person.roles),
            "in_channel": person.in_channel,
        }
        for person in people
    ]
    return json.dumps({"tenants": [TENANT], "people": entries}, indent=0)


class Members:
    """Teams as it answers about the team: `29:<kind>:<Entra id>` is a member, a guest, or not there."""

    async def get(self, service_url: str, path: str) -> Any:
        """Give the channels, or a member."""
        if "/members/" not in path:
            return {"conversations": [{"id": CHANNEL, "channelType": "standard"}]}
        _, kind, object_id = unquote(path.rpartition("/")[2]).split(":")
        if kind == "left":
            raise PostRefused(404)
        role = "guest" if kind == "guest" else "user"
        tenant = OTHER_TENANT if kind == "foreign" else TENANT
        return {"id": f"29:{kind}:{object_id}", "aadObjectId": object_id, "tenantId": tenant, "userRole": role}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends an activity, from where: by default a member in their private chat."""

    person: Person
    kind: str = "member"
    place: str = "personal"

    @property
    def conversation(self) -> str:
        """Give the id of the chat."""
        return f"{self.place}-{self.person.id}"

    @property
    def reference(self) -> ChatReference:
        """Give where this visitor is spoken to."""
        return ChatReference(SERVICE, self.conversation, f"29:{self.kind}:{self.person.id}", "28:bot", TENANT)

    def card_press(self, number: int, data: Mapping[str, Any]) -> dict[str, Any]:
        """Give what the gate lets through of a press on a channel card."""
        action = {"type": "Action.Execute", "data": dict(data)}
        # Who is in their private chat by default presses in the channel; `chat` is a press that comes from there.
        kind = {"personal": "channel", "chat": "personal"}.get(self.place, self.place)
        return {
            **self.activity(number, data),
            "type": "invoke",
            "name": "adaptiveCard/action",
            "value": {"action": action},
            "conversation": {"id": THREAD, "conversationType": kind},
        }

    def activity(self, number: int, said: str | Mapping[str, Any]) -> dict[str, Any]:
        """Give what the gate lets through of an activity."""
        tenant = OTHER_TENANT if self.kind == "foreign" else TENANT
        typed = isinstance(said, str)
        return {
            "type": "message",
            "id": str(number),
            "channelId": "msteams",
            "serviceUrl": SERVICE,
            "from": {
                "id": f"29:{self.kind}:{self.person.id}",
                "aadObjectId": None if self.kind == "unknown" else self.person.id,
            },
            "recipient": {"id": "28:bot", "aadObjectId": None},
            "conversation": {"id": self.conversation, "conversationType": self.place},
            "channelData": {"tenant": {"id": tenant}},
            "membersAdded": [],
            "membersRemoved": [],
            "value": None if typed else dict(said),
            "text": said if typed else None,
            "name": None,
            "locale": "nl-NL",
            "replyToId": None,
            "action": None,
        }


@dataclass
class Office:
    """The desk, and all that was said to each person."""

    store: SqliteStore
    access: Directory
    file: Path
    now: datetime = NOW
    sent: int = 0
    said: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cases = Cases(self.store, FRAMEWORKS)
        locks = Locks()
        keeping = KeepingDesk(
            store=self.store, access=self.access, wording=WORDING, locks=locks, clock=lambda: self.now
        )
        cards = CardDesk(
            store=self.store,
            cases=self.cases,
            access=self.access,
            wording=WORDING,
            locks=locks,
            clock=lambda: self.now,
            rates=Rates(UNLIMITED),
            wake_outbox=lambda: None,
        )
        self.desk = FrontDesk(
            store=self.store,
            cases=self.cases,
            access=self.access,
            wording=WORDING,
            locks=locks,
            clock=lambda: self.now,
            wake_outbox=lambda: None,
            keeping=keeping,
            cards=cards,
        )

    async def take(self, visitor: Visitor, said: str | Mapping[str, Any]) -> Reply:
        """Let a visitor type, or press with this data."""
        self.sent += 1
        turn = to_turn(to_activity(visitor.activity(self.sent, said)))
        reply = await self.desk.take_turn(turn)
        self.said.setdefault(visitor.person.id, []).append(words(reply))
        return reply

    async def press_card(self, visitor: Visitor, verb: str, handle: str, **data: str) -> Reply:
        """Let a visitor press on a channel card, or on one of its forms."""
        self.sent += 1
        press = visitor.card_press(self.sent, {**data, "verb": verb, "handle": handle})
        reply = await self.desk.take_turn(to_turn(to_activity(press)))
        self.said.setdefault(visitor.person.id, []).append(words(reply))
        return reply

    async def put_card(self, context: str, case: str) -> str:
        """Give the handle of a card that stands, or stood, in the channel."""
        self.sent += 1
        card = Handle(f"handle-{self.sent}-card", ON_CARD, THREAD, context, case)
        await self.store.commit(Write(handles=(card,)))
        return card.handle

    async def keep(self, person: Person, case: Case, transcript: Iterable[Recorded]) -> None:
        """Keep a case that was played elsewhere, as the one in this person's private chat."""
        write = self.cases.to_write(self.cases.fresh(case.id), case, tuple(transcript), TENANT)
        visitor = Visitor(person)
        await self.store.commit(replace(write, owed=(), chat=Chat(person.id, visitor.reference, case.id)))

    async def give_card(self, visitor: Visitor, context: str, case: str) -> str:
        """Give the handle of a card that this visitor got earlier."""
        handle = f"handle-{self.sent}-{context}"
        self.sent += 1
        card = Handle(handle, visitor.person.id, visitor.conversation, context, case)
        await self.store.commit(Write(handles=(card,)))
        return handle

    async def events(self) -> int:
        """Give how many events there are, in all cases."""
        return sum(entry.version for entry in await self.store.entries())


def open_office(folder: Path, people: Iterable[Person]) -> Office:
    """Give an office in a folder, with these people in its access file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "access.yaml"
    file.write_text(to_file(people), "utf-8")
    access = Directory(AccessFile(file), Roster(Members(), TEAM, CHANNEL))
    return Office(open_store(folder / "store.sqlite"), access, file)


@contextmanager
def in_memory() -> Iterator[Path]:
    """Give a folder in memory where the system has one: these suites ask what is decided, not what is on disk."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def words(reply: Reply) -> str:
    """Give every byte of a reply, without the handles, which differ each time."""
    parts = [[one.summary, one.text, one.card] for one in reply.messages]
    text = json.dumps([parts, reply.replace], ensure_ascii=False, sort_keys=True)
    for message in reply.messages:
        for data in presses(message.card) if message.card else ():
            text = text.replace(data["handle"], "HANDLE")
    return text


def retold(transcript: Iterable[Recorded], case_id: str, number: str, people: Mapping[str, Actor]) -> list[Recorded]:
    """Give the events of a case as those of another one, with other people in the places of those who acted."""
    told = []
    for one in transcript:
        event = one.event
        if isinstance(event, CaseOpened):
            event = replace(event, number=number)
        if isinstance(event, CaseOffered):
            event = replace(event, to=people.get(event.to.id, event.to))
        told.append(replace(one, event=event, actor=people.get(one.actor.id, one.actor)))
    assert rebuild(case_id, told).number == number
    return told
