"""A case as the fold of its events: bookkeeping only, it never reads the framework."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import singledispatch

from state import lifecycle
from state.events import (
    KIND_OF,
    Actor,
    AdviceGiven,
    AnswerGiven,
    AnswersLapsed,
    AnswerValue,
    CardOwed,
    CardPosted,
    CaseAccepted,
    CaseOffered,
    CaseOpened,
    CasePaused,
    DeviationRecorded,
    DeviationWithdrawn,
    Event,
    OfferEnded,
    PreviewShown,
    QuestionAsked,
    QuestionSkipped,
    Recorded,
    SubjectChosen,
)


@dataclass(frozen=True, slots=True)
class FrameworkId:
    """Which version of which framework a case runs under."""

    id: str
    version: str
    status: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Deviation:
    """Another grade than the indicated one, and why."""

    indicated: str
    chosen: str
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The card as it was shown before posting."""

    seq: int
    at: datetime
    version: int
    card: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Case:
    """Where a case stands."""

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
    owed_card: str = ""
    posted_card: str = ""
    offered_to: Actor | None = None
    offered_because: str = ""
    involved: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()
    paused: bool = False
    changed_at: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing can happen in this case any more."""
        return self.phase in lifecycle.CLOSED


def rebuild(case_id: str, transcript: Iterable[Recorded], case: Case | None = None) -> Case:
    """Give the case that the events make, on top of `case` when it is given."""
    case = case or Case(case_id)
    for recorded in transcript:
        case = evolve(case, recorded)
    return case


def evolve(case: Case, recorded: Recorded) -> Case:
    """Give the case after one more event; raises TranscriptDamaged when it cannot follow."""
    phase = lifecycle.advance(case.phase, KIND_OF[type(recorded.event)])
    # Whatever happens in a case ends its pause.
    paused = isinstance(recorded.event, CasePaused)
    after = _apply(recorded.event, case, recorded)
    return replace(after, phase=phase, version=recorded.seq, paused=paused, changed_at=recorded.at)


def record(
    case: Case, events: Iterable[Event], actor: Actor, now: datetime
) -> tuple[Case, tuple[Recorded, ...]]:
    """Give the case after new events, and the events in their place behind its transcript."""
    recorded = []
    # A clock that was put back must not make an event earlier than the one that it follows.
    now = max(now, case.changed_at or now)
    for event in events:
        recorded.append(Recorded(case.version + 1, now, actor, event))
        case = evolve(case, recorded[-1])
    return case, tuple(recorded)


@singledispatch
def _apply(event: Event, case: Case, recorded: Recorded) -> Case:
    """Keep what an event says; most events only move the phase."""
    return case


@_apply.register
def _(event: CaseOpened, case: Case, recorded: Recorded) -> Case:
    framework = FrameworkId(
        event.framework, event.framework_version, event.framework_status, event.framework_sha256
    )
    return replace(
        case, number=event.number, framework=framework, opened_at=recorded.at, assessor=recorded.actor
    )


@_apply.register
def _(event: QuestionAsked, case: Case, recorded: Recorded) -> Case:
    # A card that was shown before is no longer the card of this advice.
    return replace(
        case, open_question=event.question, open_language=event.language, preview=None
    )


@_apply.register
def _(event: AnswerGiven, case: Case, recorded: Recorded) -> Case:
    return replace(
        case,
        answers={**case.answers, event.question: event.value},
        notes={**case.notes, event.question: event.note},
        skipped=case.skipped - {event.question},
        given_by={**case.given_by, event.question: recorded.actor.id},
        # What follows opens the next one; after the answer "I am involved" nothing does.
        open_question=None,
    )


@_apply.register
def _(event: QuestionSkipped, case: Case, recorded: Recorded) -> Case:
    return replace(
        case,
        skipped=case.skipped | {event.question},
        given_by={**case.given_by, event.question: recorded.actor.id},
    )


@_apply.register
def _(event: AnswersLapsed, case: Case, recorded: Recorded) -> Case:
    return _without(case, frozenset(event.questions))


@_apply.register
def _(event: AdviceGiven, case: Case, recorded: Recorded) -> Case:
    return replace(case, open_question=None, preview=None)


@_apply.register
def _(event: DeviationRecorded, case: Case, recorded: Recorded) -> Case:
    deviation = Deviation(event.indicated, event.chosen, event.reason)
    return replace(case, deviations={**case.deviations, event.step: deviation})


@_apply.register
def _(event: DeviationWithdrawn, case: Case, recorded: Recorded) -> Case:
    rest = {step: deviation for step, deviation in case.deviations.items() if step != event.step}
    return replace(case, deviations=rest)


@_apply.register
def _(event: SubjectChosen, case: Case, recorded: Recorded) -> Case:
    return replace(case, subject=event.subject, preview=None)


@_apply.register
def _(event: PreviewShown, case: Case, recorded: Recorded) -> Case:
    preview = Preview(recorded.seq, recorded.at, event.version, event.card, event.sha256)
    return replace(case, preview=preview)


@_apply.register
def _(event: CardOwed, case: Case, recorded: Recorded) -> Case:
    return replace(case, card_version=event.version, owed_card=event.card, preview=None)


@_apply.register
def _(event: CardPosted, case: Case, recorded: Recorded) -> Case:
    return replace(case, posted_version=event.version, owed_card="", posted_card=case.owed_card)


@_apply.register
def _(event: CaseOffered, case: Case, recorded: Recorded) -> Case:
    return replace(case, offered_to=event.to, offered_because=event.because, open_question=None)


@_apply.register
def _(event: OfferEnded, case: Case, recorded: Recorded) -> Case:
    return replace(case, offered_to=None, offered_because="")


@_apply.register
def _(event: CaseAccepted, case: Case, recorded: Recorded) -> Case:
    giver = frozenset({case.assessor.id} if case.assessor else ())
    return replace(
        case,
        assessor=recorded.actor,
        former=case.former | giver,
        involved=case.involved | (giver if event.involved else frozenset()),
        offered_to=None,
        offered_because="",
    )


def _without(case: Case, questions: frozenset[str]) -> Case:
    return replace(
        case,
        answers={key: value for key, value in case.answers.items() if key not in questions},
        notes={key: value for key, value in case.notes.items() if key not in questions},
        skipped=case.skipped - questions,
    )
