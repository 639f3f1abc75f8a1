"""What happened in a case: one frozen value per kind of event, and who did it.

The names on disk (`KINDS`) are fixed apart from the class names; what an event holds is in the
words that the person saw, so that the transcript can be read without this program.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from state.events_cmt import CardGone as CardGone
from state.events_cmt import CardWithdrawn as CardWithdrawn
from state.events_cmt import DecisionRecorded as DecisionRecorded
from state.events_cmt import DissentRecorded as DissentRecorded
from state.events_cmt import MemberInvolved as MemberInvolved
from state.events_cmt import ReminderOwed as ReminderOwed
from state.events_cmt import StepDecision as StepDecision
from state.events_cmt import TermMet as TermMet
from state.events_cmt import WordsKept as WordsKept

AnswerValue = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: Entra object id, and name, function and role at that moment."""

    id: str
    name: str
    function: str
    role: str


BOT = Actor(id="bot", name="Weegwijzer", function="", role="bot")

# The one term that is no deadline of the framework: the day on which the case is looked at again.
REVIEW = "REVIEW"


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case began, under one version of one framework."""

    number: str
    language: str
    framework: str
    framework_version: str
    framework_status: str
    framework_sha256: str


@dataclass(frozen=True, slots=True)
class ShownOption:
    """An option as it was offered."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A question was put, in these words; `reason` is next, back, change, language or handed_over."""

    question: str
    reason: str
    language: str
    number: int
    phase: str
    type: str
    text: str
    help: str
    options: tuple[ShownOption, ...]
    optional: bool
    unknown_allowed: bool


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """A question was answered; `value` is as the contract's `--answers`, `label` what the person saw."""

    question: str
    value: AnswerValue
    label: str
    note: str = ""
    previous: AnswerValue | None = None


@dataclass(frozen=True, slots=True)
class QuestionSkipped:
    """An optional question was passed over."""

    question: str


@dataclass(frozen=True, slots=True)
class AnswersLapsed:
    """Answers no longer apply; they stay in the transcript and count for nothing."""

    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdviceGiven:
    """Every question was answered and the full advice was shown; `advice` is the contract's object."""

    advice: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeviationRecorded:
    """The assessor chose another grade than indicated, with a reason."""

    step: str
    indicated: str
    chosen: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeviationWithdrawn:
    """The assessor went back to the indicated grade."""

    step: str


@dataclass(frozen=True, slots=True)
class SubjectChosen:
    """The neutral subject for the card was chosen."""

    subject: str
    label: str


@dataclass(frozen=True, slots=True)
class PreviewShown:
    """The exact card was shown before posting; `card` is its canonical JSON."""

    version: int
    card: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CardOwed:
    """Posting was confirmed; from here the card is owed to the channel."""

    version: int
    card: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CardPosted:
    """The card stands in the channel."""

    version: int


@dataclass(frozen=True, slots=True)
class CardRefused:
    """Teams refused the card for good; the code says why."""

    version: int
    code: str


@dataclass(frozen=True, slots=True)
class CaseOffered:
    """The case was offered to someone else; `because` is involved, no_card, handed or relieved."""

    to: Actor
    because: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """The offer was taken back by its giver or declined by its receiver."""

    declined: bool


@dataclass(frozen=True, slots=True)
class CaseAccepted:
    """The receiver took the case over; `involved` when the giver had said to be involved."""

    involved: bool


@dataclass(frozen=True, slots=True)
class CasePaused:
    """The assessor stopped for now."""


@dataclass(frozen=True, slots=True)
class CaseResumed:
    """The assessor went on."""


@dataclass(frozen=True, slots=True)
class CaseFinished:
    """The weighing was concluded."""


@dataclass(frozen=True, slots=True)
class CaseStopped:
    """The weighing was broken off."""


@dataclass(frozen=True, slots=True)
class CaseReopened:
    """A closed case was opened again."""

    reason: str


Event = (
    CaseOpened
    | QuestionAsked
    | AnswerGiven
    | QuestionSkipped
    | AnswersLapsed
    | AdviceGiven
    | DeviationRecorded
    | DeviationWithdrawn
    | SubjectChosen
    | PreviewShown
    | CardOwed
    | CardPosted
    | CardRefused
    | CardWithdrawn
    | CardGone
    | DecisionRecorded
    | DissentRecorded
    | MemberInvolved
    | ReminderOwed
    | TermMet
    | WordsKept
    | CaseOffered
    | OfferEnded
    | CaseAccepted
    | CasePaused
    | CaseResumed
    | CaseFinished
    | CaseStopped
    | CaseReopened
)

KINDS: Mapping[str, type[Event]] = {
    "case.opened": CaseOpened,
    "question.asked": QuestionAsked,
    "answer.given": AnswerGiven,
    "question.skipped": QuestionSkipped,
    "answers.lapsed": AnswersLapsed,
    "advice.given": AdviceGiven,
    "deviation.recorded": DeviationRecorded,
    "deviation.withdrawn": DeviationWithdrawn,
    "subject.chosen": SubjectChosen,
    "preview.shown": PreviewShown,
    "card.owed": CardOwed,
    "card.posted": CardPosted,
    "card.refused": CardRefused,
    "card.withdrawn": CardWithdrawn,
    "card.gone": CardGone,
    "decision.recorded": DecisionRecorded,
    "dissent.recorded": DissentRecorded,
    "member.involved": MemberInvolved,
    "reminder.owed": ReminderOwed,
    "term.met": TermMet,
    "words.kept": WordsKept,
    "case.offered": CaseOffered,
    "offer.ended": OfferEnded,
    "case.accepted": CaseAccepted,
    "case.paused": CasePaused,
    "case.resumed": CaseResumed,
    "case.finished": CaseFinished,
    "case.stopped": CaseStopped,
    "case.reopened": CaseReopened,
}

KIND_OF: Mapping[type[Event], str] = {cls: kind for kind, cls in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event in its place in the transcript: number (from 1), moment (UTC) and actor."""

    seq: int
    at: datetime
    actor: Actor
    event: Event
