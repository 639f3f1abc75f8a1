"""E13: the disk is full, read-only, broken or slow, the clock jumps, Teams fails: what people are told is true."""

import asyncio
import itertools
import random
import resource
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.ports import free_port
from tests.trust import report
from tests.trust.crash.checker import Findings, check, check_record
from tests.trust.crash.lives import Life, Parent, a_parent, begin
from tests.trust.crash.losses import a_bot_on, a_fast_folder, reopened
from tests.trust.crash.people import FAILED, OK, UNKNOWN, Person, Told, World
from tests.trust.crash.power import Disk
from tests.trust.crash.run import a_world, exported, nothing_owed, until

NOT_STORED = "NIET OPGESLAGEN"
ASKED = "Kijk in het kanaal"
USER = "user-id-0"
HOUR, DAY = 3600, 86_400


@pytest.fixture(scope="module", autouse=True)
def line(request: pytest.FixtureRequest) -> Iterator[None]:
    """Say the suite's line once all of it held."""
    before = request.session.testsfailed
    yield
    if request.session.testsfailed == before:
        report.say("E13", "full, read-only, failing and stopped disks, jumping clocks, failing Teams: 0 untruths told")


@pytest.fixture
async def parent() -> AsyncIterator[Parent]:
    async with a_parent() as one:
        yield one


@asynccontextmanager
async def living(parent: Parent, home: Path, **request: Any) -> AsyncIterator[tuple[Life, World, Person]]:
    """Run the bot, with somebody who talks to it."""
    port = free_port()
    async with a_world(port, random.Random(report.SEED)) as world:
        # Nothing is delivered twice here: each thing that is told is looked at alone.
        world.chance.random = lambda: 0.5
        life = await begin(parent, home, port, **request)
        assert await life.is_up()
        yield life, world, Person(world, USER)
        if life.is_there():
            await life.stop()


def answers_of(world: World) -> list[Told]:
    return [one for one in world.history if one.kind == "answer"]


def check_told(answers: Sequence[Told], cases: dict[str, Any]) -> None:
    """Each answer is in the record or its person was told that it is not; never both, never neither."""
    findings = Findings()
    check_record([asdict(one) for one in answers], cases, findings)
    assert findings.all == []
    for one in answers:
        assert one.outcome == (FAILED if any(NOT_STORED in text for text in one.said) else OK), one


async def until_refused(world: World, person: Person, most: int = 200) -> None:
    """Go on until somebody was told that nothing was saved."""
    for _ in range(most):
        await person.step()
        if any(NOT_STORED in text for text in world.history[-1].said):
            return
    raise AssertionError("the disk was never full")


async def until_ready(world: World, *, is_ready: bool) -> None:
    """Wait until the bot says to be ready, or not to be."""
    async with asyncio.timeout(30):
        while await _is_ready(world) is not is_ready:  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.05)


async def _is_ready(world: World) -> bool:
    async with world.session.get(f"{world.address}/readyz") as answer:
        return answer.status == 200


