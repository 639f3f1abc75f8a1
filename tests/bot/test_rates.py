"""The limit for each person: no hindrance to who types or clicks fast, and no flood in the register."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cases import Cases
from bot.errors import NoAccess
from bot.locks import Locks
from bot.ports import ChatReference, Person, Place, Reply, Role, Sender, Turn
from bot.rates import PRODUCTION, TOO_FAST, UNLIMITED, Buckets, Limit, Rates
from bot.storage.sqlite import SqliteStore
from bot.turn import FrontDesk
from dialogs.values import Incoming
from tests.bot.desk import ANJA, FRAMEWORKS, NOW, TENANT, WORDING, FakeAccess, words
from tests.bot.fakes_teams import Clock
from tests.stores import open_store


def free_turns(rates: Rates, clock: Clock, turns: int, every: float) -> int:
    taken = 0
    for _ in range(turns):
        taken += rates.may_talk("anja")
        clock.now += every
    return taken


@pytest.mark.parametrize(
    ("turns", "every"),
    [
        (31, 1.0),  # a whole case, a question a second
        (10_000, 1.0),  # and on, all night
        (62, 0.1),  # every button pressed twice, without reading
        (120, 0.0),  # what stood in a queue of Teams comes all at once
    ],
)
def test_a_fast_person_is_never_held_up(turns: int, every: float) -> None:
    clock = Clock()
    assert free_turns(Rates(clock=clock), clock, turns, every) == turns


def test_after_a_flood_the_next_turn_is_free_within_two_seconds() -> None:
    clock = Clock()
    rates = Rates(clock=clock)
    assert free_turns(rates, clock, 5_000, 0.01) < 200
    clock.now += 2
    assert rates.may_talk("anja")


def test_one_persons_flood_is_nobody_elses() -> None:
    rates = Rates(clock=Clock())
    assert not all(rates.may_talk("anja") for _ in range(200))
    assert rates.may_talk("bram")


def test_what_is_refused_costs_nothing() -> None:
    clock = Clock()
    bucket = Buckets(Limit(at_once=1, a_minute=60), clock)
    assert [bucket.take("x") for _ in range(3)] == [True, False, False]
    clock.now += 1
    assert [bucket.take("x") for _ in range(2)] == [True, False]


def test_a_bucket_does_not_overflow_and_a_clock_that_stands_fills_nothing() -> None:
    clock = Clock()
    bucket = Buckets(Limit(at_once=2, a_minute=60), clock)
    clock.now += 86_400
    assert [bucket.take("x") for _ in range(3)] == [True, True, False]
    assert not bucket.take("x")


def test_who_is_remembered_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.rates._REMEMBERED", 3)
    bucket = Buckets(PRODUCTION.turns, Clock())
    for number in range(10):
        bucket.take(str(number))
    assert list(bucket._left) == ["7", "8", "9"]


def test_on_loopback_without_tokens_nothing_is_limited() -> None:
    clock = Clock()
    rates = Rates(UNLIMITED, clock)
    assert free_turns(rates, clock, 5_000, 0.0) == 5_000
    assert all(rates.refuse("fatima", "no_access").is_noted for _ in range(100))


def test_refusals_are_all_counted_and_few_are_noted_or_told() -> None:
    clock, counted = Clock(), list[str]()
    rates = Rates(clock=clock, count=counted.append)
    found = []
    for _ in range(3_000):
        found.append(rates.refuse("fatima", "no_access"))
        clock.now += 0.01
    assert len(counted) == 3_000
    # Thirty seconds: three at once and one more in twenty seconds, and one entry that it was a flood.
    assert sum(one.is_noted for one in found if one.code == "no_access") == 4
    assert sum(one.is_noted for one in found if one.code == TOO_FAST) == 1
    assert sum(one.is_told for one in found if one.code == TOO_FAST) <= 15
    assert all(one.is_told for one in found if one.code == "no_access")


# --- at the desk -----------------------------------------------------------------------


class Door(FakeAccess):
    """Lets Anja in and nobody else."""

    async def admit(self, sender: Sender, chat: ChatReference) -> Person:
        if sender.object_id != ANJA.id:
            raise NoAccess
        return Person(ANJA.id, ANJA.name, ANJA.function, frozenset({Role.ASSESSOR}))


class Bot:
    """A desk on a real store, with a clock for the rates."""

    def __init__(self, store: SqliteStore) -> None:
        self.store, self.clock, self.sent = store, Clock(), 0
        self.counted: list[str] = []
        self.desk = FrontDesk(
            store=store,
            cases=Cases(store, FRAMEWORKS),
            access=Door(),
            wording=WORDING,
            locks=Locks(),
            clock=lambda: NOW,
            wake_outbox=lambda: None,
            rates=Rates(clock=self.clock, count=self.counted.append),
        )

    async def say(self, text: str, who: str = ANJA.id, locale: str = "nl") -> Reply:
        self.sent += 1
        chat = ChatReference("https://teams", f"chat-{who}", f"29:{who}", "28:bot", TENANT)
        incoming = Incoming(text=text, locale=locale)
        sender = Sender(who, f"29:{who}", TENANT)
        return await self.desk.take_turn(Turn(str(self.sent), sender, Place.PERSONAL, chat, incoming))

    async def noted(self) -> list[str]:
        return [entry.outcome for entry in await self.store.register() if entry.action == "talk"]


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    started = Bot(open_store(tmp_path / "store.sqlite"))
    yield started
    await started.store.close()


def said(reply: Reply) -> str:
    return " ".join(words(message) for message in reply.messages)


async def test_who_goes_too_fast_hears_when_to_go_on_and_loses_nothing(bot: Bot) -> None:
    await bot.say("nieuw")
    for _ in range(150):
        reply = await bot.say("herhaal")
    assert reply == Reply()
    assert bot.counted.count("too_fast") == 31
    assert await bot.noted() == ["too_fast"]
    assert sum(entry.version for entry in await bot.store.entries()) == 2
    bot.clock.now += 2
    assert "Bent u zelf" in said(await bot.say("verder"))


@pytest.mark.parametrize(("locale", "when"), [("nl-NL", "over een paar seconden"), ("en-GB", "in a few seconds")])
async def test_it_is_said_in_ones_own_language(bot: Bot, locale: str, when: str) -> None:
    for _ in range(120):
        await bot.say("help", locale=locale)
    assert when in said(await bot.say("help", locale=locale))


async def test_a_strangers_flood_does_not_fill_the_register(bot: Bot) -> None:
    for _ in range(500):
        await bot.say("nieuw", who="fatima")
    assert await bot.noted() == ["no_access"] * 3 + ["too_fast"]
    assert len(bot.counted) == 500
    assert "Bent u zelf" in said(await bot.say("nieuw"))
