"""The docs: the picture, and the tables of the last whole run between their marks."""

import re
from collections.abc import Iterator, Sequence

from benchmarks.goals import goals_of
from benchmarks.load import CLOSED, FIXED, LATENCY, POISSON, SLOW, WAITING
from benchmarks.picture import picture
from benchmarks.process import ROOT
from benchmarks.results import Results
from benchmarks.rounds import Medians, medians
from benchmarks.servers import SERVERS, Server

PICTURE, PAGE = ROOT / "docs" / "benchmark.svg", ROOT / "docs" / "benchmarks.md"


def renew(results: Results) -> None:
    """Write the picture and the tables of these results into the docs."""
    found = medians(results.measured)
    if found:
        PICTURE.write_text(picture(found, results.day), "utf-8")
    text = PAGE.read_text("utf-8")
    for name, lines in (("turns", _turns(found)), ("growth", _growth(results)), ("goals", _goals(results))):
        text = _between(text, name, list(lines), results)
    PAGE.write_text(text, "utf-8")


def _between(text: str, name: str, lines: Sequence[str], results: Results) -> str:
    if not lines:
        return text
    said = "\n".join((f"<!-- {name} -->", results.where, "", *lines, f"<!-- /{name} -->"))
    return re.sub(rf"<!-- {name} -->.*?<!-- /{name} -->", lambda _: said, text, flags=re.DOTALL)


def _turns(found: Medians) -> Iterator[str]:
    if not found:
        return
    columns = ("turns/s", "CPU ms/turn", "connections/turn", "RSS MiB", "start s")
    yield from _head("server", *columns, "p50 / p99 ms at 50/s", "Poisson", f"of {WAITING / LATENCY:.0f}/s at 150 ms")
    for server in SERVERS.values():
        if (server.name, CLOSED) in found:
            yield _row(_name(server), *_cells(found, server.name))


def _cells(found: Medians, name: str) -> Iterator[str]:
    one = found[name, CLOSED]
    yield from (f"{one.rate:.0f}", f"{one.cpu_ms:.2f}", f"{one.connections:.2f}", f"{one.rss:.0f}", f"{one.start:.2f}")
    for load in (FIXED, POISSON):
        at = found.get((name, load))
        yield f"{at.p50:.1f} / {at.p99:.1f}" if at else ""
    slow = found.get((name, SLOW))
    yield f"{slow.rate / (WAITING / LATENCY):.0%}" if slow else ""


def _growth(results: Results) -> Iterator[str]:
    if results.growth is None:
        return
    yield from _head("of", "how many", "CPU ms/turn", "of the smallest", "start s", "RSS MiB")
    for kind in dict.fromkeys(point.kind for point in results.growth.points):
        points = results.growth.of(kind)
        for one in points:
            figures = (
                f"{one.cpu_ms:.2f}",
                f"{one.cpu_ms / points[0].cpu_ms:.2f}",
                f"{one.start:.2f}",
                f"{one.rss:.0f}",
            )
            yield _row(kind, f"{one.size:,}", *figures)


def _goals(results: Results) -> Iterator[str]:
    goals = goals_of(results)
    if not goals:
        return
    yield from _head("what", "goal", "measured", "")
    for goal in goals:
        yield _row(f"{goal.number}. {goal.what}", *goal.words, "met" if goal.is_met else "**not met**")


def _name(server: Server) -> str:
    return f"({server.letter}) {server.about}" if server.letter else f"**{server.about}**"


def _head(first: str, *others: str) -> Iterator[str]:
    yield _row(first, *others)
    yield _row("---", *("---:" for _ in others))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
