"""The Teams port: messages to activities, and where they go."""

from typing import Any

from bot.errors import ChannelUnavailable, PostRefused
from bot.ports import ChatReference, PostedActivity
from bot.teams.connector import Connector, path_of
from dialogs.values import Outgoing

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
_THREAD = ";messageid="


def to_message(outgoing: Outgoing) -> dict[str, Any]:
    """Give an activity; a notification shows its summary, and the text when there is no card."""
    message: dict[str, Any] = {"type": "message", "summary": outgoing.summary}
    if outgoing.card is None:
        # Plain: what looks like markup in a text is shown, not obeyed.
        return {**message, "text": outgoing.text or outgoing.summary, "textFormat": "plain"}
    return {**message, "attachments": [{"contentType": CARD_TYPE, "content": outgoing.card}]}


class TeamsChannel:
    """Speaks outside a turn: in the CMT channel and in private chats."""

    def __init__(self, connector: Connector, team_id: str, channel_id: str) -> None:
        self.connector = connector
        self._team = team_id
        self._channel = channel_id

    async def post_in_channel(self, outgoing: Outgoing, like: ChatReference) -> PostedActivity:
        """Start a new thread in the CMT channel (same service and tenant as `like`) and give where it stands."""
        body = {
            "isGroup": True,
            "bot": {"id": like.bot_id},
            "activity": to_message(outgoing),
            "channelData": {"channel": {"id": self._channel}, "tenant": {"id": like.tenant}},
        }
        answer = await self.connector.post_once(like.service_url, path_of("conversations"), body)
        conversation = _id_in(answer, "id")
        activity = answer.get("activityId") or conversation.partition(_THREAD)[2]
        if not isinstance(activity, str) or not activity:
            raise ChannelUnavailable(None, may_have_arrived=True)
        if _THREAD not in conversation:
            conversation = f"{conversation}{_THREAD}{activity}"
        return PostedActivity(like.service_url, conversation, activity)

    async def update(self, posted: PostedActivity, outgoing: Outgoing) -> None:
        """Replace the content of a message that was posted before."""
        path = path_of("conversations", posted.conversation, "activities", posted.activity)
        body = {**to_message(outgoing), "id": posted.activity, "conversation": {"id": posted.conversation}}
        await self.connector.put(posted.service_url, path, body)

    async def delete(self, posted: PostedActivity) -> None:
        """Delete a message that was posted before."""
        path = path_of("conversations", posted.conversation, "activities", posted.activity)
        await self.connector.delete(posted.service_url, path)

    async def send_to(self, chat: ChatReference, outgoing: Outgoing) -> None:
        """Send a message in an existing private chat."""
        await self.say(chat, to_message(outgoing))

    async def say(self, chat: ChatReference, message: dict[str, Any]) -> str:
        """Send an activity in a chat and give its id, empty when Teams gave none."""
        body = {
            **message,
            "from": {"id": chat.bot_id},
            "recipient": {"id": chat.user_id},
            "conversation": {"id": chat.conversation},
        }
        answer = await self.connector.send(
            chat.service_url, path_of("conversations", chat.conversation, "activities"), body
        )
        activity = answer.get("id") if isinstance(answer, dict) else None
        return activity if isinstance(activity, str) else ""

    async def open_chat(self, object_id: str, like: ChatReference) -> ChatReference:
        """Give a private chat with a person that the bot did not talk to yet (same tenant as `like`)."""
        user_id = await self._user_id(object_id, like.service_url)
        body = {
            "isGroup": False,
            "bot": {"id": like.bot_id},
            "members": [{"id": user_id}],
            "tenantId": like.tenant,
            "channelData": {"tenant": {"id": like.tenant}},
        }
        # Opening a chat that exists gives the same one: it may be repeated.
        answer = await self.connector.send(like.service_url, path_of("conversations"), body)
        return ChatReference(like.service_url, _id_in(answer, "id"), user_id, like.bot_id, like.tenant)

    async def _user_id(self, object_id: str, service_url: str) -> str:
        """Give Teams' own id of a member of the team; the Entra id is taken too, but not by the Playground."""
        path = path_of("conversations", self._team, "pagedmembers") + "?pageSize=500"
        try:
            page = await self.connector.get(service_url, path)
        except PostRefused:
            return object_id
        for member in _members(page):
            if str(member.get("aadObjectId") or member.get("objectId")).lower() == object_id.lower():
                return _id_in(member, "id")
        return object_id


def _members(page: Any) -> list[dict[str, Any]]:
    members = page.get("members") if isinstance(page, dict) else None
    return [member for member in members if isinstance(member, dict)] if isinstance(members, list) else []


def _id_in(answer: Any, key: str) -> str:
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, str) or not found:
        raise ChannelUnavailable(None, may_have_arrived=True)
    return found
