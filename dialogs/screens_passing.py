"""What is shown when a case goes from one person to another: one value per screen."""

from dataclasses import dataclass

from state.case import Case


@dataclass(frozen=True, slots=True)
class Candidate:
    """Someone to whom a case can be offered."""

    id: str
    name: str
    function: str


@dataclass(frozen=True, slots=True)
class HandOverScreen:
    """To whom the case can go; empty when nobody else is listed. `chosen` and `reason` are what was filled in."""

    case: Case
    because: str
    candidates: tuple[Candidate, ...]
    chosen: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RelieveScreen:
    """To whom someone else's case can be offered: the same people whatever the case, and nothing of it."""

    number: str
    candidates: tuple[Candidate, ...]
    chosen: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OfferScreen:
    """A case that was offered to this person; nothing of its content."""

    number: str
    because: str


@dataclass(frozen=True, slots=True)
class WaitingOfferScreen:
    """Someone else's case that was offered and waits for an answer; not by whom, to whom or why."""

    number: str


@dataclass(frozen=True, slots=True)
class OthersCaseScreen:
    """Which case of someone else a decider means, and why, with what was filled in; nothing of any case."""

    number: str = ""
    reason: str = ""
