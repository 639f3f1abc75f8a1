"""Activities to turns and replies to activities: the door of the desk, where every failure ends."""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Any

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler

from bot.errors import ChannelUnavailable, PostRefused
from bot.ports import ChatReference, Desk, Place, Reply
from bot.teams.incoming import CARD_ACTION, to_chat, to_turn
from bot.teams.speaking import CARD_TYPE
from dialogs.values import Card, Outgoing

_log = logging.getLogger(__name__)

# Kept in the context: how the turn ended, and how its press is answered.
OUTCOME, ANSWER = "weegwijzer.outcome", "weegwijzer.answer"
ANSWERED, NOT_STORED, UNSAID, FAILED = "answered", "not_stored", "unsaid", "failed"

_MESSAGE_TYPE = "application/vnd.microsoft.activity.message"
# Teams shows an error for an empty answer to a press; this is for one that was answered before.
_NOTHING_TO_SAY = "OK"
_WELCOME_ONCE_IN = 600.0
_REMEMBERED = 5_000


class TeamsHandler(TeamsActivityHandler):
    """Turns messages, presses and installations into turns; anything else has no effect."""

    def __init__(self, desk: Desk, apology: Callable[[str, str], str], clock: Callable[[], float] = monotonic) -> None:
        """Take what says sorry in the language of a locale, with a reference number for the log."""
        self._desk = desk
        self._apology = apology
        self._clock = clock
        self._welcomed: OrderedDict[str, float] = OrderedDict()

    async def on_turn(self, turn_context: TurnContext) -> None:
        """Take a turn; nothing that happens in it leaves here as an exception."""
        try:
            await super().on_turn(turn_context)
        except Exception as error:
            await self._apologise(turn_context, error)

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Take what was typed, or pressed with Action.Submit."""
        await self._converse(turn_context)

    async def on_invoke_activity(self, turn_context: TurnContext) -> None:
        """Take a press with Action.Execute; every other invoke is answered without effect."""
        # The SDK's own way ends in 501 for the unknown and in 500 for odd values (stack.md, trap 4).
        if turn_context.activity.name != CARD_ACTION:
            _respond(turn_context, 200)
            return
        reply = await self._converse(turn_context)
        if turn_context.turn_state[OUTCOME] == UNSAID:
            _respond(turn_context, 503)
        else:
            _respond(turn_context, 200, _invoke_body(reply))

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """Welcome who added the bot to a private chat."""
        if turn_context.activity.action == "add":
            await self._welcome(turn_context)
        elif turn_context.activity.action == "remove":
            self._welcomed.pop(turn_context.activity.conversation.id, None)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """Welcome, when the bot itself was added; the SDK would ask Teams for every member (trap 7)."""
        bot = turn_context.activity.recipient.id
        if any(member.id == bot for member in turn_context.activity.members_added):
            await self._welcome(turn_context)
        elif any(member.id == bot for member in turn_context.activity.members_removed):
            self._welcomed.pop(turn_context.activity.conversation.id, None)

    async def _welcome(self, context: TurnContext) -> None:
        """Say welcome once: Teams tells of one installation in two activities."""
        if context.activity.conversation.conversation_type != Place.PERSONAL:
            return
        chat, now = context.activity.conversation.id, self._clock()
        if now - self._welcomed.get(chat, float("-inf")) < _WELCOME_ONCE_IN:
            return
        # Before the turn, because the second activity may come while the first is taken.
        self._welcomed[chat] = now
        if len(self._welcomed) > _REMEMBERED:
            self._welcomed.popitem(last=False)
        await self._converse(context, welcome=True)
        if context.turn_state[OUTCOME] != ANSWERED:
            self._welcomed.pop(chat, None)

    async def _converse(self, context: TurnContext, *, welcome: bool = False) -> Reply:
        turn = to_turn(context.activity, welcome=welcome)
        reply = await self._desk.take_turn(turn)
        outcome = ANSWERED
        # A press in a channel or group is answered to who pressed, not before everyone.
        if not (turn.is_invoke and turn.place is not Place.PERSONAL):
            outcome = await _say(context, turn.chat, reply)
        if outcome == UNSAID:
            self._desk.not_said(turn)
        context.turn_state[OUTCOME] = outcome if reply.stored else _not_stored(outcome, reply)
        return reply

    async def _apologise(self, context: TurnContext, error: Exception) -> None:
        """Give the person a reference number, and the log the same with where it went wrong."""
        reference = secrets.token_hex(4)
        _log.error("turn_failed", extra={"reference": reference}, exc_info=error)
        context.turn_state[OUTCOME] = FAILED
        sorry = Outgoing(reference, text=self._apology(context.activity.locale or "nl", reference))
        if context.activity.type == "invoke":
            _respond(context, 200, _invoke_body(Reply((sorry,))))
        elif await _say(context, to_chat(context.activity), Reply((sorry,))) != ANSWERED:
            context.turn_state[OUTCOME] = UNSAID


def _respond(context: TurnContext, status: int, body: dict[str, Any] | None = None) -> None:
    """Say how a press is answered; it is the answer to its request."""
    context.turn_state[ANSWER] = InvokeResponse(status=status, body=body)


def _not_stored(outcome: str, reply: Reply) -> str:
    """Tell whether the person heard that nothing was kept; only when not may Teams deliver it again.

    A second delivery could be stored, and then they would have been told an untruth.
    """
    return NOT_STORED if outcome == ANSWERED and reply.messages else UNSAID


async def _say(context: TurnContext, chat: ChatReference, reply: Reply) -> str:
    """Send the messages of a reply; Teams is asked to deliver again only where that can help."""
    try:
        for message in reply.messages:
            await context.adapter.say(chat, message)
    except ChannelUnavailable:
        _log.error("reply_not_sent")
        return UNSAID
    except PostRefused as refusal:
        _log.error("reply_refused", extra={"status": refusal.status})
    return ANSWERED


def _invoke_body(reply: Reply) -> dict[str, Any]:
    """Give the body that answers an Execute: the card that replaces the pressed one, or words."""
    if reply.replace is not None:
        return _body(CARD_TYPE, reply.replace)
    texts = [message.text or message.summary for message in reply.messages]
    return _body(_MESSAGE_TYPE, texts[-1] if texts else _NOTHING_TO_SAY)


def _body(kind: str, value: Card | str) -> dict[str, Any]:
    return {"statusCode": 200, "type": kind, "value": value}
