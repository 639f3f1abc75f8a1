"""Tries the failover of docs/failover.md under load: `python -m tests.postgres.patroni --help`.

Not in the suite: a failover takes as long as Patroni's `ttl`, and etcd and Patroni are installed by hand.
"""

import argparse
import asyncio
import random
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from tests.postgres import test_failover as under_load
from tests.postgres.clusters import Cluster, Node, a_cluster
from tests.postgres.instances import Office, an_office, start_all, stop_all
from tests.trust import report


@dataclass
class Seen:
    """What was seen from outside since a moment, in seconds."""

    begun: float
    red_from: float = 0.0
    red_until: float = 0.0
    silence: float = 0.0


async def _look(office: Office, seen: Seen) -> None:
    """Note when an instance is not ready."""
    while True:
        asked = monotonic() - seen.begun
        if not all(await asyncio.gather(*(one.is_ready() for one in office.instances))):
            seen.red_from = seen.red_from or asked
            seen.red_until = monotonic() - seen.begun
        await asyncio.sleep(0.05)


async def _listen(office: Office, seen: Seen) -> None:
    """Note for how long nobody was told that an answer is kept."""
    count, heard = under_load.acknowledged(office), monotonic()
    while True:
        if under_load.acknowledged(office) > count:
            count, heard = under_load.acknowledged(office), monotonic()
        seen.silence = max(seen.silence, monotonic() - heard)
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _watched(office: Office, deed: str) -> AsyncIterator[None]:
    """Look and listen while the block runs, and say what was seen."""
    seen = Seen(monotonic())
    watching = [asyncio.create_task(watch(office, seen)) for watch in (_look, _listen)]
    try:
        yield
        await under_load.until_everyone_went_on(office)
    finally:
        for task in watching:
            task.cancel()
        await asyncio.wait(watching)
        red = f"red from {seen.red_from:.1f} to {seen.red_until:.1f} s" if seen.red_until else "green throughout"
        print(f"{deed}: {red}; at most {seen.silence:.1f} s without an acknowledged answer", flush=True)


async def _strike(office: Office, cluster: Cluster, how: Callable[[Node], None], deed: str, away: float) -> None:
    """Do something to the leader, and start its Patroni again after so many seconds."""
    old = cluster.leader
    async with _watched(office, f"{deed}, back after {away:.0f} s"):
        await under_load.in_thread(partial(how, old))
        await asyncio.sleep(away)
        known = len(old.log)
        began = monotonic()
        await under_load.in_thread(old.start)
        await under_load.in_thread(cluster.until_whole)
    how_back = "rewound" if "running pg_rewind" in old.log[known:] else "not rewound"
    print(f"  all in place {monotonic() - began:.1f} s after its start; it was {how_back}", flush=True)


async def _switch(office: Office, cluster: Cluster) -> None:
    """Let the leader and a standby change places, as an administrator does."""
    async with _watched(office, "switchover"):
        await under_load.in_thread(cluster.switch_over)
        await under_load.in_thread(cluster.until_whole)


async def _silence_etcd(office: Office, cluster: Cluster, away: float) -> None:
    """Let etcd answer nobody for so many seconds."""
    async with _watched(office, f"etcd silent for {away:.0f} s"):
        cluster.etcd.send_signal(signal.SIGSTOP)
        await asyncio.sleep(away)
        cluster.etcd.send_signal(signal.SIGCONT)
        await under_load.in_thread(cluster.until_whole)


async def _do(deed: str, office: Office, cluster: Cluster, away: float) -> None:
    match deed:
        case "kill":
            await _strike(office, cluster, Node.kill, "Patroni and its server killed", away)
        case "patroni":
            await _strike(office, cluster, Node.kill_patroni, "Patroni alone killed", away)
        case "etcd":
            await _silence_etcd(office, cluster, away)
        case _:
            await _switch(office, cluster)


async def _live(told: argparse.Namespace, office: Office, cluster: Cluster) -> None:
    """Do everything under load."""
    await start_all(office.instances)
    async with under_load.living(office):
        for deed in told.deeds:
            await under_load.until_everyone_went_on(office)
            await _do(deed, office, cluster, told.away)
    await stop_all(office.instances)


async def _try(told: argparse.Namespace, folder: Path, cluster: Cluster) -> None:
    people, instances, chance = under_load.PEOPLE, under_load.INSTANCES, random.Random(report.SEED)
    async with an_office(folder, cluster.url, instances=instances, people=people, chance=chance) as office:
        await _live(told, office, cluster)
        found = await under_load.checked(office)
    print(f"{found.acknowledged} acknowledged answers: 0 lost, 0 doubled, 0 untrue; {found.posted} cases posted")


def main() -> None:
    """Do what is asked, and say what was seen; raises AssertionError where something was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deeds", nargs="+", choices=("kill", "patroni", "switchover", "etcd"), help="in this order")
    parser.add_argument("--nodes", type=int, default=3, help="servers with Patroni (3)")
    parser.add_argument("--loose", action="store_true", help="without `synchronous_mode_strict`")
    parser.add_argument("--away", type=float, default=60, help="seconds until what was struck comes back (60)")
    told = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="weegwijzer-patroni-") as folder,
        a_cluster(told.nodes, is_strict=not told.loose) as cluster,
    ):
        asyncio.run(_try(told, Path(folder), cluster))


if __name__ == "__main__":
    main()
