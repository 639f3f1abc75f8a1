"""`weegwijzer dossier`: the dossier keeper's list, export and check; works while the bot runs."""

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.refusal import Refusal
from bot.cli.source import run, source_of, where
from bot.dossier.bundle import UnreadableError
from bot.dossier.export import ExportFailed, export
from bot.dossier.transcript import Dossier, read_dossier
from bot.dossier.verify import Verdict, verify
from bot.ports import CaseEntry
from bot.settings import Whereabouts
from bot.shelf import published
from state.case import rebuild
from state.codec import Row, read_rows
from state.compiled import compile_framework
from state.errors import FrameworkError, TranscriptDamaged
from state.reader import read_framework

app = typer.Typer(help="List the cases, export a dossier, check a dossier.")

_NUMBER = re.compile(r"IL-\d{4}-\d{4}")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Print the number, phase and size of every case; no content."""
    entries = run(_entries(where()))
    if as_json:
        print(json.dumps({"cases": [_to_json(entry) for entry in entries]}, indent=1))
        return
    table = Table("Case", "Opened (UTC)", "Phase", "Events")
    for entry in entries:
        table.add_row(entry.number, f"{entry.opened_at:%Y-%m-%d %H:%M}", entry.phase, str(entry.version))
    Console().print(table if entries else "There are no cases.")


@app.command("export")
def export_(
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's number, as in IL-2026-1234.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder in which dossier-CASE is made.")],
) -> None:
    """Write a case's dossier to a new folder."""
    number = case.upper()
    if not _NUMBER.fullmatch(number):
        raise Refusal(f"{case!a} is not a case number: write it as in IL-2026-1234")
    place = where()
    _, rows = run(_rows(place, number))
    dossier, framework_file = _dossier(place, number, rows)
    try:
        target = export(dossier, framework_file, out)
    except ExportFailed as failure:
        raise Refusal(str(failure)) from None
    print(f"{target}: {len(dossier.rows)} events, print {dossier.link[:16]}")


@app.command("verify")
def verify_(
    path: Annotated[Path, typer.Argument(metavar="DIR_OR_ZIP", help="A dossier's folder, or a ZIP of it.")],
    as_json: AsJson = False,
) -> None:
    """Check that a dossier is whole and follows from itself, the advice included."""
    try:
        verdict = verify(path)
    except UnreadableError as error:
        raise Refusal(str(error)) from None
    print(json.dumps(_verdict_json(verdict), indent=1) if as_json else _verdict_text(path, verdict))
    if not verdict.is_sound:
        raise typer.Exit(1)


# --- reading cases ---------------------------------------------------------------------


async def _entries(where: Whereabouts) -> tuple[CaseEntry, ...]:
    async with source_of(where) as source:
        return await source.entries()


async def _rows(where: Whereabouts, number: str) -> tuple[CaseEntry, tuple[Row, ...]]:
    async with source_of(where) as source:
        found = await source.rows(number, "export")
    if found is None:
        raise Refusal(f"there is no case {number}; see `weegwijzer dossier list`")
    return found


def _dossier(where: Whereabouts, number: str, rows: Sequence[Row]) -> tuple[Dossier, bytes]:
    """Give the dossier with the very framework file that the case ran under."""
    try:
        entry_id = json.loads(rows[0].head)["case"]
        ran_under = rebuild(entry_id, read_rows(entry_id, rows)).framework
        content = _framework_file(where, ran_under.sha256 if ran_under else "")
        framework = read_framework(content.decode(), "framework.yaml")
        dossier = read_dossier(entry_id, rows, compile_framework(framework, sha256(content).hexdigest()))
    except (TranscriptDamaged, IndexError, ValueError) as damage:
        raise Refusal(f"the record of {number} is damaged ({damage}); nothing was written") from None
    except FrameworkError as error:
        raise Refusal(f"the framework of {number} cannot be read any more: {error.findings[0]}") from None
    return dossier, content


def _framework_file(where: Whereabouts, digest: str) -> bytes:
    for path in (*published(), *([where.framework] if where.framework else [])):
        content = path.read_bytes() if path.is_file() else b""
        if sha256(content).hexdigest() == digest:
            return content
    raise Refusal(f"the framework file with SHA-256 {digest} is not installed; set WEEGWIJZER_FRAMEWORK to it")


# --- what is printed -------------------------------------------------------------------


def _to_json(entry: CaseEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "phase": entry.phase,
        "opened_at": entry.opened_at.isoformat(),
        "events": entry.version,
    }


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "sound": verdict.is_sound,
        "number": verdict.number or None,
        "events": verdict.events,
        "link": verdict.link or None,
        "print": verdict.link[:16] or None,
        "problems": verdict.problems,
        "notes": verdict.notes,
    }


def _verdict_text(path: Path, verdict: Verdict) -> str:
    lines = [*verdict.problems, *(f"note: {note}" for note in verdict.notes)]
    if verdict.is_sound:
        lines.append(f"{path}: sound. {verdict.number}, {verdict.events} events, print {verdict.link[:16]}.")
        lines.append("Compare the print with one that was kept elsewhere: only that shows that nothing was replaced.")
    else:
        lines.append(f"{path}: NOT sound, {len(verdict.problems)} problem(s).")
    return "\n".join(lines)
