"""`weegwijzer dossier due` and `certificates`: what may be destroyed and by whom next, and what remains of it.

Destroying itself is done in the chat alone: there the bot knows who the two persons are.
"""

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.refusal import Refusal
from bot.cli.source import run, source_of, where
from state.keeping import LAPSE, WAIT, Certificate, Keeping, proposal_of, status_of
from state.retention import CATEGORIES, day_of

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def due(
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Also what is due by this day, as in 2027-01-31.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the closed cases whose term is over, and what a dossier keeper does next; no content."""
    now = datetime.now(UTC)
    last = _to_day(until) if until else day_of(now)
    found = [kept for kept in run(_keepings()) if kept.due and kept.due <= last]
    rows = [_to_json(kept, now) for kept in sorted(found, key=lambda kept: (kept.due, kept.number))]
    if as_json:
        print(json.dumps({"due": rows}, indent=1))
        return
    table = Table("Case", "Closed", "Ground", "Due", "Next")
    for row in rows:
        table.add_row(row["number"], row["closed"], row["category"], row["due"], row["next"])
    Console().print(table if rows else f"Nothing is due by {last}.")


def certificates(as_json: AsJson = False) -> None:
    """Print what remains of each destroyed case: number, dates, ground, size and print; no content."""
    rows = [_certificate_json(one) for one in run(_certificates())]
    if as_json:
        print(json.dumps({"certificates": rows}, indent=1))
        return
    table = Table("Case", "Opened", "Closed", "Destroyed", "Ground", "Events", "Print")
    for row in rows:
        words = (row["number"], row["opened"], row["closed"], row["destroyed"], row["category"], str(row["events"]))
        table.add_row(*words, row["print"])
    Console().print(table if rows else "No case was destroyed.")


async def _keepings() -> tuple[Keeping, ...]:
    async with source_of(where()) as source:
        return await source.keepings()


async def _certificates() -> tuple[Certificate, ...]:
    async with source_of(where()) as source:
        return await source.certificates()


def _to_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{text!a} is no date: write it as in 2027-01-31") from None


def _to_json(kept: Keeping, now: datetime) -> dict[str, Any]:
    return {
        "number": kept.number,
        "closed": day_of(kept.closed_at).isoformat(),
        "category": kept.category,
        "ground": CATEGORIES[kept.category].name.nl,
        "due": kept.due.isoformat() if kept.due else None,
        "status": status_of(kept, now),
        "next": _next(kept, now),
    }


def _next(kept: Keeping, now: datetime) -> str:
    """Say what a keeper does now, in the private chat with the bot."""
    proposal = proposal_of(kept, now)
    match status_of(kept, now):
        case "held":
            return f"on hold since {day_of(kept.held[0].at)}; lift it with: vrijgeven {kept.number} REASON"
        case "proposed" if proposal:
            ready, lapses = day_of(proposal.at + WAIT), day_of(proposal.at + LAPSE)
            return f"another keeper confirms from {ready}, before {lapses}: vernietig {kept.number}"
        case "due":
            return f"a keeper proposes destruction: vernietig {kept.number}"
        case _:
            return "nothing yet"


def _certificate_json(one: Certificate) -> dict[str, Any]:
    return {
        "number": one.number,
        "opened": day_of(one.opened_at).isoformat(),
        "closed": day_of(one.closed_at).isoformat(),
        "due": one.due.isoformat(),
        "proposed": day_of(one.proposed_at).isoformat(),
        "destroyed": day_of(one.destroyed_at).isoformat(),
        "category": one.category,
        "ground": one.ground,
        "events": one.events,
        "link": one.link,
        "print": one.link[:16],
        "by": [one.proposed_as, one.confirmed_as],
    }
