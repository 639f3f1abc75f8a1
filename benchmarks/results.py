"""All that one or several runs measured: kept as JSON, and put together again."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.dossiers import Cost
from benchmarks.evaluation import Slowest
from benchmarks.growth import Growth, Point
from benchmarks.load import Sample
from benchmarks.rounds import Measured


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _machine() -> str:
    return f"Python {platform.python_version()}, {os.cpu_count()} cores"


@dataclass
class Results:
    """What was measured, when and on what; a part that was not is empty or None."""

    measured: list[Measured] = field(default_factory=list)
    slowest: Slowest | None = None
    cost: Cost | None = None
    growth: Growth | None = None
    day: str = field(default_factory=_today)
    machine: str = field(default_factory=_machine)
    # The part of all cores that other jobs used meanwhile.
    others: float = 0.0

    @property
    def where(self) -> str:
        """Give when and on what it was measured, and how calm it was there."""
        return f"Run of {self.day}, {self.machine}; other jobs took {self.others:.0%} of the machine meanwhile."

    def add(self, other: "Results") -> None:
        """Take over what another run measured and this one did not."""
        if not (self.measured or self.slowest or self.cost or self.growth):
            self.day, self.machine, self.others = other.day, other.machine, other.others
        for one in fields(self):
            if not getattr(self, one.name):
                setattr(self, one.name, getattr(other, one.name))


def save(results: Results, path: Path) -> None:
    """Write everything to a file."""
    path.write_text(json.dumps(asdict(results), indent=1), "utf-8")


def restore(path: Path) -> Results:
    """Give what was written to a file."""
    found: Any = json.loads(path.read_text("utf-8"))
    return Results(
        measured=list(_measured(found["measured"])),
        slowest=Slowest(**found["slowest"]) if found["slowest"] else None,
        cost=Cost(**found["cost"]) if found["cost"] else None,
        growth=Growth([Point(**point) for point in found["growth"]["points"]]) if found["growth"] else None,
        day=found["day"],
        machine=found["machine"],
        others=found["others"],
    )


def _measured(found: Iterable[dict[str, Any]]) -> Iterable[Measured]:
    for one in found:
        yield Measured(**{**one, "sample": Sample(**one["sample"])})
