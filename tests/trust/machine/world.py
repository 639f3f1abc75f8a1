"""A running bot for the machine: the real desk, outbox, access file and store; Teams and the clock by hand."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from bot.access.directory import Directory
from bot.access.people import AccessFile
from bot.access.roster import Roster
from bot.cases import Cases, Frameworks
from bot.errors import ChannelUnavailable, NoAccess, PostRefused, StoreUnavailable
from bot.locks import Locks
from bot.outbox import Outbox
from bot.ports import ChatReference, Place, PostedActivity, Reply, Sender, Turn
from bot.shelf import open_wording
from bot.storage.sqlite import SqliteStore
from bot.store import Write
from bot.turn import FrontDesk
from dialogs.values import Incoming, Outgoing
from state.compiled import CompiledFramework
from tests.dialogs.stage import edited
from tests.stores import open_store
from tests.trust import report

TENANT = "11111111-1111-4111-8111-111111111111"
NOW = datetime.fromisoformat("2026-11-23T10:00:00+00:00")
WORDING = open_wording()


class Drawn:
    """What is drawn at random, the same each time; in the place of `secrets`."""

    def begin(self) -> None:
        """Draw from the beginning again."""
        self._random = Random(report.SEED)

    def token_bytes(self, size: int) -> bytes:
        """Give bytes."""
        return self._random.randbytes(size)

    def token_hex(self, size: int) -> str:
        """Give bytes in hex."""
        return self.token_bytes(size).hex()

    def token_urlsafe(self, size: int) -> str:
        """Give bytes as they stand in an address."""
        return base64.urlsafe_b64encode(self.token_bytes(size)).rstrip(b"=").decode()

    def randbelow(self, end: int) -> int:
        """Give a number."""
        return self._random.randrange(end)


DRAWN = Drawn()


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the machine; `roles` are those of the access file at the start, none for a stranger."""

    key: str
    number: int
    name: str
    roles: tuple[str, ...]
    in_channel: bool = True

    @property
    def id(self) -> str:
        """Give the Entra object id."""
        return f"33333333-3333-4333-8333-{self.number:012d}"

    @property
    def chat(self) -> ChatReference:
        """Give the private chat with the bot."""
        return ChatReference("https://teams", f"chat-{self.key}", f"29:{self.key}", "28:bot", TENANT)


PEOPLE = {
    one.key: one
    for one in (
        Someone("assessor", 1, "Bram Jansen", ("assessor",)),
        Someone("second", 2, "Carla Bos", ("assessor", "cmt")),
        Someone("decider", 3, "Dirk Smit", ("assessor", "decider")),
        Someone("college", 4, "Eva Mol", ("assessor",), in_channel=False),
        Someone("keeper", 5, "Hans Kok", ("dossier_keeper",)),
        Someone("stranger", 6, "Niemand", ()),
    )
}


@cache
def framework() -> CompiledFramework:
    """Give the small framework, in which what is not known may not be in the channel either."""
    only = "when: {question: betrokken, in: [ja_ikzelf]}"
    either = f"when: {{any: [{only.removeprefix('when: ')}, {{question: gegevens, in: [onbekend]}}]}}"
    return edited(lambda text: text.replace(only, either))


class FaultyStore(SqliteStore):
    """The real store, on a disk that refuses as often as it is told to."""

    refusals = 0

    async def commit(self, write: Write) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("SQLITE_FULL")
        await super().commit(write)


class Members:
    """The CMT channel as it is now, in the place of the roster that asks Teams."""

    def __init__(self) -> None:
        self.gone: set[str] = set()

    async def require_member(self, sender: Sender, chat: ChatReference) -> None:
        if sender.user_id in self.gone:
            raise NoAccess


