"""The decisions about the advice and the card: deviating, previewing, posting, withdrawing."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from state import commands as do
from state import lifecycle
from state.case import Case
from state.errors import (
    CardAbsent,
    CommandRefused,
    NoCardAllowed,
    PreviewOutdated,
    ReasonMissing,
    SameGrade,
    StaleCard,
    SubjectMissing,
    WithdrawReasonMissing,
)
from state.events import (
    CardGone,
    CardOwed,
    CardPosted,
    CardRefused,
    CardWithdrawn,
    DeviationRecorded,
    DeviationWithdrawn,
    Event,
    PreviewShown,
    SubjectChosen,
)
from state.involvement import is_card_allowed
from state.setting import Setting
from state.weighing import weigh

# Hours left on a card are those at posting: a preview holds for an hour, then it is made anew.
PREVIEW_HOLDS = timedelta(hours=1)
Events = Sequence[Event]


def deviate(command: do.Deviate, case: Case, setting: Setting) -> Events:
    """Take another grade than the indicated one."""
    lifecycle.check_phase(case.phase, "deviation.recorded")
    advice = weigh(setting.framework, case.answers, setting.now)
    framework = setting.framework.framework
    if command.step not in advice.steps or command.grade not in framework.grade_by_id:
        raise CommandRefused
    indicated = advice.steps[command.step].grade
    if command.grade == indicated:
        if command.step not in case.deviations:
            raise SameGrade
        return [DeviationWithdrawn(command.step)]
    if not command.reason.strip():
        raise ReasonMissing
    return [DeviationRecorded(command.step, indicated, command.grade, command.reason.strip())]


def choose_subject(command: do.ChooseSubject, case: Case, setting: Setting) -> Events:
    """Take the neutral subject."""
    lifecycle.check_phase(case.phase, "subject.chosen")
    subject = setting.framework.framework.subject_by_id.get(command.subject)
    if subject is None:
        raise CommandRefused
    if subject.id == case.subject:
        return []
    return [SubjectChosen(subject.id, subject.name.in_language(setting.language))]


def preview_card(command: do.PreviewCard, case: Case, setting: Setting) -> Events:
    """Show the card before posting."""
    _check_card(case, setting)
    digest = sha256(command.card.encode()).hexdigest()
    if case.preview is not None and case.preview.sha256 == digest:
        return []
    return [PreviewShown(case.card_version + 1, command.card, digest)]


def post_card(command: do.PostCard, case: Case, setting: Setting) -> Events:
    """Owe the card that was shown."""
    if case.preview is None or case.preview.seq != command.preview:
        raise StaleCard
    _check_card(case, setting)
    if setting.now - case.preview.at > PREVIEW_HOLDS:
        raise PreviewOutdated
    owed = CardOwed(case.preview.version, case.preview.card, case.preview.sha256)
    # An exercise goes as far as here: nothing of it is owed to the channel.
    return [owed, CardPosted(owed.version)] if case.is_practice else [owed]


def confirm_posted(command: do.ConfirmPosted, case: Case, setting: Setting) -> Events:
    """Take it that the card stands in the channel."""
    _check_owed(case, command.version)
    return [CardPosted(command.version)]


def confirm_refused(command: do.ConfirmRefused, case: Case, setting: Setting) -> Events:
    """Take it that Teams refused the card."""
    _check_owed(case, command.version)
    return [CardRefused(command.version, command.code)]


def withdraw_card(command: do.WithdrawCard, case: Case, setting: Setting) -> Events:
    """Take the card out of the channel, because a person chose to."""
    lifecycle.check_phase(case.phase, "card.withdrawn")
    if case.posted is None:
        raise CardAbsent
    if not command.reason.strip():
        raise WithdrawReasonMissing
    return [CardWithdrawn(case.posted.version, "chosen", command.reason.strip())]


def confirm_gone(command: do.ConfirmGone, case: Case, setting: Setting) -> Events:
    """Take it that a withdrawn card is gone, or as neutral as Teams lets it be."""
    if case.posted is not None:
        raise StaleCard
    return [CardGone(command.version, command.outcome)]


def _check_card(case: Case, setting: Setting) -> None:
    lifecycle.check_phase(case.phase, "preview.shown")
    if not is_card_allowed(case, weigh(setting.framework, case.answers, setting.now)):
        raise NoCardAllowed
    if case.subject is None:
        raise SubjectMissing


def _check_owed(case: Case, version: int) -> None:
    if case.phase != lifecycle.POSTING or case.card_version != version:
        raise StaleCard
