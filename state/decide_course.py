"""The decisions about the course of a case: who has it, pausing, ending, beginning again."""

from collections.abc import Sequence

from state import commands as do
from state import lifecycle
from state.asking import ask, go_on
from state.case import Case
from state.errors import (
    CommandRefused,
    HandOverNeeded,
    HandOverReasonMissing,
    NotConcluded,
    NotPermitted,
    ReopenReasonMissing,
)
from state.events import (
    AnswersLapsed,
    CaseAccepted,
    CaseFinished,
    CaseOffered,
    CasePaused,
    CaseReopened,
    CaseStopped,
    Event,
    OfferEnded,
)
from state.involvement import is_card_allowed, is_involved, may_take, must_hand_over, why_hand_over
from state.setting import Setting
from state.weighing import weigh

Events = Sequence[Event]


def offer_case(command: do.OfferCase, case: Case, setting: Setting) -> Events:
    """Offer the case to someone else."""
    lifecycle.check_phase(case.phase, "case.offered")
    if case.is_practice:
        raise CommandRefused
    because = why_hand_over(case, setting) or "handed"
    if because == "handed" and not command.reason.strip():
        raise HandOverReasonMissing
    if command.to.id == setting.actor.id or not may_take(case, command.to, because):
        raise NotPermitted
    return [CaseOffered(command.to, because, command.reason.strip())]


def end_offer(command: do.EndOffer, case: Case, setting: Setting) -> Events:
    """Take the offer back, or decline it."""
    lifecycle.check_phase(case.phase, "offer.ended")
    declined = case.offered_to is not None and case.offered_to.id == setting.actor.id
    return [OfferEnded(declined), *go_on(case, setting)]


def accept_case(command: do.AcceptCase, case: Case, setting: Setting) -> Events:
    """Take the case over."""
    lifecycle.check_phase(case.phase, "case.accepted")
    if not may_take(case, setting.actor, case.offered_because):
        raise NotPermitted
    conflict = setting.framework.framework.conflict_of_interest.question
    if case.offered_because == "no_card":
        return [CaseAccepted(involved=False), *go_on(case, setting)]
    # The answer was about the giver; the receiver answers the question for themselves.
    lapsed = [AnswersLapsed((conflict,))] if conflict in case.answers else []
    return [CaseAccepted(involved=is_involved(case, setting.framework)), *lapsed, ask(conflict, "handed_over", setting)]


def pause_case(command: do.PauseCase, case: Case, setting: Setting) -> Events:
    """Put the case aside."""
    lifecycle.check_phase(case.phase, "case.paused")
    return [] if case.paused else [CasePaused()]


def finish_case(command: do.FinishCase, case: Case, setting: Setting) -> Events:
    """Conclude the weighing."""
    if case.phase == lifecycle.ASKING:
        raise NotConcluded
    lifecycle.check_phase(case.phase, "case.finished")
    if case.phase == lifecycle.WEIGHING and must_hand_over(case, setting):
        raise HandOverNeeded
    return [CaseFinished()]


def stop_case(command: do.StopCase, case: Case, setting: Setting) -> Events:
    """Break the weighing off."""
    lifecycle.check_phase(case.phase, "case.stopped")
    return [CaseStopped()]


def relieve_case(command: do.RelieveCase, case: Case, setting: Setting) -> Events:
    """Offer someone else's case, since its assessor cannot go on."""
    lifecycle.check_phase(case.phase, "case.offered")
    if not command.reason.strip():
        raise HandOverReasonMissing
    is_holder = case.assessor is not None and command.to.id == case.assessor.id
    advice = weigh(setting.framework, case.answers, setting.now)
    because = "relieved" if is_card_allowed(case, advice) else "no_card"
    if case.is_practice or is_holder or not may_take(case, command.to, because):
        raise NotPermitted
    return [CaseOffered(command.to, "relieved", command.reason.strip())]


def reopen_case(command: do.ReopenCase, case: Case, setting: Setting) -> Events:
    """Open a closed case again, where it was left."""
    lifecycle.check_phase(case.phase, "case.reopened")
    if not command.reason.strip():
        raise ReopenReasonMissing
    return [CaseReopened(command.reason.strip()), *go_on(case, setting)]
