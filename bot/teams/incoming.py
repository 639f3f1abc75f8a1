"""Activities in: what the gate let through becomes the SDK's activity, and that becomes a turn."""

import secrets
from collections.abc import Mapping
from typing import Any

from botbuilder.schema import Activity, ChannelAccount, ConversationAccount

from bot.ports import ChatReference, Place, Sender, Turn
from dialogs.values import Incoming

CARD_ACTION = "adaptiveCard/action"

_PLACES = {"personal": Place.PERSONAL, "channel": Place.CHANNEL}
# More than any card of ours can carry; what is longer was not pressed on one.
_LIMITS = {"verb": 32, "handle": 128, "answer": 20_000, "note": 20_000}
# A press of nothing we know. It still has a verb, so that it is never taken for a typed answer.
_UNREADABLE = ""
# A form has two inputs for each step of the framework, and a few more.
_MOST_FIELDS, _LONGEST_NAME, _LONGEST_FIELD = 200, 64, 20_000


def to_activity(clean: Mapping[str, Any]) -> Activity:
    """Give the SDK's activity; built by hand, since its own reader is fifty times slower."""
    return Activity(
        type=clean["type"],
        id=clean["id"] or secrets.token_hex(16),
        channel_id=clean["channelId"],
        service_url=clean["serviceUrl"],
        from_property=_to_account(clean["from"]),
        recipient=_to_account(clean["recipient"]),
        conversation=ConversationAccount(
            id=clean["conversation"]["id"], conversation_type=clean["conversation"]["conversationType"]
        ),
        channel_data=clean["channelData"],
        members_added=[ChannelAccount(id=member["id"]) for member in clean["membersAdded"]],
        members_removed=[ChannelAccount(id=member["id"]) for member in clean["membersRemoved"]],
        value=clean["value"],
        text=clean["text"],
        name=clean["name"],
        locale=clean["locale"],
        reply_to_id=clean["replyToId"],
        action=clean["action"],
    )


def to_turn(activity: Activity, *, welcome: bool = False) -> Turn:
    """Give the turn that an activity is; odd values in it become a press of nothing, never an exception."""
    sender = Sender(
        # Trustworthy because the token proves that Teams wrote it; without one nobody is admitted.
        object_id=(activity.from_property.aad_object_id or "").lower(),
        user_id=activity.from_property.id,
        # conversation.tenant_id is always None in the SDK (stack.md, trap 3).
        tenant=activity.channel_data["tenant"]["id"].lower(),
    )
    return Turn(
        activity_id=activity.id,
        sender=sender,
        # What Teams does not call a private chat is none.
        place=_PLACES.get(activity.conversation.conversation_type, Place.GROUP),
        chat=to_chat(activity),
        incoming=Incoming(locale=activity.locale or "nl") if welcome else _incoming(activity),
        is_invoke=activity.type == "invoke",
        welcome=welcome,
    )


def to_chat(activity: Activity) -> ChatReference:
    """Give where to speak to the sender of an activity."""
    return ChatReference(
        service_url=activity.service_url,
        conversation=activity.conversation.id,
        user_id=activity.from_property.id,
        bot_id=activity.recipient.id,
        tenant=activity.channel_data["tenant"]["id"].lower(),
    )


def _to_account(account: Mapping[str, Any]) -> ChannelAccount:
    return ChannelAccount(id=account["id"], aad_object_id=account["aadObjectId"])


def _incoming(activity: Activity) -> Incoming:
    locale = activity.locale or "nl"
    if activity.type == "invoke":
        return _press(_action_data(activity.value), locale)
    if activity.value is not None:
        return _press(activity.value, locale)
    return Incoming(text=activity.text or "", locale=locale)


def _action_data(value: Any) -> Any:
    """Give the data of an Execute; its own verb does not count, `data.verb` does, as with a Submit."""
    action = value.get("action") if isinstance(value, dict) else None
    return action.get("data") if isinstance(action, dict) else None


def _press(data: Any, locale: str) -> Incoming:
    if not isinstance(data, dict):
        return Incoming(verb=_UNREADABLE, locale=locale)
    fields: dict[str, Any] = {key: data.get(key) for key in _LIMITS}
    for key, value in fields.items():
        if value is not None and (not isinstance(value, str) or len(value) > _LIMITS[key]):
            return Incoming(verb=_UNREADABLE, locale=locale)
    if fields["verb"] is None:
        return Incoming(verb=_UNREADABLE, locale=locale)
    return Incoming(locale=locale, fields=_further(data), **fields)


def _further(data: dict[Any, Any]) -> dict[str, str]:
    """Give the further inputs of a form; what no form of ours sends is left out."""
    given = [(key, value) for key, value in data.items() if key not in _LIMITS and isinstance(value, str)]
    return {key: value for key, value in given[:_MOST_FIELDS] if _is_field(key, value)}


def _is_field(key: str, value: str) -> bool:
    return len(key) <= _LONGEST_NAME and len(value) <= _LONGEST_FIELD
