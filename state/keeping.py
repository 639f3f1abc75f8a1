"""Keeping a closed case: hold, and destruction by two persons; each function gives what is kept next, or refuses.

Who may do it at all is asked of `state.permissions` first. Nothing here reads a transcript: a sealed case is kept
and destroyed like any other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from state.case import Case
from state.compiled import CompiledFramework
from state.errors import (
    AlreadyProposed,
    HoldReasonMissing,
    NoSuchHold,
    NotDue,
    NothingProposed,
    OnHold,
    SecondPersonNeeded,
    TooEarly,
)
from state.permissions import Action, Parts, may, may_confirm, parts_of, place_of
from state.retention import CATEGORIES, Category, category_of_case, day_of, due_on

# Threat model part 6: two keepers, and seven days in which either of them can still think again.
WAIT = timedelta(days=7)
LAPSE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a dossier must stay, and who said so (Entra object id); a lifted one stays readable."""

    by: str
    at: datetime
    reason: str
    lifted_by: str = ""
    lifted_at: datetime | None = None
    lifted_because: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The first of two persons proposed destruction."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept of a closed case to keep it well; `version` is 1 at closing and goes up with every change.

    `category` is a code of the selection list, `due` the first day on which the dossier may be destroyed (None:
    never), `parts` who had a part in the case and so does not keep it. `reopened_at` is given while the case is
    open again: nothing is due then, and its next closing determines category, term and parts anew.
    """

    case: str
    number: str
    opened_at: datetime
    closed_at: datetime
    category: str
    due: date | None
    parts: Parts
    holds: tuple[Hold, ...] = ()
    proposal: Proposal | None = None
    version: int = 1
    reopened_at: datetime | None = None

    @property
    def held(self) -> tuple[Hold, ...]:
        """Give the holds that are in force."""
        return tuple(hold for hold in self.holds if hold.lifted_at is None)

    @property
    def ground(self) -> Category:
        """Give the category with its name and term."""
        return CATEGORIES[self.category]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What remains of a destroyed case: no content and nobody's name; the register says who.

    `ground` is the category's number and Dutch name as they were; `proposed_as` and `confirmed_as` are roles.
    """

    case: str
    number: str
    opened_at: datetime
    closed_at: datetime
    destroyed_at: datetime
    category: str
    ground: str
    due: date
    events: int
    link: str
    proposed_as: str
    proposed_at: datetime
    confirmed_as: str


def begin(case: Case, framework: CompiledFramework, closed_at: datetime) -> Keeping:
    """Give the keeping of a case that is closed at this moment; its term runs from there."""
    category = category_of_case(case, framework, closed_at)
    parts = parts_of(case, framework)
    opened_at = case.opened_at or closed_at
    return Keeping(case.id, case.number, opened_at, closed_at, category.code, due_on(category, closed_at), parts)


def reopen(keeping: Keeping, now: datetime) -> Keeping:
    """Give the keeping of a case that is opened again: its holds stay, a proposal to destroy it is off the table."""
    return _next(keeping, reopened_at=now, proposal=None)


def close_again(before: Keeping, fresh: Keeping) -> Keeping:
    """Give the keeping at another closing: all of it determined anew, but what holds the dossier."""
    return replace(fresh, holds=before.holds, version=before.version + 1)


def is_due(keeping: Keeping, now: datetime) -> bool:
    """Tell whether the term is over, and nothing holds the dossier or goes on with it."""
    is_over = keeping.due is not None and keeping.due <= day_of(now)
    return is_over and not keeping.held and keeping.reopened_at is None


def proposal_of(keeping: Keeping, now: datetime) -> Proposal | None:
    """Give the proposal that waits for a second person; one that is too old counts no more."""
    proposal = keeping.proposal
    return proposal if proposal and now - proposal.at < LAPSE else None


def status_of(keeping: Keeping, now: datetime) -> str:
    """Give where a dossier stands: held, proposed, due, until (its day) or for_good."""
    if keeping.held:
        return "held"
    if proposal_of(keeping, now):
        return "proposed"
    if keeping.due is None:
        return "for_good"
    return "due" if is_due(keeping, now) else "until"


# --- what a keeper can do --------------------------------------------------------------


def may_keep(action: Action, keeping: Keeping, person: str, roles: Collection[str]) -> bool:
    """Tell whether this person may do this with this dossier."""
    return may(action, roles, place_of(keeping.parts, person))


def hold(keeping: Keeping, by: str, now: datetime, reason: str) -> Keeping:
    """Hold a dossier; a proposal to destroy it is off the table."""
    if not reason:
        raise HoldReasonMissing
    return _next(keeping, holds=(*keeping.holds, Hold(by, now, reason)), proposal=None)


