"""`python -m benchmarks`: measures the bot against its anchors."""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.players import WrongReply
from benchmarks.process import ServerFailed, cores, pin_generator
from benchmarks.rounds import Measured, Plan, medians, play
from benchmarks.servers import SERVERS, Server
from benchmarks.tables import closed_table, open_table

_ABOUT = """\
Measures this bot, and servers to compare it with, in one run: every server gets the same load in turn, round
after round, in a process of its own on a core of its own. Whole cases are played at random through the real
questions, by reading the bot's cards, and every reply is checked: one that is wrong, late or lost ends the run.
Absolute figures depend on the machine; the ratios are the result. Exit 0: measured; 1: a reply was wrong.
"""
_QUICK = Plan(rounds=2, closed_seconds=3.0, open_seconds=3.0)
_WHOLE = Plan(rounds=6, closed_seconds=8.0, open_seconds=8.0)


def main() -> int:
    """Measure as the command line says, and give the exit code."""
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 130)
    servers = _servers(options.only, console)
    plan = _QUICK if options.quick else _WHOLE
    if options.rounds:
        plan = Plan(options.rounds, plan.closed_seconds, plan.open_seconds)
    pin_generator()
    own, theirs = cores()
    console.print(f"Load generator on core {own}, servers on core {theirs}." if own is not None else "One core.")
    try:
        measured = asyncio.run(_measure(plan, servers, options.dir, console))
    except (WrongReply, ServerFailed) as failure:
        console.print(f"[bold red]The run counts for nothing:[/] {failure}", highlight=False)
        return 1
    found = medians(measured)
    console.print(closed_table(found, servers))
    console.print(open_table(found, servers))
    if options.json:
        options.json.write_text(json.dumps([_plain(one) for one in measured], indent=1), "utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description=_ABOUT, formatter_class=_Formatter)
    parser.add_argument("--quick", action="store_true", help="two short rounds: is it about right?")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=list(SERVERS), help=f"of {', '.join(SERVERS)}")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often each server has its turn (6; quick: 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to this file")
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help="where the stores are made; a commit costs what its disk costs"
    )
    return parser.parse_args()


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Leaves the lines of the description as they are."""


def _servers(only: list[str] | None, console: Console) -> list[Server]:
    chosen = [SERVERS[name] for name in only] if only else list(SERVERS.values())
    for server in chosen:
        if not server.is_installed:
            console.print(f"{server.name}: not installed; scripts/benchmark installs it. Left out.")
    return [server for server in chosen if server.is_installed]


async def _measure(plan: Plan, servers: list[Server], where: Path | None, console: Console) -> list[Measured]:
    with tempfile.TemporaryDirectory(prefix="weegwijzer-bench-", dir=where) as home, console.status("...") as status:
        return await play(plan, servers, Path(home), status.update)


def _plain(one: Measured) -> dict[str, object]:
    sample = asdict(one.sample)
    sample["latencies"] = [round(latency * 1000, 2) for latency in one.sample.latencies]
    return {"server": one.server, "load": one.load, "round": one.round, "start": one.start, **sample}


if __name__ == "__main__":
    sys.exit(main())
