"""Events to a case and a case to events: bookkeeping only, it never reads the framework."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import singledispatch

from state import lifecycle
from state.case import Case, Decision, Deviation, FrameworkId, Posted, Preview, Words
from state.events import (
    KIND_OF,
    REVIEW,
    Actor,
    AdviceGiven,
    AnswerGiven,
    AnswersLapsed,
    CardOwed,
    CardPosted,
    CardRefused,
    CardWithdrawn,
    CaseAccepted,
    CaseOffered,
    CaseOpened,
    CasePaused,
    CaseReopened,
    DecisionRecorded,
    DeviationRecorded,
    DeviationWithdrawn,
    Event,
    MemberInvolved,
    OfferEnded,
    PreviewShown,
    QuestionAsked,
    QuestionSkipped,
    Recorded,
    ReminderOwed,
    SubjectChosen,
    TermMet,
    WordsKept,
)


def rebuild(case_id: str, transcript: Iterable[Recorded], case: Case | None = None) -> Case:
    """Give the case that the events make, on top of `case` when it is given."""
    case = case or Case(case_id)
    for recorded in transcript:
        case = evolve(case, recorded)
    return case


def evolve(case: Case, recorded: Recorded) -> Case:
    """Give the case after one more event; raises TranscriptDamaged when it cannot follow."""
    phase = lifecycle.advance(case.phase, KIND_OF[type(recorded.event)])
    # Whatever its assessor does ends the pause of a case; what others and the bot do goes on beside it.
    is_others = case.assessor is not None and recorded.actor.id != case.assessor.id
    paused = isinstance(recorded.event, CasePaused) or (case.paused and is_others)
    after = _apply(recorded.event, case, recorded)
    return replace(after, phase=phase, version=recorded.seq, paused=paused, changed_at=recorded.at)


def record(case: Case, events: Iterable[Event], actor: Actor, now: datetime) -> tuple[Case, tuple[Recorded, ...]]:
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
    framework = FrameworkId(event.framework, event.framework_version, event.framework_status, event.framework_sha256)
    return replace(case, number=event.number, framework=framework, opened_at=recorded.at, assessor=recorded.actor)


@_apply.register
def _(event: QuestionAsked, case: Case, recorded: Recorded) -> Case:
    # A card that was shown before is no longer the card of this advice.
    return replace(case, open_question=event.question, open_language=event.language, preview=None)


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
        known_at=recorded.at,
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
    runs = (term for term, found in event.advice.get("deadlines", {}).items() if found["status"] != "met")
    started = {term: case.started.get(term, recorded.at) for term in runs}
    return replace(case, open_question=None, preview=None, started=started, advised=True)


@_apply.register
def _(event: DeviationRecorded, case: Case, recorded: Recorded) -> Case:
    deviation = Deviation(event.indicated, event.chosen, event.reason, recorded.seq)
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
    # What the card was made from: the preview, which any new answer would have ended.
    at = case.preview.at if case.preview else recorded.at
    owed = Posted(event.version, event.card, case.answers, at)
    return replace(case, card_version=event.version, owed=owed, preview=None)


@_apply.register
def _(event: CardPosted, case: Case, recorded: Recorded) -> Case:
    return replace(case, posted_version=event.version, owed=None, posted=case.owed)


@_apply.register
def _(event: CardRefused, case: Case, recorded: Recorded) -> Case:
    return replace(case, owed=None)


@_apply.register
def _(event: CardWithdrawn, case: Case, recorded: Recorded) -> Case:
    return replace(case, owed=None, posted=None, preview=None)


@_apply.register
def _(event: DecisionRecorded, case: Case, recorded: Recorded) -> Case:
    made = {
        one.step: Decision(
            decided=one.decided,
            indicated=one.indicated,
            competent=one.competent,
            deviates=one.deviates,
            reason=one.reason,
            by=recorded.actor,
            at=recorded.at,
            version=event.version,
            vouched=event.vouched,
        )
        for one in event.decisions
    }
    case = _reviewed(case, event.review, recorded.at) if event.review else case
    return replace(case, round=event.round, decisions={**case.decisions, **made})


@_apply.register
def _(event: MemberInvolved, case: Case, recorded: Recorded) -> Case:
    return replace(case, involved=case.involved | {recorded.actor.id})


@_apply.register
def _(event: ReminderOwed, case: Case, recorded: Recorded) -> Case:
    return replace(
        case,
        reminded={**case.reminded, event.term: event.count},
        reminded_at={**case.reminded_at, event.term: recorded.at},
    )


@_apply.register
def _(event: TermMet, case: Case, recorded: Recorded) -> Case:
    return replace(case, met=case.met | {event.term})


@_apply.register
def _(event: WordsKept, case: Case, recorded: Recorded) -> Case:
    kept = Words(event.language, event.text, recorded.seq)
    return replace(case, words={**case.words, event.audience: kept})


@_apply.register
def _(event: CaseOffered, case: Case, recorded: Recorded) -> Case:
    return replace(
        case,
        offered_to=event.to,
        offered_because=event.because,
        offered_by=recorded.actor,
        open_question=None,
    )


@_apply.register
def _(event: OfferEnded, case: Case, recorded: Recorded) -> Case:
    return replace(case, offered_to=None, offered_because="", offered_by=None)


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
        offered_by=None,
    )


@_apply.register
def _(event: CaseReopened, case: Case, recorded: Recorded) -> Case:
    return replace(case, known_at=recorded.at)


def _reviewed(case: Case, review: str, at: datetime) -> Case:
    """Give the case with another day to look at it again: that term begins anew."""
    return replace(
        case,
        review=review,
        met=case.met - {REVIEW},
        reminded={term: count for term, count in case.reminded.items() if term != REVIEW},
        known_at=at,
    )


def _without(case: Case, questions: frozenset[str]) -> Case:
    return replace(
        case,
        answers={key: value for key, value in case.answers.items() if key not in questions},
        notes={key: value for key, value in case.notes.items() if key not in questions},
        skipped=case.skipped - questions,
    )
