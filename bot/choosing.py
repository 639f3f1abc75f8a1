"""Which case a turn is about, when a person can have several."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from bot.cases import is_open
from bot.ports import Turn
from bot.store import CaseEntry, Seat, Store
from dialogs.reading import Wish, read_press, read_text
from dialogs.values import Incoming
from state.case import PRACTICE, Case
from state.errors import TranscriptDamaged

# A card that answered once is past, also when its question is opened again: Teams may deliver a press
# a second time half a minute later under a new id (botbuilder-dotnet#5005).
ONCE = frozenset({"answer", "unknown", "skip", "back", "deviate", "subject", "post"})

# What a button says of the case of its card, also of one that is not this person's, or not open.
_OF_A_CASE = frozenset({
    ("relieve", "relieve"),
    ("relieve", "term"),
    ("back", "waiting_offer"),
    ("reopen", "closed"),
})

# Their buttons need no case, and work on any old card.
_WITHOUT_CASE = frozenset({"new", "practice", "resume", "choose_case", "help", "language"})


def wish_of(incoming: Incoming, seat: Seat) -> Wish | None:
    """Give what is wanted; None for a press that stands for nothing (any more)."""
    if incoming.verb is None and incoming.handle is None:
        return read_text(incoming.text, seat.chat.shown if seat.chat else "")
    if seat.handle is None or (seat.handle.used and incoming.verb in ONCE):
        return None
    return read_press(incoming, seat.handle.context)


def which_case(
    wish: Wish | None, seat: Seat, entries: Sequence[CaseEntry], person: str, reach: CaseEntry | None = None
) -> str | None:
    """Give the random id of the pressed card's case, the chosen one, or the open one; None for no case of theirs.

    `reach` is a case that may be another's, or closed.
    """
    if reach is not None:
        return reach.id
    if wish and (wish.case or wish.verb in ("relieve", "reopen")):
        return None
    mine = {entry.id for entry in entries}
    active = seat.chat.active_case if seat.chat else None
    if wish and wish.verb in ("choose_case", "resume") and wish.argument:
        return _chosen(wish, entries)
    if seat.handle and seat.handle.case:
        return seat.handle.case if seat.handle.case in mine else None
    if wish and wish.verb in ("accept", "decline"):
        offered = [entry.id for entry in entries if entry.offered_to == person]
        if len(offered) == 1:
            return offered[0]
    if active in mine:
        return active
    return entries[0].id if len(entries) == 1 and wish and wish.verb == "resume" else None


def is_of_term(wish: Wish) -> bool:
    """Tell whether the button of a reminder was pressed: who does not hold the case may say that a term was met."""
    return wish.verb == "met" and wish.kind == "term"


async def reached(wish: Wish | None, seat: Seat, store: Store) -> CaseEntry | None:
    """Give the case that a turn is about though it may not be this person's, or not open; the core says whether it may.

    A reminder's button, a case to be opened again, one whose assessor cannot go on, and one that is offered to someone
    who stays silent: nothing else reaches a case that is not in one's own list.
    """
    name = _reached_name(wish, seat)
    if wish is None or not name:
        return None
    try:
        entry = await store.entry(name)
    except TranscriptDamaged:
        return None
    return entry if entry is not None and (wish.verb == "reopen" or is_open(entry)) else None


def is_anothers(reach: CaseEntry | None, person: str) -> bool:
    """Tell whether a turn is about a case that this person does not hold: its state is not for them to know."""
    return reach is not None and reach.holder != person


def _reached_name(wish: Wish | None, seat: Seat) -> str:
    if wish is None:
        return ""
    if wish.case or wish.is_typed:
        return wish.case
    is_its_card = is_of_term(wish) or (wish.verb, wish.kind) in _OF_A_CASE
    return (seat.handle.case if seat.handle and is_its_card else None) or ""


def is_past(wish: Wish, seat: Seat, entries: Sequence[CaseEntry | None]) -> bool:
    """Tell whether the pressed card is of a case that is closed, or of one that is not this person's any more.

    It is answered as a forged card is: nobody learns which.
    """
    if seat.handle is None or seat.handle.case is None or seat.handle.case in {entry.id for entry in entries if entry}:
        return False
    asks_which = wish.verb == "relieve" and (wish.verb, wish.kind) not in _OF_A_CASE
    return not (wish.verb in _WITHOUT_CASE or asks_which) or wish.context == "offer"


def _chosen(wish: Wish, entries: Sequence[CaseEntry]) -> str | None:
    if not wish.argument.isdecimal():
        return next((entry.id for entry in entries if entry.number.casefold() == wish.argument), None)
    ids = wish.listed if wish.kind == "cases" else tuple(entry.id for entry in entries)
    position = int(wish.argument[:4])
    chosen = ids[position - 1] if 1 <= position <= len(ids) else None
    return chosen if chosen in {entry.id for entry in entries} else None


def named(case: Case | None) -> str | None:
    """Give the case as the register names it; of an exercise nothing is left that could be named."""
    return None if case is None or case.is_practice else case.id


def fresh_number(wish: Wish | None, now: datetime) -> str:
    """Give a number for a new case, drawn at random so that nobody can count cases; exercises use up none of them."""
    kinds = {"new": "IL-", "practice": PRACTICE}
    if wish is None or wish.verb not in kinds:
        return ""
    return f"{kinds[wish.verb]}{now.year}-{secrets.randbelow(10_000):04d}"


def inbox_key(turn: Turn) -> str:
    """Give by what a delivery is known again."""
    return sha256(f"{turn.chat.conversation}\n{turn.activity_id}".encode()).hexdigest()