@dataclass
class Channel:
    """A Teams that remembers, and fails as it is told to: before it took the message, or after."""

    plan: list[str] = field(default_factory=list)
    posted: int = 0
    contents: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    told: list[tuple[str, Outgoing]] = field(default_factory=list)

    def _before(self) -> str:
        step = self.plan.pop(0) if self.plan else "taken"
        if step == "429":
            raise ChannelUnavailable(429, retry_after=7)
        if step == "500":
            raise ChannelUnavailable(500, may_have_arrived=True)
        if step == "403":
            raise PostRefused(403)
        return step

    @staticmethod
    def _after(step: str) -> None:
        if step == "lost":
            raise ChannelUnavailable(None, may_have_arrived=True)

    async def post_in_channel(self, outgoing: Outgoing, like: ChatReference) -> PostedActivity:
        step = self._before()
        self.posted += 1
        activity = str(self.posted)
        self._after(step)
        return PostedActivity(like.service_url, f"channel;messageid={activity}", activity)

    async def update(self, posted: PostedActivity, outgoing: Outgoing) -> None:
        step = self._before()
        assert outgoing.card is not None
        self.contents.setdefault(posted.activity, []).append(outgoing.card)
        self._after(step)

    def all_contents(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give every content that stands or stood in a message that was not deleted, with the message's id."""
        for activity, contents in self.contents.items():
            yield from ((activity, content) for content in contents)

    async def delete(self, posted: PostedActivity) -> None:
        step = self._before()
        self.contents.pop(posted.activity, None)
        self._after(step)

    async def send_to(self, chat: ChatReference, outgoing: Outgoing) -> None:
        step = self._before()
        self.told.append((chat.user_id, outgoing))
        self._after(step)

    async def open_chat(self, object_id: str, like: ChatReference) -> ChatReference:
        self._before()
        return next(one.chat for one in PEOPLE.values() if one.id == object_id)


class World:
    """The bot and what is around it; `start` and `stop` may be called again and again."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.channel = Channel()
        self.members = Members()
        self.roles = {one.key: one.roles for one in PEOPLE.values()}
        self.sent = 0
        self._folder = folder
        self._looks = 0.0
        self._write_access()
        self.start()

    def start(self) -> None:
        """Open the store and build the bot on it."""
        store = open_store(self._folder / "store.sqlite", kind=FaultyStore)
        assert isinstance(store, FaultyStore)
        self.store = store
        self.cases = Cases(store, Frameworks(framework()))
        roster: Roster = self.members
        access = Directory(AccessFile(self._folder / "access.yaml", self._look), roster)
        shared: dict[str, Any] = {
            "store": store, "cases": self.cases, "access": access, "wording": WORDING, "locks": Locks(),
            "clock": lambda: self.now,
        }  # fmt: skip
        self.outbox = Outbox(teams=self.channel, **shared)
        self.desk = FrontDesk(wake_outbox=self.outbox.wake, **shared)

    async def stop(self) -> None:
        """Close the store; what was committed is in the file."""
        await self.store.close()

    def turn(self, who: Someone, incoming: Incoming, place: Place = Place.PERSONAL, *, welcome: bool = False) -> Turn:
        """Give a turn with an id of its own."""
        self.sent += 1
        sender = Sender(who.id, who.chat.user_id, TENANT)
        return Turn(f"a{self.sent}", sender, place, who.chat, incoming, incoming.verb is not None, welcome)

    async def take(self, turn: Turn) -> Reply:
        """Let the desk take a turn, a moment later than the last one."""
        self.now += timedelta(seconds=1)
        return await self.desk.take_turn(turn)

    def may_talk(self, who: Someone) -> bool:
        """Tell whether the access file, and the channel where it counts, let a person weigh now."""
        listed = not {"assessor", "decider"}.isdisjoint(self.roles[who.key])
        return listed and (not who.in_channel or who.chat.user_id not in self.members.gone)

    def set_roles(self, who: Someone, roles: tuple[str, ...]) -> None:
        """Change the access file."""
        self.roles = {**self.roles, who.key: roles}
        self._write_access()

    def _look(self) -> float:
        # The file is looked at anew at every turn.
        self._looks += 2
        return self._looks

    def _write_access(self) -> None:
        people = [
            {"id": one.id, "name": one.name, "function": "functie", "roles": list(self.roles[one.key]),
             "in_channel": one.in_channel}
            for one in PEOPLE.values()
            if self.roles[one.key]
        ]  # fmt: skip
        written = self._folder / "access.new"
        written.write_text(json.dumps({"tenants": [TENANT], "people": people}), "utf-8")
        written.replace(self._folder / "access.yaml")


def delivered_elsewhere(turn: Turn, who: Someone) -> Turn:
    """Give the same turn as if another person had sent it from their own chat."""
    return replace(turn, sender=Sender(who.id, who.chat.user_id, TENANT), chat=who.chat)
