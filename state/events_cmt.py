"""What the CMT does with a case, and what becomes of its card: one frozen value per kind of event."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardWithdrawn:
    """The card has to leave the channel; `because` is involved, rules (an answer forbids it) or chosen."""

    version: int
    because: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CardGone:
    """What became of a withdrawn card: deleted, neutral (a card without content is left) or refused by Teams."""

    version: int
    outcome: str


@dataclass(frozen=True, slots=True)
class StepDecision:
    """What was decided on a step (yes, no or later), beside what was indicated and who is competent.

    `deviates` from the grade or from a legal duty; then there is a reason.
    """

    step: str
    indicated: str
    decided: str
    competent: str
    deviates: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DecisionRecorded:
    """Decisions were recorded, on a version of the card or privately (version 0).

    `round` counts from 1. `vouched`: who recorded is no decider, and said that the competent ones decided so.
    `review` is the day of the next look, empty when it was not chosen.
    """

    version: int
    round: int
    decisions: tuple[StepDecision, ...]
    review: str = ""
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class DissentRecorded:
    """A member does not agree, and why; it stands in the dossier and never on the card."""

    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class MemberInvolved:
    """A member of CMT or college said on the card to be involved."""

    version: int


@dataclass(frozen=True, slots=True)
class ReminderOwed:
    """A reminder of a term is sent; `count` from 1, `due` the end of the term as ISO text, empty where it has none."""

    term: str
    count: int
    due: str


@dataclass(frozen=True, slots=True)
class TermMet:
    """A person said that what a term is about was done."""

    term: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class WordsKept:
    """A text for others was kept as someone wants to use it; `audience` is council, press or staff."""

    audience: str
    language: str
    text: str
