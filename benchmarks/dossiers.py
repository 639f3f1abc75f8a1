"""What a dossier costs: its JSON, its PDF, and what turns notice of an export of many."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time

from benchmarks import filling
from benchmarks.connector import Connector, listening
from benchmarks.load import RATE, Load
from benchmarks.people import people
from benchmarks.process import ROOT
from benchmarks.servers import OURS, environment, started
from bot.cases import Frameworks
from bot.dossier.document import Document
from bot.dossier.pdf import to_pdf
from bot.dossier.readable import to_document
from bot.dossier.transcript import Dossier, read_dossier, to_text
from bot.storage.keyfile import open_keyring
from bot.storage.sqlite import SqliteStore

_EVENTS = 40
_PEOPLE = 64


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU in milliseconds of a dossier's JSON per 40 events and of its PDF; p99 in ms without and with an export."""

    json_ms: float
    pdf_ms: float
    quiet_p99: float
    export_p99: float
    exported: int


async def dossier_cost(home: Path, rounds: int, seconds: float, cases: int) -> Cost:
    """Give what dossiers cost, of a store with so many cases."""
    frameworks = filling.installed()
    everyone = people(_PEOPLE + cases)
    holders = list(everyone.values())[_PEOPLE:]
    played = filling.weighed(frameworks, filling.assessor(holders[0]))
    await filling.fill(home / "data", filling.copies(played, holders))
    dossier, json_ms = await _json_cost(home / "data", frameworks)
    document, text = to_document(dossier), to_text(dossier.transcript)
    pdf_ms = median(_timed(lambda: _pdf(document, text, dossier)) for _ in range(5 + 1))
    pairs = [await _p99(home, everyone, seconds) for _ in range(rounds)]
    quiet, during = (median(pair[place] for pair in pairs) for place in (0, 1))
    return Cost(json_ms, pdf_ms, quiet, during, sum(pair[2] for pair in pairs))


async def _json_cost(data: Path, frameworks: Frameworks) -> tuple[Dossier, float]:
    """Read, decrypt, check and write a case as JSON; give the milliseconds per 40 events."""
    path = data / "weegwijzer.sqlite"
    store = SqliteStore(path, open_keyring(path, data / "data.key"))
    times, dossier = [], None
    for entry in (await store.entries())[:50]:
        begun = process_time()
        dossier = read_dossier(entry.id, await store.load(entry.id), frameworks.current)
        to_text(dossier.transcript)
        times.append((process_time() - begun) * 1000 * _EVENTS / len(dossier.rows))
    await store.close()
    if dossier is None:
        raise ValueError("there are no cases")
    return dossier, median(times)


def _pdf(document: Document, text: bytes, dossier: Dossier) -> None:
    to_pdf(document, {"transcript.json": text}, dossier.steps[-1].recorded.at)


def _timed(act: Callable[[], None]) -> float:
    begun = process_time()
    act()
    return (process_time() - begun) * 1000


# --- turns during an export ------------------------------------------------------------


async def _p99(home: Path, everyone: dict[str, str], seconds: float) -> tuple[float, float, int]:
    """Give the p99 of turns without and with an export beside them, and how many dossiers were written."""
    out = home / f"out-{os.urandom(4).hex()}"
    async with listening(Connector(everyone)) as teams, started(OURS, teams, home) as running:
        load = Load(running, teams, [OURS.invite(teams, user) for user in list(everyone)[:_PEOPLE]])
        await load.warm_up(OURS.spread)
        quiet = await load.open(RATE, seconds)
        async with _exporting(environment(teams, home), out):
            during = await load.open(RATE, seconds)
        await load.settle()
    return quiet.percentile(0.99), during.percentile(0.99), _count(out)


def _count(out: Path) -> int:
    return len(list(out.glob("dossier-*")))


@asynccontextmanager
async def _exporting(env: dict[str, str], out: Path) -> AsyncIterator[None]:
    """Export every case while the block runs, out of the way as an administrator does; what is left is not done."""
    process = await asyncio.create_subprocess_exec(
        *("nice", "-n", "19", sys.executable, "-m", "bot", "dossier", "export", "--all", "--out", str(out)),
        env={**os.environ, **env, "PYTHONPATH": str(ROOT)},
        cwd=out.parent,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    # Its own start is not the export.
    await asyncio.sleep(2)
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
