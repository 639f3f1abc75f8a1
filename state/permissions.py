"""Who may do what: one table of actions, roles and places in a case; `docs/access.md` shows it to people.

A role makes eligible, the place in the case admits: both must fit. Ask like this:

    may(Action.READ, roles, place_of(parts_of(case, framework), person_id))   about one case
    may(Action.LIST, roles)                                                   about no case in particular
    may_confirm(Action.CONFIRM_DESTRUCTION, ...)                              the second of two persons

`roles` are the person's roles of the access file as it is now. Where a case cannot be read (sealed), `Parts` is
made of what is kept of it in the clear. `check_permitted` is what `decide` and the screens ask.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from state import commands as do
from state.case import Case
from state.compiled import CompiledFramework
from state.errors import ConflictOfInterest, NotPermitted
from state.events import BOT
from state.involvement import is_involved
from state.setting import Setting

# --- places in a case ------------------------------------------------------------------

HOLDER = "holder"
INVOLVED = "involved"
RECEIVER = "receiver"
FORMER = "former"
RECUSED = "recused"
OUTSIDE = "outside"
OUTBOX = "bot"

PLACES = (HOLDER, INVOLVED, RECEIVER, FORMER, RECUSED, OUTSIDE)


class Action(StrEnum):
    """What can be asked, of a case or of all."""

    OPEN = "open"
    SEE_INPUT = "see_input"
    ANSWER = "answer"
    SKIP = "skip"
    BACK = "back"
    CHANGE = "change"
    CORRECT = "correct"
    SEE_ADVICE = "see_advice"
    DEVIATE = "deviate"
    SUBJECT = "subject"
    PREVIEW = "preview"
    POST = "post"
    PAUSE = "pause"
    FINISH = "finish"
    STOP = "stop"
    DISCARD = "discard"
    OFFER = "offer"
    SEE_OFFER = "see_offer"
    END_OFFER = "end_offer"
    END_OFFER_FOR = "end_offer_for"
    ACCEPT = "accept"
    WITHDRAW_CARD = "withdraw_card"
    SEE_CARD = "see_card"
    DECIDE = "decide"
    DECIDE_ALL = "decide_all"
    DISSENT = "dissent"
    RECUSE = "recuse"
    MEET_TERM = "meet_term"
    MEET_TERM_FOR = "meet_term_for"
    WORDS = "words"
    RELIEVE = "relieve"
    REOPEN = "reopen"
    REOPEN_FOR = "reopen_for"
    CONFIRM = "confirm"
    LIST = "list"
    READ = "read"
    EXPORT = "export"
    VERIFY = "verify"
    HOLD = "hold"
    LIFT_HOLD = "lift_hold"
    PROPOSE_DESTRUCTION = "propose_destruction"
    CONFIRM_DESTRUCTION = "confirm_destruction"
    ROTATE_KEYS = "rotate_keys"
    CHECK_FRAMEWORK = "check_framework"


class Rule(NamedTuple):
    """The roles that make eligible for an action, and the places in the case that admit to it."""

    roles: frozenset[str]
    places: frozenset[str]


def _rule(roles: str, *places: str) -> Rule:
    return Rule(frozenset(roles.split()), frozenset(places))


# The roles with which a person weighs.
WEIGHING_ROLES = frozenset({"assessor", "decider"})
# The roles of those before whom the channel card stands.
CARD_ROLES = WEIGHING_ROLES | {"cmt"}
_WEIGHER, _KEEPER = "assessor decider", "dossier_keeper"
_MEMBER = "assessor decider cmt"
_ANY = PLACES
# Everyone but who is involved: the card stands before them all.
_ON_CARD = (HOLDER, RECEIVER, FORMER, OUTSIDE)

PERMITTED: Mapping[Action, Rule] = MappingProxyType({
    Action.OPEN: _rule(_WEIGHER, OUTSIDE),
    Action.SEE_INPUT: _rule(_WEIGHER, HOLDER, INVOLVED),
    Action.ANSWER: _rule(_WEIGHER, HOLDER),
    Action.SKIP: _rule(_WEIGHER, HOLDER),
    Action.BACK: _rule(_WEIGHER, HOLDER),
    Action.CHANGE: _rule(_WEIGHER, HOLDER),
    # A slip of the finger in the question of involvement; the transcript shows it.
    Action.CORRECT: _rule(_WEIGHER, HOLDER, INVOLVED),
    Action.SEE_ADVICE: _rule(_WEIGHER, HOLDER),
    Action.DEVIATE: _rule(_WEIGHER, HOLDER),
    Action.SUBJECT: _rule(_WEIGHER, HOLDER),
    Action.PREVIEW: _rule(_WEIGHER, HOLDER),
    Action.POST: _rule(_WEIGHER, HOLDER),
    Action.PAUSE: _rule(_WEIGHER, HOLDER, INVOLVED),
    Action.FINISH: _rule(_WEIGHER, HOLDER),
    # Who is involved would bury the case by breaking it off.
    Action.STOP: _rule(_WEIGHER, HOLDER),
    # An exercise, of which nothing is kept.
    Action.DISCARD: _rule(_WEIGHER, HOLDER, INVOLVED),
    Action.OFFER: _rule(_WEIGHER, HOLDER, INVOLVED),
    Action.SEE_OFFER: _rule(_WEIGHER, RECEIVER),
    Action.END_OFFER: _rule(_WEIGHER, HOLDER, INVOLVED, RECEIVER),
    # To someone who stays silent, when who has the case cannot take it back.
    Action.END_OFFER_FOR: _rule("decider", OUTSIDE),
    Action.ACCEPT: _rule(_WEIGHER, RECEIVER),
    Action.WITHDRAW_CARD: _rule(_WEIGHER, HOLDER),
    Action.SEE_CARD: _rule(_MEMBER, *_ON_CARD),
    Action.DECIDE: _rule(_MEMBER, *_ON_CARD),
    # Also on steps that may not be in the channel.
    Action.DECIDE_ALL: _rule("decider", HOLDER),
    Action.DISSENT: _rule(_MEMBER, *_ON_CARD),
    Action.RECUSE: _rule(_MEMBER, *_ON_CARD),
    Action.MEET_TERM: _rule(_WEIGHER, HOLDER),
    # Of a term on the card, by a decider who was reminded of it.
    Action.MEET_TERM_FOR: _rule("decider", RECEIVER, FORMER, OUTSIDE),
    Action.WORDS: _rule(_WEIGHER, HOLDER),
    # An assessor who is ill hands nothing over; whoever handed it over before may not take it back so.
    Action.RELIEVE: _rule("decider", OUTSIDE),
    Action.REOPEN: _rule(_WEIGHER, HOLDER),
    Action.REOPEN_FOR: _rule("decider", OUTSIDE),
    Action.CONFIRM: _rule(BOT.role, OUTBOX),
    # Numbers, dates and where cases stand; never content.
    Action.LIST: _rule("dossier_keeper administrator auditor", *_ANY),
    # Who had a part in a case does not keep it.
    Action.READ: _rule(_KEEPER, OUTSIDE),
    Action.EXPORT: _rule(_KEEPER, OUTSIDE),
    Action.VERIFY: _rule("dossier_keeper auditor", *_ANY),
    Action.HOLD: _rule(_KEEPER, OUTSIDE),
    Action.LIFT_HOLD: _rule(_KEEPER, OUTSIDE),
    Action.PROPOSE_DESTRUCTION: _rule(_KEEPER, OUTSIDE),
    Action.CONFIRM_DESTRUCTION: _rule(_KEEPER, OUTSIDE),
    Action.ROTATE_KEYS: _rule("administrator", *_ANY),
    Action.CHECK_FRAMEWORK: _rule("framework_owner", *_ANY),
})

# What concerns a case after it was weighed; nothing of it is a command to the case itself.
KEEPING = frozenset({
    Action.LIST,
    Action.READ,
    Action.EXPORT,
    Action.VERIFY,
    Action.HOLD,
    Action.LIFT_HOLD,
    Action.PROPOSE_DESTRUCTION,
    Action.CONFIRM_DESTRUCTION,
    Action.ROTATE_KEYS,
    Action.CHECK_FRAMEWORK,
})


_ACTIONS: Mapping[type[do.Command], Action] = MappingProxyType({
    do.OpenCase: Action.OPEN,
    do.GiveAnswer: Action.ANSWER,
    do.SkipQuestion: Action.SKIP,
    do.GoBack: Action.BACK,
    do.ChangeAnswer: Action.CHANGE,
    do.ShowAgain: Action.SEE_INPUT,
    do.Deviate: Action.DEVIATE,
    do.ChooseSubject: Action.SUBJECT,
    do.PreviewCard: Action.PREVIEW,
    do.PostCard: Action.POST,
    do.ConfirmPosted: Action.CONFIRM,
    do.ConfirmRefused: Action.CONFIRM,
    do.ConfirmGone: Action.CONFIRM,
    do.OweReminder: Action.CONFIRM,
    do.WithdrawCard: Action.WITHDRAW_CARD,
    do.RecordDecision: Action.DECIDE,
    do.DecidePrivately: Action.DECIDE_ALL,
    do.Dissent: Action.DISSENT,
    do.SayInvolved: Action.RECUSE,
    do.MeetTerm: Action.MEET_TERM,
    do.KeepWords: Action.WORDS,
    do.RelieveCase: Action.RELIEVE,
    do.ReopenCase: Action.REOPEN,
    do.OfferCase: Action.OFFER,
    do.EndOffer: Action.END_OFFER,
    do.AcceptCase: Action.ACCEPT,
    do.PauseCase: Action.PAUSE,
    do.FinishCase: Action.FINISH,
    do.StopCase: Action.STOP,
})


# --- who has which place ---------------------------------------------------------------


class Parts(NamedTuple):
    """Who has or had a part in a case, by Entra object id."""

    holder: str = ""
    receiver: str = ""
    former: frozenset[str] = frozenset()
    involved: frozenset[str] = frozenset()


def parts_of(case: Case, framework: CompiledFramework) -> Parts:
    """Give who has or had a part in this case; a holder who said to be involved is among the involved."""
    holder = case.assessor.id if case.assessor else ""
    receiver = case.offered_to.id if case.offered_to else ""
    involved = case.involved | ({holder} if holder and is_involved(case, framework) else frozenset())
    return Parts(holder, receiver, case.former, involved)


def place_of(parts: Parts, person: str) -> str:
    """Give what a person is in a case."""
    if person == BOT.id:
        return OUTBOX
    if person == parts.holder:
        return INVOLVED if person in parts.involved else HOLDER
    if person == parts.receiver and person not in parts.involved:
        return RECEIVER
    if person in parts.involved:
        return RECUSED
    return FORMER if person in parts.former else OUTSIDE


# --- the questions that are asked of the table -----------------------------------------


def may(action: Action, roles: Collection[str], place: str = OUTSIDE) -> bool:
    """Tell whether someone with these roles and this place in the case may do this."""
    rule = PERMITTED[action]
    return place in rule.places and not rule.roles.isdisjoint(roles)


def may_confirm(action: Action, roles: Collection[str], parts: Parts, proposer: str, person: str) -> bool:
    """Tell whether this person may be the second of two: permitted, and another than who proposed it."""
    return person != proposer and bool(proposer) and may(action, roles, place_of(parts, person))


def check_permitted(case: Case, action: Action, setting: Setting) -> None:
    """Raise NotPermitted, or ConflictOfInterest for who said to be involved, unless the table permits it."""
    place = place_of(parts_of(case, setting.framework), setting.actor.id)
    if not may(action, (setting.actor.role,), place):
        raise ConflictOfInterest if place in (INVOLVED, RECUSED) else NotPermitted


def action_of(command: do.Command, framework: CompiledFramework) -> Action:
    """Give the action that a command is; about the question of involvement it is a correction."""
    match command:
        case do.GiveAnswer(question=question) | do.SkipQuestion(question=question) | do.ChangeAnswer(question=question):
            if question == framework.framework.conflict_of_interest.question:
                return Action.CORRECT
        case do.MeetTerm(of_others=True):
            return Action.MEET_TERM_FOR
        case do.EndOffer(of_others=True):
            return Action.END_OFFER_FOR
        case do.ReopenCase(of_others=True):
            return Action.REOPEN_FOR
    return _ACTIONS[type(command)]