@pytest.mark.parametrize("full", ["no more pages", "no more bytes"])
async def test_on_a_full_disk_nothing_is_acknowledged_that_is_not_there(
    parent: Parent, tmp_path: Path, full: str
) -> None:
    limit = {"most_pages": 90} if full == "no more pages" else {"most_bytes": 600_000}
    async with living(parent, tmp_path, **limit) as (life, world, person):
        await until_refused(world, person)
        await until_ready(world, is_ready=False)
        await person.steps(10)
        if full == "no more pages":
            life.signal(signal.SIGUSR1)
        else:
            resource.prlimit(life.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await until_ready(world, is_ready=True)
        before = len([one for one in answers_of(world) if one.outcome == OK])
        await person.steps(10)
        # It works again once there is room, without a restart.
        assert len([one for one in answers_of(world) if one.outcome == OK]) > before
        answers = answers_of(world)
    cases, found = await exported(tmp_path)
    assert found == ()
    check_told(answers, cases)


async def test_a_folder_that_cannot_be_written_is_said_in_one_line(parent: Parent, tmp_path: Path) -> None:
    async with living(parent, tmp_path) as (_, _, person):
        await person.step()
    for folder in ("data", "other"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder).chmod(0o500)
        (tmp_path / "output.log").unlink(missing_ok=True)
        env = {"WEEGWIJZER_DATA_DIR": str(tmp_path / folder)}
        life = await begin(parent, tmp_path, free_port(), env=env, without_rights=True)
        assert await life.ended() == {"code": 2}
        (tmp_path / folder).chmod(0o700)
        [line] = (tmp_path / "output.log").read_text("utf-8").splitlines()
        assert str(tmp_path / folder) in line


# --- the disk fails --------------------------------------------------------------------


class Breaking:
    """Fails the n-th thing that is done to the disk from now, once or from then on."""

    def __init__(self) -> None:
        self.left = 0
        self.lasting = False
        self.only = ""
        self.broke: Counter[str] = Counter()

    def __call__(self, what: str, name: str) -> None:
        """Raise when it is time."""
        if self.left == 0 or not what.startswith(self.only):
            return
        self.left -= 1
        if self.left == 0:
            self.broke[what] += 1
            self.left = int(self.lasting)
            raise apsw.exception_for(apsw.SQLITE_IOERR_WRITE if what == "write" else apsw.SQLITE_IOERR_FSYNC)


async def check_now(world: World, home: Path) -> None:
    """Look as a start right now would: what was refused is not there either."""
    with a_fast_folder(home) as copy:
        check_told(answers_of(world), await reopened(copy, home) or {})


async def one_try(person: Person, breaking: Breaking, n: int) -> None:
    """Do one thing while the disk fails, at any of a turn's writes and syncs: once, or from then on."""
    breaking.only, breaking.lasting = "sync" if n % 4 < 2 else "", bool(n % 2)
    breaking.left = 1 if breaking.only else person.world.chance.randint(1, 20)
    await person.step()
    breaking.left = 0


async def test_an_error_at_any_write_is_told_or_overcome(tmp_path: Path) -> None:
    breaking, disk = Breaking(), Disk()
    disk.fail = breaking
    tries = report.figure(120, 2_000)
    told_so = 0
    async with a_bot_on(disk, tmp_path, random.Random(report.SEED)) as world:
        world.chance.random = lambda: 0.4
        person = Person(world, USER)
        for n in range(tries):
            await one_try(person, breaking, n)
            told_so += NOT_STORED in "".join(world.history[-1].said)
            await check_now(world, tmp_path)
    assert min(breaking.broke[what] for what in ("write", "sync")) > tries // 4
    assert told_so > 10


# --- the disk stalls -------------------------------------------------------------------


@pytest.mark.parametrize("after", [signal.SIGCONT, signal.SIGKILL])
async def test_while_the_store_stands_still_nothing_is_acknowledged(
    parent: Parent, tmp_path: Path, after: signal.Signals
) -> None:
    async with living(parent, tmp_path) as (_, _, person):
        await person.steps(4)
    stop = ["after database INSERT event", 1]
    async with living(parent, tmp_path, at=stop, deed="stop") as (life, world, person):
        # Teams names no activity twice.
        world.moments = itertools.count(1_000)
        await person.type("verder")
        heard = len(world.teams.chats[f"chat-{USER}"])
        pressing = asyncio.create_task(person.step())
        assert "stopped" in await life.ended()
        assert len(world.teams.chats[f"chat-{USER}"]) == heard
        assert not pressing.done()
        life.signal(after)
        await pressing
        [one] = answers_of(world)
        assert one.outcome == (OK if after is signal.SIGCONT else UNKNOWN)
        if after is signal.SIGKILL:
            await life.ended()
    cases, _ = await exported(tmp_path)
    findings = Findings()
    check_record([asdict(one)], cases, findings)
    assert findings.all == []


# --- the clock -------------------------------------------------------------------------


def put(clock: Path, offset: int) -> None:
    """Put the bot's clock forward or back, in one step."""
    new = clock.with_suffix(".new")
    new.write_text(str(offset), "ascii")
    new.replace(clock)


async def test_a_clock_that_jumps_changes_no_order(parent: Parent, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    put(clock, 0)
    async with living(parent, tmp_path, clock=str(clock)) as (_, world, person):
        for offset in (0, -HOUR, HOUR, -DAY, DAY, -DAY, 200 * DAY, -200 * DAY, 0, -1, 0):
            put(clock, offset)
            await person.steps(3)
        answers = answers_of(world)
    cases, _ = await exported(tmp_path)
    # The checker looks at the moments, too: none is earlier than the one before it.
    check_told(answers, cases)
    assert len(answers) > 15


async def test_a_card_does_not_wait_for_a_clock_that_was_put_back(parent: Parent, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    put(clock, 0)
    async with living(parent, tmp_path, clock=str(clock), waits=0.3) as (_, world, person):
        world.teams.faults = {"POST conversations": ["500 before"]}
        while person.sees().kind != "posting":
            await person.step()
        await until(lambda: not world.teams.faults["POST conversations"])
        put(clock, -DAY)
        await until(lambda: any(len(contents) > 1 for contents in world.teams.channel.values()))


# --- Teams -----------------------------------------------------------------------------

_DOUBTFUL = ("500 before", "500 after", "drop before", "drop after", "silence")


@pytest.mark.parametrize("fault", ["429", *_DOUBTFUL])
async def test_a_card_is_posted_once_whatever_teams_answers_and_doubt_is_told(
    parent: Parent, tmp_path: Path, fault: str
) -> None:
    async with living(parent, tmp_path, patience=0.5) as (_, world, person):
        world.teams.faults = {"POST conversations": [fault]}
        while person.sees().kind != "posting":
            await person.step()
        await until(lambda: person.sees().kind == "posted")
        assert (ASKED in str(person.sees().card)) == (fault in _DOUBTFUL)
        await nothing_owed(world)
        told, channel = [asdict(one) for one in world.history], world.teams.channel
    cases, _ = await exported(tmp_path)
    findings = check(told, cases, channel)
    assert findings.all == []
    # The empty ones are those that Teams took without saying so.
    assert findings.spare == (fault in ("500 after", "drop after"))
