"""What can go wrong in the core; each class has a stable code that `wording` knows."""

from dataclasses import dataclass


class CaseError(Exception):
    """The base of everything that the core raises on purpose."""

    code = "case"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A mistake in a framework file: where it stands and what would be right."""

    line: int
    column: int
    message: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class FrameworkError(CaseError):
    """A framework file has mistakes; all of them."""

    code = "framework"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings

    def in_short(self) -> str:
        """Give the first mistake, and how many more there are."""
        more = len(self.findings) - 1
        return f"{self.findings[0]} (and {more} more)" if more else str(self.findings[0])


class AnswerError(CaseError):
    """An answer does not fit its question; the message says why, without the answer."""

    code = "answer"


class TranscriptDamaged(CaseError):
    """The events of a case cannot be what happened; nothing is repaired silently."""

    code = "transcript_damaged"


class CommandRefused(CaseError):
    """What was asked cannot be done now; nothing changed."""

    code = "not_now"


class StaleCard(CommandRefused):
    """The card belongs to something that is past."""

    code = "stale_card"


class NotPermitted(CommandRefused):
    """This person may not do this in this case."""

    code = "not_permitted"


class ConflictOfInterest(CommandRefused):
    """Who said to be involved in a case may only protect and hand over."""

    code = "conflict_of_interest"


class ReasonMissing(CommandRefused):
    """A deviation needs a reason."""

    code = "reason_missing"


class SameGrade(CommandRefused):
    """The chosen grade is the indicated one already."""

    code = "same_grade"


class NothingBefore(CommandRefused):
    """There is no question before this one."""

    code = "nothing_before"


class NotAsked(CommandRefused):
    """This question does not apply, or was not asked yet."""

    code = "not_asked"


class AnswerNeeded(CommandRefused):
    """This question cannot be passed over."""

    code = "answer_needed"


class SubjectMissing(CommandRefused):
    """The card needs its neutral subject first."""

    code = "subject_missing"


class PreviewOutdated(CommandRefused):
    """The preview is too old to be posted as it is."""

    code = "preview_outdated"


class NoCardAllowed(CommandRefused):
    """A rule forbids a card in the channel."""

    code = "no_card"


class HandOverNeeded(CommandRefused):
    """Someone else has to conclude this case."""

    code = "hand_over_needed"


class NotConcluded(CommandRefused):
    """Questions are still open."""

    code = "not_concluded"


class CaseClosed(CommandRefused):
    """The case is closed."""

    code = "case_closed"


class CardOutdated(CommandRefused):
    """The card was pressed in a form that is past: a newer version stands in the channel."""

    code = "card_outdated"


class CardAbsent(CommandRefused):
    """No card of this case stands in the channel (any more)."""

    code = "card_absent"


class DecidedMeanwhile(CommandRefused):
    """Someone else recorded a decision since this card was opened."""

    code = "decided_meanwhile"


class NothingDecided(CommandRefused):
    """Nothing was chosen, or nothing that was not decided so before."""

    code = "nothing_decided"


class DecisionReasonMissing(CommandRefused):
    """A decision that deviates from the grade or from a legal duty needs a reason; `steps` lack one."""

    code = "decision_reason_missing"

    def __init__(self, steps: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.steps = steps


class VouchNeeded(CommandRefused):
    """Who is no decider has to say that the competent ones decided so."""

    code = "vouch_needed"


class DissentReasonMissing(CommandRefused):
    """Not to agree needs a reason."""

    code = "dissent_reason_missing"


class HandOverReasonMissing(CommandRefused):
    """Handing over a case, without that it must, needs a reason."""

    code = "hand_over_reason_missing"


class ReopenReasonMissing(CommandRefused):
    """Opening a closed case again needs a reason."""

    code = "reopen_reason_missing"


class WithdrawReasonMissing(CommandRefused):
    """Taking the card out of the channel needs a reason."""

    code = "withdraw_reason_missing"


class NoSuchTerm(CommandRefused):
    """This term does not run in this case, or was met before."""

    code = "no_such_term"


class WordsMissing(CommandRefused):
    """There is no text to keep."""

    code = "words_missing"


class WordsChanged(CommandRefused):
    """The text was changed elsewhere since it was opened."""

    code = "words_changed"


class HoldReasonMissing(CommandRefused):
    """Holding a dossier, and lifting a hold, needs a reason."""

    code = "hold_reason_missing"


class NoSuchHold(CommandRefused):
    """There is no such hold on this dossier, or it must be said which one."""

    code = "no_such_hold"


class OnHold(CommandRefused):
    """A dossier that is held is not destroyed."""

    code = "on_hold"


class NotDue(CommandRefused):
    """The term of this dossier is not over, or it is kept for good."""

    code = "not_due"


class AlreadyProposed(CommandRefused):
    """Destruction was proposed before and waits for a second person."""

    code = "already_proposed"


class NothingProposed(CommandRefused):
    """No proposal to destroy this dossier is waiting."""

    code = "nothing_proposed"


class SecondPersonNeeded(CommandRefused):
    """Destruction needs another keeper than who proposed it, without a part in the case."""

    code = "second_person_needed"


class TooEarly(CommandRefused):
    """The days between proposal and confirmation are not over."""

    code = "too_early"
