"""The gate in front of the SDK: what does not pass here reaches no SDK code and causes no outgoing call.

The order is token, form of the request, strict JSON, shape, tenant, service URL. Every refusal has a status
and a code for the metrics; its body is constant and repeats nothing of the request.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.teams.service_url import HostRefused, ServiceUrls
from bot.teams.strict_json import NotJson, read_json

MAX_BODY = 256 * 1024

# What has an effect at all; anything else is answered with 200 and forgotten. Edits and deletes of a
# message never change a recorded answer (threat model F22).
HANDLED = frozenset({"message", "invoke", "conversationUpdate", "installationUpdate"})
_AFTERTHOUGHTS = frozenset({"editMessage", "undeleteMessage", "softDeleteMessage"})
_DELIVERY = (None, "normal", "notification")

_CONTENT_TYPE = re.compile(r'application/json(\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)
# Ids become parts of addresses and keys: printable, without spaces, and never only dots.
_ID = re.compile(r"(?!\.+$)[!-~]{1,512}")


class Refused(Exception):
    """A request is turned away: with this HTTP status, and this code for the metrics."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Gate:
    """What an activity must meet; `tenants` is asked each time, because the access file may change."""

    tenants: Callable[[], frozenset[str]]
    service_urls: ServiceUrls

    def admit(self, body: bytes, claimed_url: str | None) -> dict[str, Any] | None:
        """Give the activity rebuilt from the fields we use, or None when it has no effect; raises Refused.

        `claimed_url` is the service URL of the verified token, None in local mode.
        """
        try:
            activity = read_json(body)
        except NotJson:
            raise Refused(400, "json") from None
        clean = _shape(activity)
        self._check_origin(clean, claimed_url)
        return clean if _has_effect(clean) else None

    def _check_origin(self, clean: Mapping[str, Any], claimed_url: str | None) -> None:
        if clean["channelId"] != "msteams":
            raise Refused(403, "channel")
        tenant = clean["channelData"]["tenant"]["id"].lower()
        named = clean["conversation"].get("tenantId")
        if tenant not in self.tenants() or (named is not None and named.lower() != tenant):
            raise Refused(403, "tenant")
        try:
            self.service_urls.check(clean["serviceUrl"])
        except HostRefused:
            raise Refused(403, "service_url") from None
        if claimed_url is not None and claimed_url != clean["serviceUrl"]:
            raise Refused(401, "service_url_claim")


def check_content(headers: Mapping[str, str], length: int | None) -> None:
    """Refuse a request by what it says of its body, before the body is read."""
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(400, "content_encoding")
    if not _CONTENT_TYPE.fullmatch(headers.get("Content-Type", "")):
        raise Refused(400, "content_type")
    if length is not None and length > MAX_BODY:
        raise Refused(413, "size")


def _has_effect(clean: Mapping[str, Any]) -> bool:
    return clean["type"] in HANDLED and clean["channelData"].get("eventType") not in _AFTERTHOUGHTS


# --- shape: hand-written, because only what we use is kept and a wrong type anywhere is refused ---


def _shape(activity: Any) -> dict[str, Any]:
    if not isinstance(activity, dict):
        raise Refused(400, "shape")
    kind = _text(activity, "type", limit=64)
    if activity.get("deliveryMode") not in _DELIVERY:
        raise Refused(400, "delivery_mode")
    clean = {
        "type": kind,
        "id": _id(activity, "id", required=kind in ("message", "invoke")),
        "channelId": _text(activity, "channelId", limit=64),
        "serviceUrl": _text(activity, "serviceUrl", limit=512),
        "from": _account(activity, "from"),
        "recipient": _account(activity, "recipient"),
        "conversation": _conversation(_object(activity, "conversation")),
        "channelData": _channel_data(_object(activity, "channelData")),
        "value": activity.get("value"),
        "membersAdded": _members(activity, "membersAdded"),
        "membersRemoved": _members(activity, "membersRemoved"),
    }
    for key, limit in _TEXTS.items():
        clean[key] = _text(activity, key, limit=limit, required=False)
    _check_unused(activity)
    return clean


_TEXTS = {"text": MAX_BODY, "name": 256, "locale": 64, "replyToId": 512, "action": 64}
_UNUSED_TEXTS = ("timestamp", "localTimestamp", "localTimezone", "textFormat", "summary", "importance")
_UNUSED_LISTS = ("entities", "attachments", "reactionsAdded", "reactionsRemoved")


def _check_unused(activity: Mapping[str, Any]) -> None:
    for key in _UNUSED_TEXTS:
        if not isinstance(activity.get(key, ""), str | None):
            raise Refused(400, "shape")
    for key in _UNUSED_LISTS:
        if not isinstance(activity.get(key, []), list | None):
            raise Refused(400, "shape")


def _conversation(conversation: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(conversation.get("isGroup", False), bool | None):
        raise Refused(400, "shape")
    return {
        "id": _id(conversation, "id"),
        "conversationType": _text(conversation, "conversationType", limit=64, required=False),
        "tenantId": _text(conversation, "tenantId", limit=128, required=False),
    }


def _channel_data(data: Mapping[str, Any]) -> dict[str, Any]:
    tenant = _object(data, "tenant")
    clean: dict[str, Any] = {
        "tenant": {"id": _text(tenant, "id", limit=128)},
        "eventType": _text(data, "eventType", limit=64, required=False),
    }
    for key in ("team", "channel"):
        if data.get(key) is not None:
            clean[key] = {"id": _id(_object(data, key), "id", required=False)}
    return clean


def _account(activity: Mapping[str, Any], key: str) -> dict[str, Any]:
    account = _object(activity, key)
    _text(account, "name", limit=1024, required=False)
    return {"id": _id(account, "id"), "aadObjectId": _text(account, "aadObjectId", limit=128, required=False)}


def _members(activity: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    members = activity.get(key)
    if members is None:
        return []
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        raise Refused(400, "shape")
    return [{"id": _id(member, "id")} for member in members]


def _object(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    if not isinstance(found, dict):
        raise Refused(400, "shape")
    return found


def _id(value: Mapping[str, Any], key: str, *, required: bool = True) -> str | None:
    found = _text(value, key, limit=512, required=required)
    if found is not None and not _ID.fullmatch(found):
        raise Refused(400, "shape")
    return found


def _text(value: Mapping[str, Any], key: str, *, limit: int, required: bool = True) -> Any:
    found = value.get(key)
    if found is None and not required:
        return None
    if not isinstance(found, str) or len(found) > limit or (required and not found):
        raise Refused(400, "shape")
    return found
