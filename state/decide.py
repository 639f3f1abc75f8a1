"""The decisions: a case and a command give events, or a refusal; no clock, no chance, no input or output.

Moments and numbers come in as arguments. Who may do what is asked of `permissions` first.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from state import commands as do
from state import decide_card as card
from state import decide_course as course
from state import decide_questions as questions
from state import decide_together as together
from state.case import Case
from state.errors import CaseClosed
from state.events import Event
from state.permissions import action_of, check_permitted
from state.setting import Setting

Events = Sequence[Event]


def decide(case: Case, command: do.Command, setting: Setting) -> Events:
    """Give what happens, in order; raises CommandRefused when it may not or cannot happen."""
    check_permitted(case, action_of(command, setting.framework), setting)
    if case.is_closed and type(command) not in _AFTER_CLOSING:
        raise CaseClosed
    return _DECISIONS[type(command)](command, case, setting)


_AFTER_CLOSING = frozenset({do.ReopenCase, do.ConfirmGone})

_DECISIONS: Mapping[type[do.Command], Callable[[Any, Case, Setting], Events]] = MappingProxyType({
    do.OpenCase: questions.open_case,
    do.GiveAnswer: questions.give_answer,
    do.SkipQuestion: questions.skip_question,
    do.GoBack: questions.go_back,
    do.ChangeAnswer: questions.change_answer,
    do.ShowAgain: questions.show_again,
    do.Deviate: card.deviate,
    do.ChooseSubject: card.choose_subject,
    do.PreviewCard: card.preview_card,
    do.PostCard: card.post_card,
    do.ConfirmPosted: card.confirm_posted,
    do.ConfirmRefused: card.confirm_refused,
    do.WithdrawCard: card.withdraw_card,
    do.ConfirmGone: card.confirm_gone,
    do.RecordDecision: together.record_decision,
    do.DecidePrivately: together.decide_privately,
    do.Dissent: together.dissent,
    do.SayInvolved: together.say_involved,
    do.OweReminder: together.owe_reminder,
    do.MeetTerm: together.meet_term,
    do.KeepWords: together.keep_words,
    do.OfferCase: course.offer_case,
    do.RelieveCase: course.relieve_case,
    do.EndOffer: course.end_offer,
    do.AcceptCase: course.accept_case,
    do.PauseCase: course.pause_case,
    do.FinishCase: course.finish_case,
    do.StopCase: course.stop_case,
    do.ReopenCase: course.reopen_case,
})
