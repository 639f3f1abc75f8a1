"""What a person, or the bot itself, asks of a case."""

from collections.abc import Mapping
from dataclasses import dataclass

from state.events import Actor, AnswerValue


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Begin a case; the number was drawn outside."""

    number: str
    language: str


@dataclass(frozen=True, slots=True)
class GiveAnswer:
    """Answer the open question."""

    question: str
    value: AnswerValue
    note: str = ""


@dataclass(frozen=True, slots=True)
class SkipQuestion:
    """Pass over the open question, or leave its earlier answer as it is."""

    question: str


@dataclass(frozen=True, slots=True)
class GoBack:
    """Put the question before the open one again; `question` is the one a card was issued with."""

    question: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """Put an earlier question again."""

    question: str


@dataclass(frozen=True, slots=True)
class ShowAgain:
    """Show where the case stands; in another language this puts the open question anew."""


@dataclass(frozen=True, slots=True)
class Deviate:
    """Choose another grade than the indicated one; the indicated grade itself takes it back."""

    step: str
    grade: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChooseSubject:
    """Choose the neutral subject for the card."""

    subject: str


@dataclass(frozen=True, slots=True)
class PreviewCard:
    """Show the card, given as canonical JSON, before posting."""

    card: str


@dataclass(frozen=True, slots=True)
class PostCard:
    """Post the card of the preview with this event number."""

    preview: int


@dataclass(frozen=True, slots=True)
class ConfirmPosted:
    """Record that the owed card stands in the channel (said by the outbox)."""

    version: int


@dataclass(frozen=True, slots=True)
class ConfirmRefused:
    """Record that Teams refused the owed card for good (said by the outbox)."""

    version: int
    code: str


@dataclass(frozen=True, slots=True)
class WithdrawCard:
    """Take the card out of the channel; a person chose to, and says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmGone:
    """Record what became of a withdrawn card (said by the outbox)."""

    version: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for a step: yes, no or later, and why."""

    decided: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecordDecision:
    """Record decisions on the card of this version and round."""

    version: int
    round: int
    choices: Mapping[str, Choice]
    review: str = ""
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class DecidePrivately:
    """Record decisions in the private chat, on every step of the full advice."""

    round: int
    choices: Mapping[str, Choice]
    review: str = ""


@dataclass(frozen=True, slots=True)
class Dissent:
    """Say on the card of this version not to agree, and why."""

    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class SayInvolved:
    """Say on the card of this version to be involved; `heir` is the decider to whom the case can go."""

    version: int
    heir: Actor | None = None


@dataclass(frozen=True, slots=True)
class OweReminder:
    """Record that a reminder is sent (said by the outbox)."""

    term: str
    count: int
    due: str


@dataclass(frozen=True, slots=True)
class MeetTerm:
    """Say that what a term is about was done; `of_others` by a decider who does not hold the case."""

    term: str
    note: str = ""
    of_others: bool = False


@dataclass(frozen=True, slots=True)
class KeepWords:
    """Keep a text for others as it will be used; `seen` is the event number of the text that was edited, or 0."""

    audience: str
    text: str
    seen: int = 0


@dataclass(frozen=True, slots=True)
class RelieveCase:
    """Offer someone else's case to a third person, since its assessor cannot go on."""

    to: Actor
    reason: str


@dataclass(frozen=True, slots=True)
class ReopenCase:
    """Open a closed case again; `of_others` by a decider who did not hold it."""

    reason: str
    of_others: bool = False


@dataclass(frozen=True, slots=True)
class OfferCase:
    """Offer the case to someone else."""

    to: Actor
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EndOffer:
    """Take an offer back (its giver) or decline it (its receiver); `of_others` by a decider who has no part in it."""

    of_others: bool = False


@dataclass(frozen=True, slots=True)
class AcceptCase:
    """Take over a case that was offered."""


@dataclass(frozen=True, slots=True)
class PauseCase:
    """Stop for now."""


@dataclass(frozen=True, slots=True)
class FinishCase:
    """Conclude the weighing."""


@dataclass(frozen=True, slots=True)
class StopCase:
    """Break the weighing off."""


Command = (
    OpenCase
    | GiveAnswer
    | SkipQuestion
    | GoBack
    | ChangeAnswer
    | ShowAgain
    | Deviate
    | ChooseSubject
    | PreviewCard
    | PostCard
    | ConfirmPosted
    | ConfirmRefused
    | WithdrawCard
    | ConfirmGone
    | RecordDecision
    | DecidePrivately
    | Dissent
    | SayInvolved
    | OweReminder
    | MeetTerm
    | KeepWords
    | RelieveCase
    | ReopenCase
    | OfferCase
    | EndOffer
    | AcceptCase
    | PauseCase
    | FinishCase
    | StopCase
)
