"""`weegwijzer dossier`: the dossier keeper's list, export and check; works while the bot runs."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.cli import keeping
from bot.cli.exporting import NotWritten, Receipt, write_dossier
from bot.cli.refusal import Refusal
from bot.cli.sealing import key_of, write_parts
from bot.cli.source import run, source_of, where
from bot.control import DossierSource
from bot.dossier.bundle import UnreadableError
from bot.dossier.integrity import Verdict
from bot.dossier.verify import verify
from bot.errors import StoreUnavailable
from bot.settings import Whereabouts
from bot.store import CaseEntry

app = typer.Typer(help="List the cases, export a dossier, check a dossier.")
commands = typer.Typer()
commands.add_typer(app, name="dossier")

_NUMBER = re.compile(r"IL-\d{4}-\d{4}")
_PRINT = re.compile(r"[0-9a-f]{16,64}")
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
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder in which each dossier-CASE is made.")],
    cases: Annotated[
        list[str] | None, typer.Argument(metavar="CASE...", help="The numbers of cases, as in IL-2026-1234.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every case there is.")] = False,
    parts: Annotated[
        list[Path] | None,
        typer.Option("--part", metavar="FILE", help="What a keeper opened of a sealed case; give both keepers'."),
    ] = None,
    without: Annotated[
        list[int] | None, typer.Option(metavar="EVENT", help="Leave out the content of this event (Woo).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the dossier of each case to a new folder, signed; the print on each line is to be kept elsewhere."""
    numbers = list(dict.fromkeys(map(_number, cases or ())))
    if bool(numbers) == every:
        raise Refusal("name the cases to export, or give --all")
    if without and len(numbers) != 1:
        raise Refusal("--without names events of one case: export that case alone")
    if parts and len(numbers) != 1:
        raise Refusal("--part opens one sealed case: export that case alone")
    tell: Callable[[object], None] = _keep_silent if as_json else print
    if len(numbers) == 1:
        each: list[Receipt | NotWritten] = [run(_export_one(where(), numbers[0], out, without or [], key_of(parts)))]
        tell(each[0])
    else:
        each = run(_export_each(where(), numbers, out, tell))
    if as_json:
        print(json.dumps(_exported_json(each), indent=1))
    if any(isinstance(one, NotWritten) for one in each):
        raise typer.Exit(1)


@app.command("parts")
def parts_(
    case: Annotated[str, typer.Argument(metavar="CASE", help="The number of a sealed case, as in IL-2026-1234.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder in which the parts are written.")],
) -> None:
    """Write each keeper's closed part of a sealed case's key; only that keeper can open it."""
    print("\n".join(run(_write_parts(where(), _number(case), out))))


@app.command("verify")
def verify_(
    path: Annotated[Path, typer.Argument(metavar="DIR_OR_ZIP", help="A dossier's folder, or a ZIP or tar of it.")],
    key: Annotated[
        str, typer.Option("--key", metavar="KEYPRINT", help="The published print of the key: 16 hex digits or more.")
    ] = "",
    prints: Annotated[
        list[str] | None,
        typer.Option("--print", metavar="PRINT", help="A print that was kept elsewhere: 16 hex digits or more."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that a dossier is whole, signed and follows from itself, the advice included."""
    try:
        verdict = verify(path, _print(key) if key else "", [_print(one) for one in prints or ()])
    except UnreadableError as error:
        raise Refusal(str(error)) from None
    print(json.dumps(_verdict_json(verdict), indent=1) if as_json else _verdict_text(path, verdict))
    if not verdict.is_sound:
        raise typer.Exit(1)


app.command("due")(keeping.due)
app.command("certificates")(keeping.certificates)


# --- reading and writing cases ---------------------------------------------------------


def _number(case: str) -> str:
    if not _NUMBER.fullmatch(case.upper()):
        raise Refusal(f"{case!a} is not a case number: write it as in IL-2026-1234")
    return case.upper()


def _print(text: str) -> str:
    """Give a print as it is compared: people may write it in groups and in capitals."""
    plain = "".join(text.split()).lower()
    if not _PRINT.fullmatch(plain):
        raise Refusal(f"{text[:80]!a} is not a print: it has 16 to 64 of the characters 0-9 and a-f")
    return plain


async def _entries(place: Whereabouts) -> tuple[CaseEntry, ...]:
    async with source_of(place) as source:
        return await source.entries()


async def _write_parts(place: Whereabouts, number: str, out: Path) -> list[str]:
    async with source_of(place) as source:
        return write_parts(number, await source.shares(number), out)


async def _export_one(place: Whereabouts, number: str, out: Path, without: Sequence[int], key: bytes | None) -> Receipt:
    async with source_of(place) as source:
        return await write_dossier(source, place, number, out, without, key)


async def _export_each(
    place: Whereabouts, numbers: Sequence[str], out: Path, tell: Callable[[object], None]
) -> list[Receipt | NotWritten]:
    """Write many dossiers, all of them when none is named; tell of each as it is done, and give what came of them."""
    # A bar among the receipts would spoil them for whoever reads them from a pipe.
    console, is_seen = Console(stderr=True), sys.stderr.isatty()
    bar = Progress(console=console, disable=not is_seen, transient=True, redirect_stdout=sys.stdout.isatty())
    each = []
    async with source_of(place) as source, AsyncExitStack() as stack:
        numbers = numbers or [entry.number for entry in await source.entries()]
        stack.enter_context(bar)
        for number in bar.track(numbers, description="Dossiers"):
            each.append(await _try(source, place, number, out))
            tell(each[-1])
    return each


async def _try(source: DossierSource, place: Whereabouts, number: str, out: Path) -> Receipt | NotWritten:
    """Give the receipt of a case, or why there is none."""
    try:
        return await write_dossier(source, place, number, out)
    except (Refusal, StoreUnavailable) as failure:
        return NotWritten(number, str(failure))


# --- what is printed -------------------------------------------------------------------


def _to_json(entry: CaseEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "phase": entry.phase,
        "opened_at": entry.opened_at.isoformat(),
        "events": entry.version,
    }


def _keep_silent(_: object) -> None:
    """Say nothing while cases are written: as JSON all is said at the end."""


def _exported_json(each: Sequence[Receipt | NotWritten]) -> dict[str, Any]:
    return {
        "dossiers": [
            {
                "number": one.number,
                "folder": str(one.folder),
                "events": one.events,
                "link": one.link,
                "print": one.link[:16],
            }
            for one in each
            if isinstance(one, Receipt)
        ],
        "not_written": [{"number": one.number, "why": one.why} for one in each if isinstance(one, NotWritten)],
    }


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "sound": verdict.is_sound,
        "number": verdict.number or None,
        "events": verdict.events,
        "link": verdict.link or None,
        "print": verdict.link[:16] or None,
        "key": verdict.key or None,
        "prints": verdict.prints,
        "problems": verdict.problems,
        "notes": verdict.notes,
    }


def _verdict_text(path: Path, verdict: Verdict) -> str:
    lines = [*verdict.problems, *(f"note: {note}" for note in verdict.notes)]
    if not verdict.is_sound:
        return "\n".join([*lines, f"{path}: NOT sound, {len(verdict.problems)} problem(s)."])
    lines += [f"print {one} belongs to event {seq} of {verdict.events}" for one, seq in verdict.prints.items()]
    what = verdict.number or "a case without all its content"
    lines.append(f"{path}: sound. {what}, {verdict.events} events, print {verdict.link[:16]}.")
    if not verdict.prints:
        lines.append("Compare the print with one that was kept elsewhere: only that shows that nothing was replaced.")
    return "\n".join(lines)
