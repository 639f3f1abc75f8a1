"""A case as it stands: the values; `fold` makes them of events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from state import lifecycle
from state.events import Actor, AnswerValue, DissentRecorded

# What a practice case is called; it never gets a number of the real ones.
PRACTICE = "OEFEN-"


@dataclass(frozen=True, slots=True)
class FrameworkId:
    """Which version of which framework a case runs under."""

    id: str
    version: str
    status: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Deviation:
    """Another grade than the indicated one, and why; `seq` is the event that recorded it."""

    indicated: str
    chosen: str
    reason: str
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """The card as it was shown before posting."""

    seq: int
    at: datetime
    version: int
    card: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A card as it was confirmed: its canonical JSON, and the answers and the moment that it was made from."""

    version: int
    card: str
    answers: Mapping[str, AnswerValue]
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided last on a step, by whom it was recorded, and on which version of the card (0: privately)."""

    decided: str
    indicated: str
    competent: str
    deviates: bool
    reason: str
    by: Actor
    at: datetime
    version: int
    vouched: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A text for others as it was kept, and the event number that it was kept with."""

    language: str
    text: str
    seq: int


@dataclass(frozen=True, slots=True)
class Case:
    """Where a case stands.

    `posted` is the card that stands in the channel, None where none does (any more); `posted_version` is the
    last one that stood there. `round` counts how often decisions were recorded, `reminded` the reminders of a term
    and `reminded_at` when the last was sent. `started` is since which advice a term runs, `known_at` when a person
    last said something by which terms run.
    """

    id: str
    number: str = ""
    framework: FrameworkId | None = None
    phase: str = lifecycle.NEW
    version: int = 0
    opened_at: datetime | None = None
    assessor: Actor | None = None
    answers: Mapping[str, AnswerValue] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    given_by: Mapping[str, str] = field(default_factory=dict)
    open_question: str | None = None
    open_language: str = ""
    deviations: Mapping[str, Deviation] = field(default_factory=dict)
    subject: str | None = None
    preview: Preview | None = None
    card_version: int = 0
    posted_version: int = 0
    owed: Posted | None = None
    posted: Posted | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    round: int = 0
    review: str = ""
    reminded: Mapping[str, int] = field(default_factory=dict)
    reminded_at: Mapping[str, datetime] = field(default_factory=dict)
    started: Mapping[str, datetime] = field(default_factory=dict)
    known_at: datetime | None = None
    advised: bool = False
    met: frozenset[str] = frozenset()
    words: Mapping[str, Words] = field(default_factory=dict)
    dissents: Mapping[str, DissentRecorded] = field(default_factory=dict)
    offered_to: Actor | None = None
    offered_because: str = ""
    offered_by: Actor | None = None
    involved: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()
    paused: bool = False
    changed_at: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing can happen in this case any more."""
        return self.phase in lifecycle.CLOSED

    @property
    def is_practice(self) -> bool:
        """Tell whether this is an exercise: nothing of it leaves the private chat."""
        return is_practice(self.number)


def is_practice(number: str) -> bool:
    """Tell whether a case's number is one of exercises."""
    return number.startswith(PRACTICE)
