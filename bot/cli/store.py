"""`weegwijzer keys`, `check`, `prints` and `backup`: the administrator's work, without seeing any content."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.refusal import Refusal
from bot.cli.source import run, source_of, where
from bot.control import Prints
from bot.notes import print_of

keys = typer.Typer(help="Change the data key, show the key that dossiers are signed with.")
commands = typer.Typer()
commands.add_typer(keys, name="keys")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@keys.command()
def rotate() -> None:
    """Make a new data key, wrap every key by it, and put it in the old one's place; also while the bot runs."""
    count = run(_with("rotate"))
    print(f"A new data key stands in the old one's place; {count} keys are wrapped by it.")
    print("Make a backup of the data key and of the keys file now: older ones fit each other only.")


@keys.command()
def show(as_json: AsJson = False) -> None:
    """Print the public key that dossiers are signed with, and its print, to be published outside the bot."""
    pem = run(_with("public_key"))
    digest = print_of(pem)
    if as_json:
        print(json.dumps({"key": pem.decode(), "print": digest}, indent=1))
    else:
        print(f"{pem.decode()}print {digest}")


@keys.command(name="backup")
def backup_keys(out: Annotated[Path, typer.Argument(metavar="FILE", help="The new file to write.")]) -> None:
    """Write a copy of the keys, as the data key wraps them, also while the bot runs; keep it apart from the cases."""
    run(_with("backup_keys", str(out.absolute())))
    print(f"{out}: the keys, of no use without the data key. Keep it apart from copies of the database:")
    print("an old one still opens cases that were destroyed since. Make it anew after a destruction.")


@commands.command()
def check(as_json: AsJson = False) -> None:
    """Check every case, row and chain of the store; exit 1 when something is not as it was written."""
    findings = run(_with("check"))
    if as_json:
        print(json.dumps({"findings": findings}, indent=1))
    else:
        print("\n".join(findings) if findings else "Everything is as it was written.")
    if findings:
        raise typer.Exit(1)


@commands.command()
def prints(
    compare: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare with prints that were kept elsewhere (--json).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the chain value of every case and of the register: kept elsewhere, they show an older database."""
    now = run(_with("prints"))
    findings = run(_with("compare", _read(compare))) if compare else ()
    if as_json:
        print(json.dumps({"prints": now, "findings": findings}, indent=1))
    else:
        _print(now, findings, is_compared=compare is not None)
    if findings:
        raise typer.Exit(1)


@commands.command()
def backup(out: Annotated[Path, typer.Argument(metavar="FILE", help="The new file to write.")]) -> None:
    """Write a copy of the database, without its keys, also while the bot runs."""
    run(_with("backup", str(out.absolute())))
    print(f"{out}: a copy of the database. The keys file and the data key are not in it: keep those elsewhere.")


async def _with(action: str, *arguments: Any) -> Any:
    async with source_of(where()) as source:
        return await getattr(source, action)(*arguments)


def _read(file: Path) -> Prints:
    try:
        kept = json.loads(file.read_text("utf-8"))["prints"]
        return {str(number): (int(size), str(link)) for number, (size, link) in kept.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Refusal(f"{file}: no prints can be read there; make it with `weegwijzer prints --json`") from None


def _print(now: Prints, findings: Sequence[str], *, is_compared: bool) -> None:
    table = Table("Case", "Events", "Print")
    for number, (size, link) in now.items():
        table.add_row(number, str(size), link[:16])
    Console().print(table)
    if findings:
        print("\n".join(findings))
    elif is_compared:
        print("Everything that was kept is still there.")
