"""What is shown of the terms that run in a case: one value per screen, with all that its card needs."""

from dataclasses import dataclass
from datetime import datetime

from state.case import Case
from state.framework import Framework
from state.terms import Term


@dataclass(frozen=True, slots=True)
class TermScreen:
    """A reminder of a term to who holds the case; `running` is None once it was recorded that it is done."""

    number: str
    framework: Framework
    term: str
    now: datetime
    running: Term | None


@dataclass(frozen=True, slots=True)
class CardTermScreen:
    """The same to a decider who does not hold the case, of a term on the card in the channel.

    `may_relieve`: this decider may let someone else take the case over.
    """

    number: str
    framework: Framework
    term: str
    now: datetime
    running: Term | None
    may_relieve: bool = False


@dataclass(frozen=True, slots=True)
class TermsScreen:
    """The terms that run in a case, to say of which what it is about was done."""

    case: Case
    framework: Framework
    terms: tuple[Term, ...]
    now: datetime
