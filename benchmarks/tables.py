"""The tables that a run prints."""

from collections.abc import Iterable

from rich.table import Table

from benchmarks.load import CLOSED, FIXED, LATENCY, POISSON, SLOW, WAITING
from benchmarks.rounds import Figures, Medians
from benchmarks.servers import Server


def closed_table(found: Medians, servers: Iterable[Server]) -> Table:
    """Give what each server did as fast as it could."""
    table = _table("Closed loop: 16 turns at once", "turns/s", "p50 ms", "p99 ms", "CPU ms/turn", "connections/turn")
    for name in ("RSS MiB", "start s", "generator"):
        table.add_column(name, justify="right")
    for server, one in _rows(found, servers, CLOSED):
        table.add_row(
            _name(server),
            f"{one.rate:.0f}",
            f"{one.p50:.1f}",
            f"{one.p99:.1f}",
            f"{one.cpu_ms:.2f}",
            f"{one.connections:.3f}",
            f"{one.rss:.0f}",
            f"{one.start:.2f}",
            f"{one.generator:.0%}",
        )
    return table


def open_table(found: Medians, servers: Iterable[Server]) -> Table:
    """Give what each server did with 50 turns a second."""
    table = _table("Open loop: 50 turns a second, from the intended start", "arrivals", "p50 ms", "p99 ms", "core")
    servers = list(servers)
    for load in (FIXED, POISSON):
        for server, one in _rows(found, servers, load):
            table.add_row(_name(server), load, f"{one.p50:.1f}", f"{one.p99:.1f}", f"{one.core:.0%}")
    return table


def slow_table(found: Medians, servers: Iterable[Server]) -> Table:
    """Give what each server did with a Connector that takes its time."""
    ideal = WAITING / LATENCY
    table = _table(
        f"Connector at {LATENCY * 1000:.0f} ms, {WAITING} turns at once", "turns/s", "of the ideal", "p99 ms"
    )
    for server, one in _rows(found, servers, SLOW):
        table.add_row(_name(server), f"{one.rate:.0f}", f"{one.rate / ideal:.0%}", f"{one.p99:.0f}")
    return table


def _rows(found: Medians, servers: Iterable[Server], load: str) -> Iterable[tuple[Server, Figures]]:
    return [(server, found[server.name, load]) for server in servers if (server.name, load) in found]


def _table(title: str, *columns: str) -> Table:
    table = Table("server", title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _name(server: Server) -> str:
    return f"({server.letter}) {server.about}" if server.letter else f"[bold]{server.about}[/bold]"
