"""Growth: what a turn, the memory and a start cost against what is stored, open, long and asked."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import UUID

from rich.table import Table

from benchmarks import filling
from benchmarks.assessor import Assessor
from benchmarks.connector import Connector, listening
from benchmarks.larger import write_larger_framework
from benchmarks.load import Load
from benchmarks.people import people
from benchmarks.players import Player, chance_of
from benchmarks.process import Running
from benchmarks.reviser import Reviser
from benchmarks.servers import OURS, Invite, started

STORED, OPEN, LONG, LARGE = "stored cases", "open conversations", "events per case", "questions"
_PEOPLE, _REVISERS = 64, 160
# Seconds of CPU in a second of a bot that does nothing.
_IDLE = 0.05


@dataclass(frozen=True, slots=True)
class Scale:
    """How far is grown, how often each size is measured, and for how many seconds."""

    sizes: Mapping[str, Sequence[int]]
    rounds: int
    seconds: float


WHOLE = Scale(
    {STORED: (10, 1_000, 100_000), OPEN: (10, 1_000, 5_000, 10_000), LONG: (20, 80, 200, 1_000), LARGE: (31, 300)},
    rounds=3,
    seconds=6.0,
)
QUICK = Scale({STORED: (10, 1_000), OPEN: (10, 300), LONG: (20, 200), LARGE: (31, 300)}, rounds=1, seconds=2.0)


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at one size; CPU in ms a turn, start in seconds, memory in MiB after the turns."""

    kind: str
    size: int
    cpu_ms: float
    start: float
    rss: float


@dataclass(frozen=True, slots=True)
class Growth:
    """All points, each with medians over the rounds."""

    points: Sequence[Point]

    def of(self, kind: str) -> list[Point]:
        """Give the points of a kind, the smallest first."""
        return sorted((one for one in self.points if one.kind == kind), key=lambda one: one.size)

    def judged(self) -> Iterator[tuple[int, str, float, float, str]]:
        """Give what the goals say of growth: number, what, bound, value, unit."""
        stored, open_, long = self.of(STORED), self.of(OPEN), self.of(LONG)
        if stored:
            most = f"{stored[-1].size:,} stored cases, of {stored[0].size}"
            yield 7, f"CPU per turn at {most}", 1.15, stored[-1].cpu_ms / stored[0].cpu_ms, "×"
            yield 9, f"start with {most}", 1.25, stored[-1].start / stored[0].start, "×"
        if open_:
            some = [one for one in open_ if one.size <= 5_000][-1]
            what = f"CPU per turn at {some.size:,} open conversations, of {open_[0].size}"
            yield 7, what, 1.2, some.cpu_ms / open_[0].cpu_ms, "×"
            yield 7, "memory per open conversation", 4, memory_of_each(open_), "KiB"
        if long:
            what = f"CPU per turn at {long[1].size} events in a case, of {long[0].size}"
            yield 7, what, 1.15, long[1].cpu_ms / long[0].cpu_ms, "×"


def memory_of_each(points: Sequence[Point]) -> float:
    """Give the KiB by which memory grew for each that there was more."""
    return (points[-1].rss - points[0].rss) * 1024 / (points[-1].size - points[0].size)


async def grow(scale: Scale, home: Path, tell: Callable[[str], None]) -> Growth:
    """Give the growth; the sizes of a kind are measured in turn, round after round."""
    points: list[Point] = []
    for kind, sizes in scale.sizes.items():
        measure = _MEASURES[kind]
        found: dict[int, list[Point]] = {size: [] for size in sizes}
        for number, size in ((number, size) for number in range(scale.rounds) for size in sizes):
            tell(f"growth, round {number + 1} of {scale.rounds}: {size:,} {kind}")
            place = home / f"{kind}-{size}-{number}".replace(" ", "-")
            found[size].append(await measure(scale, size, place, home))
        points += [_median(ones) for ones in found.values()]
    return Growth(points)


def _median(ones: list[Point]) -> Point:
    middle = [median(getattr(one, name) for one in ones) for name in ("cpu_ms", "start", "rss")]
    return Point(ones[0].kind, ones[0].size, *middle)


# --- one size --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Try:
    """A store to start with, who is listed, how many of them talk, and how."""

    kind: str
    size: int
    everyone: dict[str, str]
    talking: int
    invite: Invite = OURS.invite
    spread: int = OURS.spread


