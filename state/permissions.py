"""Who may do what in a case, in one table; decided in `decide` and nowhere else."""

from collections.abc import Mapping
from types import MappingProxyType

from state import commands as do
from state.case import Case
from state.errors import NotPermitted
from state.events import BOT, Actor

HOLDER = "holder"
RECEIVER = "receiver"
OUTBOX = "bot"
ANYONE = "anyone"

# The roles with which a person may talk to the bot at all.
CHAT_ROLES = frozenset({"assessor", "decider"})

PERMITTED: Mapping[type[do.Command], frozenset[str]] = MappingProxyType(
    {
        do.OpenCase: frozenset({ANYONE}),
        do.GiveAnswer: frozenset({HOLDER}),
        do.SkipQuestion: frozenset({HOLDER}),
        do.GoBack: frozenset({HOLDER}),
        do.ChangeAnswer: frozenset({HOLDER}),
        do.ShowAgain: frozenset({HOLDER}),
        do.Deviate: frozenset({HOLDER}),
        do.ChooseSubject: frozenset({HOLDER}),
        do.PreviewCard: frozenset({HOLDER}),
        do.PostCard: frozenset({HOLDER}),
        do.ConfirmPosted: frozenset({OUTBOX}),
        do.ConfirmRefused: frozenset({OUTBOX}),
        do.OfferCase: frozenset({HOLDER}),
        do.EndOffer: frozenset({HOLDER, RECEIVER}),
        do.AcceptCase: frozenset({RECEIVER}),
        do.PauseCase: frozenset({HOLDER}),
        do.FinishCase: frozenset({HOLDER}),
        do.StopCase: frozenset({HOLDER}),
    }
)


def place_in(case: Case, actor: Actor) -> str | None:
    """Give what this actor is in the case: holder, receiver, bot, or None."""
    if actor.id == BOT.id:
        return OUTBOX
    if case.offered_to is not None and case.offered_to.id == actor.id:
        return RECEIVER
    if case.assessor is not None and case.assessor.id == actor.id:
        return HOLDER
    return None


def check_permitted(case: Case, command: do.Command, actor: Actor) -> None:
    """Raise NotPermitted unless the table lets this actor do this in this case."""
    allowed = PERMITTED[type(command)]
    if ANYONE in allowed and actor.role in CHAT_ROLES:
        return
    if place_in(case, actor) not in allowed:
        raise NotPermitted