def lift(keeping: Keeping, position: int, by: str, now: datetime, reason: str) -> Keeping:
    """Lift the hold at this position (from 1) among those in force; 0 is the only one."""
    if not reason:
        raise HoldReasonMissing
    held = keeping.held
    if not held or position > len(held) or (position == 0 and len(held) > 1):
        raise NoSuchHold
    chosen = held[max(position, 1) - 1]
    lifted = replace(chosen, lifted_by=by, lifted_at=now, lifted_because=reason)
    return _next(keeping, holds=tuple(lifted if one is chosen else one for one in keeping.holds))


def propose(keeping: Keeping, by: str, now: datetime) -> Keeping:
    """Propose destruction, as the first of two persons."""
    _check_due(keeping, now)
    if proposal_of(keeping, now):
        raise AlreadyProposed
    return _next(keeping, proposal=Proposal(by, now))


def withdraw(keeping: Keeping, now: datetime) -> Keeping:
    """Take a proposal back; either of the two persons may."""
    if proposal_of(keeping, now) is None:
        raise NothingProposed
    return _next(keeping, proposal=None)


def check_confirm(
    keeping: Keeping,
    person: str,
    roles: Collection[str],
    proposer_roles: Collection[str],
    now: datetime,
    wait: timedelta = WAIT,
) -> Proposal:
    """Give the proposal that this person may confirm now; who proposed must still be a keeper."""
    _check_due(keeping, now)
    proposal = proposal_of(keeping, now)
    if proposal is None or not may_keep(Action.PROPOSE_DESTRUCTION, keeping, proposal.by, proposer_roles):
        raise NothingProposed
    if not may_confirm(Action.CONFIRM_DESTRUCTION, roles, keeping.parts, proposal.by, person):
        raise SecondPersonNeeded
    if now - proposal.at < wait:
        raise TooEarly
    return proposal


def certify(keeping: Keeping, proposal: Proposal, events: int, link: str, now: datetime) -> Certificate:
    """Give what remains after destruction."""
    if keeping.due is None:
        raise NotDue
    return Certificate(
        case=keeping.case,
        number=keeping.number,
        opened_at=keeping.opened_at,
        closed_at=keeping.closed_at,
        destroyed_at=now,
        category=keeping.category,
        ground=keeping.ground.name.nl,
        due=keeping.due,
        events=events,
        link=link,
        proposed_as="dossier_keeper",
        proposed_at=proposal.at,
        confirmed_as="dossier_keeper",
    )


def _check_due(keeping: Keeping, now: datetime) -> None:
    if keeping.held:
        raise OnHold
    if not is_due(keeping, now):
        raise NotDue


def _next(keeping: Keeping, **changes: Any) -> Keeping:
    return replace(keeping, version=keeping.version + 1, **changes)


# --- as JSON, for the store and the commands -------------------------------------------


def to_json(value: Keeping | Certificate) -> dict[str, Any]:
    """Give a keeping or certificate as plain JSON."""
    return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}


def to_keeping(fields: Mapping[str, Any]) -> Keeping:
    """Give a keeping back; raises KeyError, TypeError or ValueError for what is none."""
    holder, receiver, former, involved = fields["parts"]
    proposal = fields["proposal"]
    return Keeping(**{
        # What was kept before cases could be opened again does not have it.
        **_moments({"reopened_at": None, **fields}, "opened_at", "closed_at", "reopened_at"),
        "due": _day(fields["due"]),
        "parts": Parts(holder, receiver, frozenset(former), frozenset(involved)),
        "holds": tuple(Hold(**_moments(hold, "at", "lifted_at")) for hold in fields["holds"]),
        "proposal": Proposal(**_moments(proposal, "at")) if proposal else None,
    })


def to_certificate(fields: Mapping[str, Any]) -> Certificate:
    """Give a certificate back; raises KeyError, TypeError or ValueError for what is none."""
    moments = _moments(fields, "opened_at", "closed_at", "destroyed_at", "proposed_at")
    return Certificate(**{**moments, "due": date.fromisoformat(fields["due"])})


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case frozenset():
            return sorted(value)
        case tuple():
            return [_plain(one) for one in value]
        case Hold() | Proposal():
            return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
        case _:
            return value


def _moments(fields: Mapping[str, Any], *names: str) -> dict[str, Any]:
    read = {name: datetime.fromisoformat(fields[name]) for name in names if fields[name] is not None}
    return {**fields, **read}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