async def _measure(one: _Try, scale: Scale, place: Path, **settings: str) -> Point:
    async with listening(Connector(one.everyone)) as teams, started(OURS, teams, place, **settings) as running:
        if one.kind == LONG:
            await _at_rest(running)
        load = Load(running, teams, [one.invite(teams, user) for user in list(one.everyone)[: one.talking]])
        await load.warm_up(one.spread)
        sample = await load.closed(scale.seconds)
        await load.settle()
    return Point(one.kind, one.size, sample.cpu_ms, running.started_in, sample.rss)


async def _at_rest(running: Running) -> None:
    """Wait until the check of the store after its start is over: it grows with all events, not with those of a case."""
    before = -1.0
    while running.cpu() - before > _IDLE:
        before = running.cpu()
        await asyncio.sleep(1)


async def _stored(scale: Scale, size: int, place: Path, home: Path) -> Point:
    """Measure with so many past cases of others; every round goes on with the same store."""
    kept = home / f"stored-{size}"
    if not _is_there(kept):
        frameworks = filling.installed()
        case = filling.stopped(filling.begun(frameworks, filling.assessor(str(UUID(int=0)))))
        await filling.fill(kept / "data", filling.copies(case, (str(UUID(int=number)) for number in range(size))))
    return await _measure(_Try(STORED, size, people(_PEOPLE), _PEOPLE), scale, kept)


async def _open(scale: Scale, size: int, place: Path, home: Path) -> Point:
    """Measure with so many people in the middle of a case; as many are listed at every size."""
    everyone = people(max(scale.sizes[OPEN]))
    kept = await _begun(home / f"open-{size}", list(everyone.values())[:size], everyone)
    shutil.copytree(kept, place)
    return await _measure(_Try(OPEN, size, everyone, size, _resumer, spread=4), scale, place)


def _resumer(teams: Connector, user: str) -> Player:
    return Assessor(teams, user, chance_of(0, user), resumes=True)


async def _begun(home: Path, holders: Sequence[str], everyone: dict[str, str], events: int = 0) -> Path:
    """Make a store in which these people have an open case of so many events, when there is none yet."""
    if not _is_there(home):
        case = filling.lengthened(filling.begun(filling.installed(), filling.assessor(holders[0])), events)
        await filling.fill(home / "data", filling.copies(case, holders, Connector(everyone)))
    return home


async def _long(scale: Scale, size: int, place: Path, home: Path) -> Point:
    """Measure turns in cases of so many events; every round begins with the same ones."""
    everyone = people(_REVISERS)
    shutil.copytree(await _begun(home / f"long-{size}", list(everyone.values()), everyone, size), place)
    return await _measure(_Try(LONG, size, everyone, _REVISERS, Reviser, spread=2), scale, place)


async def _large(scale: Scale, size: int, place: Path, home: Path) -> Point:
    """Measure with a framework of so many questions."""
    file = write_larger_framework(home / f"framework-{size}.yaml", size)
    return await _measure(_Try(LARGE, size, people(_PEOPLE), _PEOPLE), scale, place, WEEGWIJZER_FRAMEWORK=str(file))


_MEASURES: Mapping[str, Callable[[Scale, int, Path, Path], Awaitable[Point]]] = {
    STORED: _stored,
    OPEN: _open,
    LONG: _long,
    LARGE: _large,
}


def _is_there(folder: Path) -> bool:
    return folder.exists()


# --- the table -------------------------------------------------------------------------


def growth_table(growth: Growth) -> Table:
    """Give every point, with how much dearer a turn is than at the smallest size."""
    table = Table("of", title="Growth", title_justify="left")
    for name in ("how many", "CPU ms/turn", "of the smallest", "start s", "RSS MiB"):
        table.add_column(name, justify="right")
    for kind in dict.fromkeys(point.kind for point in growth.points):
        points = growth.of(kind)
        for point in points:
            ratio = point.cpu_ms / points[0].cpu_ms
            cells = (f"{point.cpu_ms:.2f}", f"{ratio:.2f} ×", f"{point.start:.2f}", f"{point.rss:.0f}")
            table.add_row(kind, f"{point.size:,}", *cells, end_section=point is points[-1])
    return table
