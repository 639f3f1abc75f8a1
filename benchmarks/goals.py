"""The ten goals, and how far this bot is from them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.table import Table

from benchmarks.load import CLOSED, FIXED, LATENCY, POISSON, SLOW, WAITING
from benchmarks.results import Results
from benchmarks.rounds import Figures, Medians, medians

_OURS = "weegwijzer"


@dataclass(frozen=True, slots=True)
class Goal:
    """One line: the number, what is measured, the bound, and the value; `at_least` says which side is good."""

    number: int
    what: str
    bound: float
    value: float
    at_least: bool = False
    unit: str = "×"

    @property
    def is_met(self) -> bool:
        """Tell whether the value is on the good side."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def words(self) -> tuple[str, str]:
        """Give the bound and the value as they are shown."""
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.bound:g} {self.unit}".strip(), f"{self.value:.3g} {self.unit}".strip()


def goals_of_turns(found: Medians) -> Iterator[Goal]:
    """Give the goals that a run of turns can judge, as far as its servers were there."""
    for load, judge in ((CLOSED, _closed), (FIXED, _open), (POISSON, _open), (SLOW, _slow)):
        ours = found.get((_OURS, load))
        if ours is not None:
            yield from judge(found, ours, load)
    yield from _tokens(found)


def _closed(found: Medians, ours: Figures, load: str) -> Iterator[Goal]:
    if bare := found.get(("bare", load)):
        yield Goal(1, "CPU per turn, of the bare limit (f)", 3, ours.cpu_ms / bare.cpu_ms)
        yield Goal(2, "throughput, of (f)", 0.4, ours.rate / bare.rate, at_least=True)
    if agents := found.get(("agents", load)):
        yield Goal(1, "CPU per turn, of the Agents SDK (d)", 1, ours.cpu_ms / agents.cpu_ms)
    if waterfall := found.get(("waterfall", load)):
        yield Goal(1, "CPU per turn, of the waterfall (c)", 0.125, ours.cpu_ms / waterfall.cpu_ms)
        yield Goal(2, "throughput, of (c)", 10, ours.rate / waterfall.rate, at_least=True)
    yield Goal(6, "new TCP connections per turn", 0.01, ours.connections, unit="")
    if echo := found.get(("echo", load)):
        yield Goal(9, "start, of (a)", 1.3, ours.start / echo.start)


def _open(found: Medians, ours: Figures, load: str) -> Iterator[Goal]:
    if bare := found.get(("bare", load)):
        yield Goal(5, f"50 turns/s, {load}: p50, of (f)", 2, ours.p50 / bare.p50)
        yield Goal(5, f"50 turns/s, {load}: p99, of (f)", 2, ours.p99 / bare.p99)
    yield Goal(5, f"50 turns/s, {load}: use of a core", 25, ours.core * 100, unit="%")


def _slow(found: Medians, ours: Figures, load: str) -> Iterator[Goal]:
    yield Goal(4, "Connector at 150 ms: of the ideal", 0.8, ours.rate / (WAITING / LATENCY), at_least=True)


def _tokens(found: Medians) -> Iterator[Goal]:
    ours, tokens, slow = (found.get((name, CLOSED)) for name in (_OURS, "tokens", "slow-tokens"))
    if ours and tokens:
        yield Goal(3, "tokens add CPU per turn", 0.15, tokens.cpu_ms - ours.cpu_ms, unit="ms")
    if tokens and slow:
        yield Goal(3, "calls of the identity provider per life of a token", 1, slow.tokens_given, unit="")
        yield Goal(3, "throughput with 60 ms a call", 0.95, slow.rate / tokens.rate, at_least=True)


def goals_of(results: Results) -> list[Goal]:
    """Give every goal that the results can judge, in their order."""
    found = [*goals_of_turns(medians(results.measured)), *_of_the_rest(results)]
    return sorted(found, key=lambda goal: goal.number)


def _of_the_rest(results: Results) -> Iterator[Goal]:
    """Give the goals that are judged without the anchors."""
    if results.growth is not None:
        for number, what, bound, value, unit in results.growth.judged():
            yield Goal(number, what, bound, value, unit=unit)
    if slowest := results.slowest:
        yield Goal(8, f"evaluation with `missing`, {slowest.points} points", 10, slowest.milliseconds, unit="ms")
    if cost := results.cost:
        yield Goal(10, "dossier: JSON, checked, per 40 events", 1, cost.json_ms, unit="ms")
        yield Goal(10, "dossier: PDF, CPU", 60, cost.pdf_ms, unit="ms")
        yield Goal(10, "turns' p99 during an export", 1.5, cost.export_p99 / cost.quiet_p99)


def goals_table(goals: Iterable[Goal]) -> Table:
    """Give the goals, with met or not."""
    table = Table("#", "what", title="The ten goals", title_justify="left")
    for name in ("goal", "measured", ""):
        table.add_column(name, justify="right")
    for goal in goals:
        bound, value = goal.words
        table.add_row(str(goal.number), goal.what, bound, value, "met" if goal.is_met else "[bold red]not met[/]")
    return table
