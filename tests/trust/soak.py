"""E24: the bot for a long while, with people at it and a kill now and then: does it grow, leak, lose?

    scripts/trust soak [SECONDS]     60 when left out; 86400 before a release

Four people answer as fast as they are answered. Every tenth of the time the bot is killed and begun anew. Memory
and open files are looked at while it lives; at the end everything that was acknowledged is looked for.
"""

import asyncio
import random
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.ports import free_port
from tests.trust import report
from tests.trust.crash.checker import check
from tests.trust.crash.lives import Life, Parent, a_parent, begin
from tests.trust.crash.people import Person, World, all_of
from tests.trust.crash.run import PEOPLE, a_world, exported, in_peace

_LIVES = 10
_SETTLED = 0.3  # of a life: caches are warm from here
MOST_GROWTH = 5.0  # MB in one life
MOST_FILES = 3


@dataclass
class Grown:
    """How much a life grew after it had settled."""

    memory: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)


def _memory(life: Life) -> float:
    pages = int(Path(f"/proc/{life.pid}/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1_000_000


def _files(life: Life) -> int:
    return sum(1 for _ in Path(f"/proc/{life.pid}/fd").iterdir())


async def _one_life(parent: Parent, home: Path, port: int, world: World, seconds: float, grown: Grown) -> None:
    life = await begin(parent, home, port)
    assert await life.is_up()
    world.up.set()
    await asyncio.sleep(seconds * _SETTLED)
    memory, files = _memory(life), _files(life)
    await asyncio.sleep(seconds * (1 - _SETTLED))
    grown.memory.append(_memory(life) - memory)
    grown.files.append(_files(life) - files)
    world.up.clear()
    await life.kill()


async def _live(parent: Parent, home: Path, port: int, world: World, seconds: float, grown: Grown) -> None:
    people = [Person(world, user) for user in PEOPLE]
    living = asyncio.create_task(all_of(people, world))
    for _ in range(_LIVES):
        await _one_life(parent, home, port, world, seconds / _LIVES, grown)
    living.cancel()
    await living
    await in_peace(await begin(parent, home, port), world)


async def soak(seconds: float) -> tuple[str, bool]:
    """Give the line of the report, and whether all is well."""
    grown, port, chance = Grown(), free_port(), random.Random(report.SEED)
    with tempfile.TemporaryDirectory(prefix="weegwijzer-soak-") as folder:
        home = Path(folder)
        async with a_world(port, chance) as world, a_parent() as parent:
            await _live(parent, home, port, world, seconds, grown)
        cases, damage = await exported(home)
        found = check([asdict(one) for one in world.history], cases, world.teams.channel)
    most, files = max(grown.memory), max(grown.files)
    line = (
        f"E24: {seconds:.0f} s, {world.delivered} deliveries, {_LIVES} kills, {found.acknowledged} acknowledged:"
        f" {len(found.all)} wrong, {len(damage)} damaged; a life grew {most:.1f} MB and {files} open files at most"
    )
    return line, not found.all and not damage and most < MOST_GROWTH and files <= MOST_FILES


def main() -> None:
    """Run the soak and print its line; exit 1 when something was lost, leaked or grew."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    line, is_well = asyncio.run(soak(seconds))
    print(line)
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
