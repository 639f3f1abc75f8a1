"""The clock of the program: the real time, or one that starts at another moment and runs on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

Clock = Callable[[], datetime]


def clock_from(start: datetime | None, passed: Callable[[], float] = monotonic) -> Clock:
    """Give the real time, or with `start` a clock that began there just now; `passed` counts seconds."""
    if start is None:
        return _now
    began, first = start.astimezone(UTC), passed()
    return lambda: began + timedelta(seconds=passed() - first)


def _now() -> datetime:
    return datetime.now(UTC)
