"""Rounds: every server gets the same load in turn, again and again, so that a slow minute is everybody's."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.connector import Connector, listening
from benchmarks.load import LATENCY, RATE, WAITING, Load, Sample
from benchmarks.people import people
from benchmarks.servers import Server, started


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often is measured."""

    rounds: int
    closed_seconds: float
    open_seconds: float
    conversations: int = 320
    at_once: int = 16


@dataclass(frozen=True, slots=True)
class Measured:
    """One sample: which server, under which load, in which round, and in how many seconds it had started."""

    server: str
    load: str
    round: int
    start: float
    sample: Sample
    tokens_given: int = 0


async def play(plan: Plan, servers: Iterable[Server], home: Path, tell: Callable[[str], None]) -> list[Measured]:
    """Give all samples; raises WrongReply or ServerFailed."""
    servers = list(servers)
    measured: list[Measured] = []
    for number in range(plan.rounds):
        for server in servers:
            tell(f"round {number + 1} of {plan.rounds}: {server.name}")
            measured += await _round(plan, server, number, home / f"{server.name}-{number}")
    return measured


async def _round(plan: Plan, server: Server, number: int, home: Path) -> list[Measured]:
    async with listening(Connector(people(plan.conversations))) as teams, started(server, teams, home) as running:
        load = Load(running, teams, [server.invite(teams, user) for user in teams.people])
        await load.warm_up(server.spread)
        samples = {kind: await _sample(plan, load, teams, kind, number) for kind in server.loads}
        await load.settle()
    return [
        Measured(server.name, kind, number, running.started_in, sample, running.tokens_given)
        for kind, sample in samples.items()
    ]


async def _sample(plan: Plan, load: Load, teams: Connector, kind: str, number: int) -> Sample:
    match kind:
        case "closed":
            return await load.closed(plan.closed_seconds, plan.at_once)
        case "slow":
            teams.latency = LATENCY
            return await load.closed(plan.closed_seconds, WAITING)
        case "fixed":
            return await load.open(RATE, plan.open_seconds)
        case _:
            chance = random.Random(number)  # noqa: S311  # when people come needs no secret
            return await load.open(RATE, plan.open_seconds, chance)


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians over the rounds: latencies in ms, memory in MiB, start in seconds."""

    rate: float
    p50: float
    p99: float
    cpu_ms: float
    core: float
    connections: float
    rss: float
    start: float
    generator: float
    tokens_given: int


# By server and kind of load.
Medians = Mapping[tuple[str, str], Figures]


def medians(measured: Iterable[Measured]) -> Medians:
    """Give the figures of each server under each load."""
    by_kind: dict[tuple[str, str], list[Measured]] = {}
    for one in measured:
        by_kind.setdefault((one.server, one.load), []).append(one)
    return {kind: _figures(ones) for kind, ones in by_kind.items()}


def _figures(ones: list[Measured]) -> Figures:
    samples = [one.sample for one in ones]
    return Figures(
        rate=median(one.rate for one in samples),
        p50=median(one.percentile(0.5) for one in samples),
        p99=median(one.percentile(0.99) for one in samples),
        cpu_ms=median(one.cpu_ms for one in samples),
        core=median(one.core for one in samples),
        connections=median(one.connections / one.turns for one in samples),
        rss=median(one.rss for one in samples),
        start=median(one.start for one in ones),
        generator=median(one.generator_cpu / one.seconds for one in samples),
        tokens_given=max(one.tokens_given for one in ones),
    )
