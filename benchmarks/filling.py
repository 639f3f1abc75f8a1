"""Stores that hold something already: cases played in the core, kept by the real store, sealed and chained."""

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.connector import BOT, TENANT, Connector
from bot.cases import Cases, Frameworks
from bot.ports import ChatReference
from bot.shelf import PUBLISHED, open_frameworks
from bot.storage.keyfile import open_keyring
from bot.storage.sqlite import SqliteStore
from bot.store import Chat, Write
from state import commands as do
from state.case import Case
from state.decide import decide
from state.events import Actor, CaseOpened, Recorded
from state.fold import record
from state.nodes import read_nodes
from state.questionnaire import check_answer
from state.setting import Setting

_OPENED = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# What is committed at once; more would only take memory.
_AT_ONCE = 500
_FIRST_ANSWERS = ("nee", "nee", "2026-11-20T08:15:00+01:00", "vastgesteld")
_REVISED = "spoed"
_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it


@dataclass
class Played:
    """A case that was played in the core."""

    frameworks: Frameworks
    actor: Actor
    case: Case
    transcript: list[Recorded]

    def do(self, *commands: do.Command) -> None:
        """Add the events of commands."""
        for command in commands:
            setting = Setting(self.actor, _OPENED, "nl", self.frameworks.current)
            self.case, recorded = record(self.case, decide(self.case, command, setting), self.actor, _OPENED)
            self.transcript += recorded


def begun(frameworks: Frameworks, actor: Actor) -> Played:
    """Give a case of ten events, in which four questions were answered."""
    played = Played(frameworks, actor, Case("0" * 32), [])
    played.do(do.OpenCase("IL-2026-0000", "nl"))
    for value in _FIRST_ANSWERS:
        question = played.case.open_question or ""
        played.do(do.GiveAnswer(question, value))
    return played


def weighed(frameworks: Frameworks, actor: Actor) -> Played:
    """Give a case of about forty events with every question answered or skipped, its advice and its end."""
    scenario: Any = read_nodes((PUBLISHED / "2.0" / "scenarios" / "C01.yaml").read_text("utf-8")).value
    played = Played(frameworks, actor, Case("0" * 32), [])
    played.do(do.OpenCase("IL-2026-0000", "nl"))
    while (question := played.case.open_question) is not None:
        value = scenario["answers"].get(question)
        given = check_answer(frameworks.current, question, value) if value is not None else None
        played.do(do.SkipQuestion(question) if given is None else do.GiveAnswer(question, given))
    return stopped(played)


def lengthened(played: Played, events: int) -> Played:
    """Change one answer to and fro until there are about so many events."""
    while len(played.transcript) < events:
        other = "onbekend" if played.case.answers.get(_REVISED) == "nee" else "nee"
        played.do(do.ChangeAnswer(_REVISED), do.GiveAnswer(_REVISED, other))
    return played


def stopped(played: Played) -> Played:
    """Break the case off."""
    played.do(do.StopCase())
    return played


def assessor(object_id: str) -> Actor:
    """Give a person as an actor."""
    return Actor(object_id, "Naam", "directeur", "assessor")


async def fill(data: Path, writes: Iterable[Write]) -> int:
    """Keep writes in the store of a data directory, and give how many events there were.

    It is made in memory where the system has a place for that, and then copied: a commit for every case would
    otherwise be most of the time.
    """
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        count = await _keep(Path(folder), writes)
        shutil.copytree(folder, data)
    return count


def memory() -> Path | None:
    """Give a folder in memory, or None where the system has none."""
    return _MEMORY if _MEMORY.is_dir() else None


async def _keep(data: Path, writes: Iterable[Write]) -> int:
    path = data / "weegwijzer.sqlite"
    store = SqliteStore(path, open_keyring(path, data / "data.key", make=True))
    count = 0
    for some in _batches(writes):
        await asyncio.gather(*(store.commit(write) for write in some))
        count += sum(len(write.rows) for write in some)
    await store.close()
    return count


def _batches(writes: Iterable[Write]) -> Iterator[list[Write]]:
    batch: list[Write] = []
    for write in writes:
        batch.append(write)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    yield batch


def copies(played: Played, holders: Iterable[str], teams: Connector | None = None) -> Iterator[Write]:
    """Give the case again for each holder, under a number and keys of its own; with `teams` as their open case."""
    cases = Cases(None, played.frameworks)  # type: ignore[arg-type]  # nothing is read
    users = {object_id: user for user, object_id in teams.people.items()} if teams else {}
    for number, holder in enumerate(holders):
        actor = assessor(holder)
        case = replace(played.case, id=secrets.token_hex(16), number=_number(number), assessor=actor)
        transcript = tuple(_retold(played.transcript, case.number, actor))
        write = replace(cases.to_write(cases.fresh(case.id), case, transcript, TENANT), owed=())
        chat = Chat(holder, _reference(teams, users[holder]), case.id, "nl") if teams else None
        yield replace(write, chat=chat)


def _retold(transcript: Iterable[Recorded], number: str, actor: Actor) -> Iterator[Recorded]:
    for one in transcript:
        event = replace(one.event, number=number) if isinstance(one.event, CaseOpened) else one.event
        yield replace(one, event=event, actor=actor)


def _number(place: int) -> str:
    # Four digits a year: what is stored is spread over past ones.
    return f"IL-{2025 - place // 10_000}-{place % 10_000:04d}"


def _reference(teams: Connector, user: str) -> ChatReference:
    return ChatReference(teams.url, f"chat-{user}", user, BOT, TENANT)


def installed() -> Frameworks:
    """Give the frameworks that the bot brings along."""
    return open_frameworks(None)
