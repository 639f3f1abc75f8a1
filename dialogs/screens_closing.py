"""What who closed a case is told with it."""

from dataclasses import dataclass
from datetime import date, datetime

from state.framework import Framework
from state.retention import Category
from state.terms import Term


@dataclass(frozen=True, slots=True)
class Closing:
    """How long the dossier is kept and until when (None: for good), and what is still open.

    `undecided` are the steps on which nothing was decided, `terms` those of which nobody is reminded any more.
    """

    framework: Framework
    category: Category
    due: date | None
    now: datetime
    undecided: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
