"""A watch on terms as tests keep it: an outbox on a real store, and time that only passes when told."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.cases import Cases
from bot.errors import NoAccess
from bot.locks import Locks
from bot.outbox import Outbox
from bot.ports import ChatReference, Person, Role, Sender
from bot.storage.sqlite import SqliteStore
from bot.store import Chat, Write
from state import commands as do
from state.events import BOT, Actor
from tests.bot.desk import FRAMEWORKS, NOW, TENANT, WORDING, FakeTeams, words
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK

ID = "0" * 32
LEAK = {**NEWSPAPER, "persoonsgegevens": "ja_risico", "bekend_sinds": "2026-11-23T08:00:00+01:00"}
END = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AP, LOGS, REVIEW = "AVG-melding AP", "Logbestanden", "Herbeoordeling"


@dataclass
class People:
    """An access file of which people can be taken off."""

    known: dict[str, Actor] = field(default_factory=lambda: {one.id: one for one in (ANJA, BRAM, DIRK)})

    async def admit(self, sender: Sender, chat: ChatReference) -> Person:
        person = self.person(sender.object_id)
        if person is None or chat.user_id.startswith("gone"):
            raise NoAccess
        return person

    def people_with(self, role: Role) -> tuple[Person, ...]:
        return tuple(person for person in map(self.person, self.known) if person and role in person.roles)

    def person(self, object_id: str) -> Person | None:
        found = self.known.get(object_id)
        return Person(found.id, found.name, found.function, frozenset({Role(found.role)})) if found else None


@dataclass
class Watch:
    """An outbox on a real store, and time that only passes when told."""

    store: SqliteStore
    now: datetime = NOW
    teams: FakeTeams = field(default_factory=FakeTeams)
    people: People = field(default_factory=People)

    def __post_init__(self) -> None:
        self.cases = Cases(self.store, FRAMEWORKS)
        self.outbox = self.another()

    def another(self) -> Outbox:
        """Give an outbox as another instance has it: of its own but for store and Teams."""
        return Outbox(
            store=self.store,
            cases=self.cases,
            access=self.people,
            teams=self.teams,
            wording=WORDING,
            locks=Locks(),
            clock=lambda: self.now,
        )

    async def keep(self, work: Casework) -> None:
        """Keep a case as turns of its holder would have."""
        write = self.cases.to_write(self.cases.fresh(work.case.id), work.case, work.transcript, TENANT)
        await self.store.commit(write)
        for person in (BRAM, ANJA):
            chat = ChatReference("https://teams", f"chat-{person.id}", person.id, "28:bot", TENANT)
            await self.store.commit(Write(chat=Chat(person.id, chat, work.case.id)))

    async def let(self, command: do.Command, actor: Actor) -> None:
        """Let someone do something in the case."""
        loaded = await self.cases.load(ID)
        work = Casework(loaded.framework, actor, self.now, case=loaded.case)
        work.do(command)
        await self.store.commit(self.cases.to_write(loaded, work.case, work.transcript, TENANT))

    async def until(self, moment: datetime) -> None:
        """Let time pass, from one moment at which something is due to the next."""
        for _ in range(100):
            following = await self.store.next_due()
            if following is None or following > moment:
                self.now = max(self.now, moment)
                return
            self.now = max(self.now, following)
            await self.outbox.work_once()
        raise AssertionError("the work does not end")

    async def at(self, moment: datetime) -> None:
        """Be down until a moment, and then do what is due."""
        self.now = moment
        for _ in range(3):
            await self.outbox.work_once()

    def reminders(self, term: str = AP, to: Actor = BRAM) -> int:
        """Give how often a person was reminded of a term."""
        return sum(is_reminder(text, term) for who, text in self.told() if who == to.id)

    def told(self) -> list[tuple[str, str]]:
        return [(who, words(outgoing)) for who, outgoing in self.teams.told]


def practised(now: datetime = NOW) -> Casework:
    """Give an exercise in which everything was answered."""
    work = Casework(FRAMEWORKS.current, BRAM, now)
    work.do(do.OpenCase("OEFEN-2026-0042", "nl"))
    return work.answer(LEAK)


def is_reminder(text: str, term: str) -> bool:
    return "Herinnering bij zaak IL-2026-0042" in text and term in text


def leaked(answers: dict[str, object] = LEAK) -> Casework:
    """Give a case in which the 72 hours run."""
    return Casework(FRAMEWORKS.current, BRAM, NOW).open().answer(answers)


def posted() -> Casework:
    """Give the same case with its card in the channel."""
    work = leaked()
    work.do(do.ChooseSubject(FRAMEWORKS.current.framework.card_subjects[0].id))
    work.do(do.PreviewCard(json.dumps({"type": "AdaptiveCard", "lang": "nl", "body": [{"type": "Container"}]})))
    assert work.case.preview is not None
    work.do(do.PostCard(work.case.preview.seq))
    work.do(do.ConfirmPosted(1), BOT)
    return work
