"""How long the weighing itself takes: `missing` and the four-state evaluation at every point of every scenario."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import process_time_ns
from typing import Any

from bot.shelf import open_framework, published
from state.compiled import CompiledFramework
from state.nodes import read_nodes
from state.questionnaire import check_answer, next_question, states_of, walk
from state.weighing import missing, weigh

# The fastest of some: what else the machine did in between is not the weighing's.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Slowest:
    """The point at which the weighing took longest, of so many."""

    milliseconds: float
    where: str
    points: int


def slowest_evaluation() -> Slowest:
    """Give the slowest point of all scenarios of all published frameworks."""
    timed = [(_time(compiled, given, now), where) for compiled, given, now, where in _points()]
    milliseconds, where = max(timed)
    return Slowest(milliseconds, where, len(timed))


def _points() -> Iterator[tuple[CompiledFramework, dict[str, Any], datetime, str]]:
    for path in published():
        compiled = open_framework(path)
        for file in sorted((path.parent / "scenarios").glob("*.yaml")):
            yield from _points_of(compiled, file, path.parent.name)


def _points_of(
    compiled: CompiledFramework, file: Path, version: str
) -> Iterator[tuple[CompiledFramework, dict[str, Any], datetime, str]]:
    scenario: Any = read_nodes(file.read_text("utf-8")).value
    now = datetime.fromisoformat(scenario["now"])
    for count, given in enumerate(_prefixes(compiled, scenario["answers"])):
        yield compiled, given, now, f"{version} {file.stem}, {count} answers"


def _prefixes(compiled: CompiledFramework, answers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the answers that stand before each question of a scenario, and after the last."""
    given: dict[str, Any] = {}
    yield dict(given)
    for question in [one.id for one in compiled.framework.questions if one.id in answers]:
        given[question] = check_answer(compiled, question, answers[question])
        yield dict(given)


def _time(compiled: CompiledFramework, given: dict[str, Any], now: datetime) -> float:
    return min(_once(compiled, given, now) for _ in range(_TRIES))


def _once(compiled: CompiledFramework, given: dict[str, Any], now: datetime) -> float:
    begun = process_time_ns()
    states_of(compiled, given)
    walk(compiled, given)
    next_question(compiled, given)
    weigh(compiled, given, now)
    missing(compiled, given, now)
    return (process_time_ns() - begun) / 1e6
