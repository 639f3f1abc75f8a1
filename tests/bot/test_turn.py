"""One turn when something goes wrong around it: nothing half, nothing twice, always a sentence."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.cases import Cases
from bot.errors import AccessUnknown, NoAccess, NumberTaken, StoreUnavailable, TranscriptConflict
from bot.locks import Locks
from bot.ports import ChatReference, Person, Place, Reply, Role, Sender, Turn
from bot.storage.sqlite import SqliteStore
from bot.store import Write
from bot.turn import FrontDesk
from dialogs.values import Incoming
from tests.bot.desk import ANJA, FRAMEWORKS, NOW, TENANT, WORDING, FakeAccess, words
from tests.dialogs.stage import actions
from tests.stores import open_store

SENDER = Sender(ANJA.id, "29:anja", TENANT)
CHAT = ChatReference("https://teams", "chat-anja", "29:anja", "28:bot", TENANT)


class Door(FakeAccess):
    """Lets Anja in, or raises what it is told to."""

    refusal: Exception | None = None

    async def admit(self, sender: Sender, chat: ChatReference) -> Person:
        if self.refusal is not None:
            raise self.refusal
        return Person(ANJA.id, ANJA.name, ANJA.function, frozenset({Role.ASSESSOR, Role.DECIDER}))


class Faulty(SqliteStore):
    """A real store whose commits fail as often as they are told to."""

    failures: list[Exception]

    async def commit(self, write: Write) -> None:
        if self.failures:
            raise self.failures.pop(0)
        await super().commit(write)


@dataclass
class Bot:
    """A desk on a real store; each message has an id of its own."""

    store: Faulty
    access: Door = field(default_factory=Door)
    sent: int = 0

    def __post_init__(self) -> None:
        self.store.failures = []
        self.desk = FrontDesk(
            store=self.store,
            cases=Cases(self.store, FRAMEWORKS),
            access=self.access,
            wording=WORDING,
            locks=Locks(),
            clock=lambda: NOW,
            wake_outbox=lambda: None,
        )

    def turn(self, text: str = "", **more: Any) -> Turn:
        self.sent += 1
        settings = {"place": Place.PERSONAL, "incoming": Incoming(text=text), "activity_id": str(self.sent), **more}
        return Turn(sender=SENDER, chat=CHAT, **settings)

    async def say(self, text: str) -> Reply:
        return await self.desk.take_turn(self.turn(text))

    async def events(self) -> int:
        return sum(entry.version for entry in await self.store.entries())


def said(reply: Reply) -> str:
    return " ".join(words(message) for message in reply.messages)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    started = Bot(open_store(tmp_path / "store.sqlite", kind=Faulty))
    yield started
    await started.store.close()


async def test_what_cannot_be_stored_is_said_not_to_be(bot: Bot) -> None:
    await bot.say("nieuw")
    before = await bot.events()
    bot.store.failures = [StoreUnavailable("SQLITE_FULL")]
    answer = bot.turn("1")
    reply = await bot.desk.take_turn(answer)
    assert not reply.stored
    assert "NIET OPGESLAGEN" in said(reply)
    assert await bot.events() == before
    # Teams delivers again, and now it is kept.
    assert "direct gevaar" in said(await bot.desk.take_turn(answer))
    assert await bot.events() == before + 2


async def test_a_refusal_is_said_also_when_it_cannot_be_registered(bot: Bot) -> None:
    bot.access.refusal = NoAccess()
    bot.store.failures = [StoreUnavailable("SQLITE_IOERR")]
    assert "Vraag de beheerder" in said(await bot.say("nieuw"))


@pytest.mark.parametrize(("refusal", "code"), [(NoAccess(), "no_access"), (AccessUnknown(), "access_unknown")])
async def test_a_refusal_stands_in_the_register_and_says_nothing_of_a_case(
    bot: Bot, refusal: NoAccess, code: str
) -> None:
    await bot.say("nieuw")
    bot.access.refusal = refusal
    assert "IL-" not in said(await bot.say("verder"))
    first, second = await bot.store.register()
    assert (first.action, first.outcome, first.case) == ("read", "ok", (await bot.store.entries())[0].id)
    assert (second.action, second.outcome, second.case) == ("talk", code, None)


@pytest.mark.parametrize("place", [Place.GROUP, Place.CHANNEL])
async def test_outside_a_private_chat_nothing_is_read(bot: Bot, place: Place) -> None:
    reply = await bot.desk.take_turn(bot.turn("nieuw", place=place))
    assert "Vraag de beheerder" in said(reply)
    assert await bot.events() == 0


@pytest.mark.parametrize("first", [TranscriptConflict(), NumberTaken()])
async def test_whoever_comes_second_is_taken_once_more(bot: Bot, first: Exception) -> None:
    bot.store.failures = [first]
    assert "Bent u zelf" in said(await bot.say("nieuw"))
    assert await bot.events() == 2


async def test_a_damaged_transcript_locks_its_case_alone(bot: Bot) -> None:
    await bot.say("nieuw")
    bot.store._db.execute("DROP TRIGGER event_is_never_changed")
    bot.store._db.execute("UPDATE event SET body = X'7B7D' WHERE seq = 2")
    assert "op slot" in said(await bot.say("1"))
    assert await bot.events() == 2


async def test_a_repeated_delivery_is_answered_with_nothing_new(bot: Bot) -> None:
    turn = bot.turn("nieuw")
    await bot.desk.take_turn(turn)
    assert await bot.desk.take_turn(turn) == Reply()
    bot.desk.not_said(turn)
    assert "Bent u zelf" in said(await bot.desk.take_turn(turn))
    assert await bot.events() == 2


async def test_what_is_remembered_does_not_grow_without_end(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.turn._REMEMBERED_TURNS", 3)
    for _ in range(5):
        await bot.say("help")
    assert len(bot.desk._said) == 3


async def test_an_old_card_of_a_case_that_is_past_leaves_the_open_case_where_it_is(bot: Bot) -> None:
    first = await bot.say("nieuw")
    assert first.messages[0].card is not None
    data = next(action["data"] for action in actions(first.messages[0].card) if action["data"]["verb"] == "answer")
    await bot.say("stop ja")
    await bot.say("nieuw")
    press = Incoming(verb="answer", handle=data["handle"], answer="nee")
    assert "al beantwoord" in said(await bot.desk.take_turn(bot.turn(incoming=press)))
    before = await bot.events()
    await bot.say("nee")
    assert await bot.events() == before + 2


async def test_the_installation_is_greeted(bot: Bot) -> None:
    assert "Mensen besluiten" in said(await bot.desk.take_turn(bot.turn(welcome=True)))


@pytest.mark.parametrize("handle", ["forged", "x" * 128, "'; drop table handle; --", "\ud800"])
async def test_a_forged_press_has_no_effect(bot: Bot, handle: str) -> None:
    await bot.say("nieuw")
    press = Incoming(verb="answer", handle=handle, answer="nee")
    assert "al beantwoord" in said(await bot.desk.take_turn(bot.turn(incoming=press)))
    assert await bot.events() == 2
