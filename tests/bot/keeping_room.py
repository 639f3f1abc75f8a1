"""Dossier keepers at a real desk with a real store and access file, before cases that were weighed and closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from bot.access.directory import Directory
from bot.access.people import AccessFile
from bot.access.roster import Roster
from bot.keeping import KeepingDesk
from bot.locks import Locks
from bot.ports import Person, Reply
from bot.turn import FrontDesk
from state import commands as do
from state.case import Case
from state.events import Actor, AnswerValue
from state.keeping import WAIT
from tests.bot.desk import FRAMEWORKS, WORDING
from tests.casework import NEWSPAPER, Casework
from tests.dialogs.stage import presses, shown
from tests.trust.office import CHANNEL, TEAM, Members, Office, Visitor, listed, open_office

CLOSED = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DUE = datetime(2031, 11, 25, 9, 0, tzinfo=UTC)
ELS, FLEUR = listed("els", "dossier_keeper"), listed("fleur", "dossier_keeper", in_channel=False)
ANJA, BRAM = listed("anja", "assessor", "decider", "dossier_keeper"), listed("bram", "assessor")
PEOPLE = (ELS, FLEUR, ANJA, BRAM)


def actor(person: Person) -> Actor:
    """Give a person as an assessor."""
    return Actor(person.id, person.name, person.function, "assessor")


def closed(number: int = 42, by: Person = BRAM, *, stopped: bool = False, **answers: AnswerValue) -> Casework:
    """Give a case that was weighed and concluded, or broken off at once."""
    work = Casework(FRAMEWORKS.current, actor(by), CLOSED, case=Case(f"{number:032x}"))
    work.do(do.OpenCase(f"IL-2026-{number:04d}", "nl"))
    work.answer({"eigen_betrokkenheid": "nee"} if stopped else {**NEWSPAPER, **answers})
    work.do(do.StopCase() if stopped else do.FinishCase())
    return work


@dataclass
class KeepingRoom:
    """An office whose desk keeps closed cases; `last` is each person's last card."""

    office: Office
    last: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.office.now = CLOSED
        office, locks = self.office, Locks()
        # Looked at again at every question, so that a change counts at once.
        office.access = Directory(AccessFile(office.file, count().__next__), Roster(Members(), TEAM, CHANNEL))
        self.desk = office.desk = FrontDesk(
            store=office.store,
            cases=office.cases,
            access=office.access,
            wording=WORDING,
            locks=locks,
            clock=lambda: office.now,
            wake_outbox=lambda: None,
            keeping=KeepingDesk(
                store=office.store,
                access=office.access,
                wording=WORDING,
                locks=locks,
                clock=lambda: office.now,
                wait=WAIT,
            ),
        )

    async def keep(self, work: Casework, by: Person = BRAM) -> Casework:
        """Keep a case as its turns would have."""
        await self.office.keep(by, work.case, work.transcript)
        return work

    async def type(self, person: Person, text: str) -> str:
        """Give all words of what a typed text is answered with."""
        return self._read(person, await self.office.take(Visitor(person), text))

    async def press(self, person: Person, verb: str, answer: str | None = None, note: str | None = None) -> str:
        """Press a button of the last card with this verb, and give all words of the answer."""
        found = self.button(person, verb, answer)
        return await self.send(person, {**found, **({"note": note} if note else {})})

    def button(self, person: Person, verb: str, answer: str | None = None) -> Mapping[str, Any]:
        """Give the data of the first button of the last card with this verb."""
        found = presses(self.last[person.id])
        return next(data for data in found if data["verb"] == verb and answer in (None, data.get("answer")))

    async def send(self, person: Person, data: Mapping[str, Any]) -> str:
        """Press with this data, and give all words of the answer."""
        return self._read(person, await self.office.take(Visitor(person), data))

    async def register(self) -> list[tuple[str, str, str | None]]:
        """Give what the register says: action, outcome, case."""
        return [(one.action, one.outcome, one.case) for one in await self.office.store.register()]

    def _read(self, person: Person, reply: Reply) -> str:
        (message,) = reply.messages
        if message.card is None:
            return message.text or ""
        self.last[person.id] = message.card
        return shown(message.card)


def open_room(folder: Path) -> KeepingRoom:
    """Give a room in a folder."""
    return KeepingRoom(open_office(folder, PEOPLE))
