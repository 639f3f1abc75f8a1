"""The bot's own adapter on the SDK's `BotAdapter`.

Not CloudAdapter: it serialises the answer to an Action.Execute twice, so that every one becomes HTTP 500
(stack.md, trap 1); without an app id it takes any request and calls any address (trap 5); and it builds a
client, a configuration and a connection for every reply (trap 6). What remains of an adapter without these
is small: run the pipeline, hand activities to the one client. See `docs/decisions/0002-own-adapter-over-botadapter.md`.
"""

from dataclasses import dataclass
from typing import Any

from botbuilder.core import BotAdapter, TurnContext
from botbuilder.schema import Activity, ConversationReference, ResourceResponse

from bot.ports import ChatReference
from bot.teams.connector import path_of
from bot.teams.handler import ANSWER, OUTCOME, TeamsHandler
from bot.teams.incoming import to_activity
from bot.teams.speaking import TeamsChannel
from dialogs.values import Outgoing

_INVOKE_RESPONSE = "invokeResponse"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the HTTP request is answered with; the outcome is for the metrics."""

    status: int
    body: Any
    outcome: str


class WeegwijzerAdapter(BotAdapter):
    """Runs one activity through the SDK's pipeline to the handler; speaks through the pooled client."""

    def __init__(self, channel: TeamsChannel, handler: TeamsHandler) -> None:
        super().__init__()
        self._channel = channel
        self._handler = handler

    async def process(self, clean: dict[str, Any]) -> Answer:
        """Take the turn of an activity that passed the gate, and give the answer to its request."""
        activity = to_activity(clean)
        context = TurnContext(self, activity)
        await self.run_pipeline(context, self._handler.on_turn)
        outcome = context.turn_state.get(OUTCOME, "ignored")
        said = context.turn_state.get(ANSWER)
        if said is not None:
            return Answer(said.status, said.body, outcome)
        return Answer(503 if outcome == "unsaid" else 200, None, outcome)

    async def say(self, chat: ChatReference, outgoing: Outgoing) -> None:
        """Send a message of ours; the SDK's context would first make, copy and address an activity (4% of a turn)."""
        await self._channel.send_to(chat, outgoing)

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        """Send activities to where their conversation is; the answer to an invoke is kept for its request."""
        responses = []
        for activity in activities:
            if activity.type == _INVOKE_RESPONSE:
                context.turn_state[ANSWER] = activity.value
                responses.append(ResourceResponse(id=""))
            else:
                said = await self._channel.say(_chat_of(activity), to_wire(activity))
                responses.append(ResourceResponse(id=said))
        return responses

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        """Replace an activity that was sent before."""
        path = path_of("conversations", activity.conversation.id, "activities", activity.id)
        await self._channel.connector.put(activity.service_url, path, {**to_wire(activity), "id": activity.id})
        return ResourceResponse(id=activity.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        """Refuse: the bot takes nothing back."""
        raise NotImplementedError


def to_wire(activity: Activity) -> dict[str, Any]:
    """Give an activity as JSON: what our messages have, without the SDK's slow way through its models."""
    fields = {
        "type": activity.type,
        "summary": activity.summary,
        "text": activity.text,
        "textFormat": activity.text_format,
    }
    wire: dict[str, Any] = {key: value for key, value in fields.items() if value is not None}
    if activity.attachments:
        wire["attachments"] = [
            {"contentType": attachment.content_type, "content": attachment.content}
            for attachment in activity.attachments
        ]
    return wire


def _chat_of(activity: Activity) -> ChatReference:
    return ChatReference(
        service_url=activity.service_url,
        conversation=activity.conversation.id,
        user_id=activity.recipient.id,
        bot_id=activity.from_property.id,
        tenant="",
    )
