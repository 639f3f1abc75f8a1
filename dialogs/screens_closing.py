"""What who closed a case is told with it."""

from dataclasses import dataclass
from datetime import date

from state.framework import Framework
from state.retention import Category


@dataclass(frozen=True, slots=True)
class Closing:
    """How long the dossier is kept and until when (None: for good), and on which steps nothing was decided."""

    framework: Framework
    category: Category
    due: date | None
    undecided: tuple[str, ...] = ()
