"""`python -m benchmarks`: measures the bot against its anchors, and against its goals."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from benchmarks import growth
from benchmarks.documents import renew
from benchmarks.dossiers import dossier_cost
from benchmarks.evaluation import slowest_evaluation
from benchmarks.goals import goals_of, goals_table
from benchmarks.players import WrongReply
from benchmarks.process import Bystanders, ServerFailed, cores, pin_generator
from benchmarks.results import Results, restore, save
from benchmarks.rounds import Plan, medians, play
from benchmarks.servers import SERVERS, Server
from benchmarks.tables import closed_table, open_table, slow_table

_ABOUT = """\
Measures this bot, and servers to compare it with, in one run: every server gets the same load in turn, round
after round, in a process of its own on a core of its own. Whole cases are played at random through the real
questions, by reading the bot's cards, and every reply is checked: one that is wrong, late or lost ends the run.

  turns       throughput, CPU and latency of every server, in a closed loop, at 50 turns a second (fixed and as
              people come), with a Connector of 150 ms, and with real tokens
  evaluation  the weighing at every point of every scenario
  dossier     the JSON and PDF of a dossier, and what turns notice of an export of many
  growth      against stored cases, open conversations, events per case and questions; takes half an hour

Without a name: turns, evaluation and dossier. Ratios are the result; absolute figures depend on the machine.
Let nothing else run on it. Exit 0: measured; 1: a reply was wrong, or a server did not start.
"""
_QUICK = Plan(rounds=2, closed_seconds=3.0, open_seconds=3.0, conversations=96)
_WHOLE = Plan(rounds=6, closed_seconds=8.0, open_seconds=10.0)
_NOTHING = "nothing"
_INTERRUPTED = 130
_TURNS, _EVALUATION, _DOSSIER, _GROWTH = _PARTS = ("turns", "evaluation", "dossier", "growth")


def main() -> int:
    """Measure as the command line says, and give the exit code."""
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 130)
    pin_generator()
    own, theirs = cores()
    console.print("One core for all." if own is None else f"Load generator on core {own}, servers on core {theirs}.")
    try:
        results = asyncio.run(_measure(options, console))
    except (WrongReply, ServerFailed) as failure:
        console.print("The run counts for nothing:", style="bold red")
        console.print(str(failure), markup=False, highlight=False)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    if options.json:
        save(results, options.json)
    for path in options.add or ():
        results.add(restore(path))
    _show(results, console)
    if options.docs:
        renew(results)
    return 0


def _options() -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m benchmarks", description=_ABOUT, formatter_class=form)
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"of {', '.join(_PARTS)}; all; nothing (with --add)")
    parser.add_argument("--quick", action="store_true", help="few and short rounds: is it about right?")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=list(SERVERS), help=f"of {', '.join(SERVERS)}")
    parser.add_argument(
        "--rounds", type=int, metavar="N", help="how often all have their turn (6; quick 2; dossier and growth 3)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to this file")
    parser.add_argument("--add", type=Path, nargs="+", metavar="FILE", help="show what earlier runs wrote with it")
    parser.add_argument("--docs", action="store_true", help="renew the picture and the tables in docs/")
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help="where stores are made: a commit costs what its disk does"
    )
    options = parser.parse_args()
    for name in options.what:
        if name not in (*_PARTS, "all", _NOTHING):
            parser.error(f"{name!r} cannot be measured; use {', '.join(_PARTS)} or all")
    options.what = _PARTS if "all" in options.what else options.what or (_TURNS, _EVALUATION, _DOSSIER)
    return options


async def _measure(options: argparse.Namespace, console: Console) -> Results:
    results, quick, bystanders = Results(), options.quick, Bystanders()
    with (
        tempfile.TemporaryDirectory(prefix="weegwijzer-bench-", dir=options.dir) as folder,
        console.status("...") as on,
    ):
        home, tell = Path(folder), _teller(on.update)
        if _TURNS in options.what:
            plan = _QUICK if quick else _WHOLE
            plan = replace(plan, rounds=options.rounds or plan.rounds)
            results.measured = await play(plan, _servers(options.only, console), home, tell)
        if _EVALUATION in options.what:
            tell("the weighing")
            results.slowest = slowest_evaluation()
        if _DOSSIER in options.what:
            tell("dossiers")
            rounds, seconds, cases = (1, 5.0, 100) if quick else (3, 15.0, 1_000)
            results.cost = await dossier_cost(home / "dossiers", options.rounds or rounds, seconds, cases)
        if _GROWTH in options.what:
            scale = growth.QUICK if quick else growth.WHOLE
            scale = replace(scale, rounds=options.rounds or scale.rounds)
            results.growth = await growth.grow(scale, home, tell)
    results.others = bystanders.part()
    return results


def _teller(show: Callable[[str], None]) -> Callable[[str], None]:
    """Give what tells how far it is: in place on a terminal, else as lines of their own to follow in a file."""
    return show if sys.stdout.isatty() else lambda words: print(words, file=sys.stderr, flush=True)


def _servers(only: list[str] | None, console: Console) -> list[Server]:
    chosen = [SERVERS[name] for name in only] if only else list(SERVERS.values())
    for server in chosen:
        if not server.is_installed:
            console.print(f"{server.name}: not installed; scripts/benchmark installs it. Left out.")
    return [server for server in chosen if server.is_installed]


def _show(results: Results, console: Console) -> None:
    found = medians(results.measured)
    for table in (closed_table, open_table, slow_table):
        if found:
            console.print(table(found, SERVERS.values()))
    if results.growth:
        console.print(growth.growth_table(results.growth))
    if goals := goals_of(results):
        console.print(goals_table(goals))
    console.print(results.where)


if __name__ == "__main__":
    sys.exit(main())
