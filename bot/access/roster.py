"""Membership of the CMT channel as Teams knows it now; what cannot be found out lets nobody in.

The team is asked by its own id. The SDK's helper ignores the team that it is given and asks the current
chat instead, where everyone is a member (threat model F2).
"""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from bot.errors import AccessUnknown, ChannelUnavailable, NoAccess, PostRefused
from bot.ports import ChatReference, Sender
from bot.setting_values import is_loopback

_MEMBER_FOR = 60.0
_STRANGER_FOR = 5.0
_CHANNELS_FOR = 3600.0  # a channel keeps its kind for life
_REMEMBERED = 5_000
_NOT_FOUND = 404
_NO_LIST = (404, 405)
_OWN_ROSTER = frozenset({"private", "shared"})
_INSIDERS = frozenset({"user", "owner", "member", "admin"})


class Connector(Protocol):
    """Where Teams is asked; raises ChannelUnavailable or PostRefused."""

    async def get(self, service_url: str, path: str) -> Any:
        """Give the JSON at a path of the Connector API."""
        ...


class Roster:
    """Asks Teams who is a member; a yes is kept for 60 seconds at most, a no for a few."""

    def __init__(
        self, connector: Connector, team_id: str, channel_id: str, clock: Callable[[], float] = monotonic
    ) -> None:
        self._connector = connector
        self._team = team_id
        self._channel = channel_id
        self._clock = clock
        self._known: OrderedDict[tuple[str, str, str], tuple[float, bool]] = OrderedDict()
        self._place: tuple[float, str] | None = None

    async def require_member(self, sender: Sender, chat: ChatReference) -> None:
        """Return when the sender is a member now; raises NoAccess, or AccessUnknown when Teams does not say."""
        key = (sender.object_id, sender.user_id, sender.tenant)
        # The moment before asking counts: an answer is as old as its question.
        now = self._clock()
        known = self._known.get(key)
        if known is None or now >= known[0]:
            is_member = await self._ask(sender, chat)
            known = (now + (_MEMBER_FOR if is_member else _STRANGER_FOR), is_member)
            self._remember(key, known)
        if not known[1]:
            raise NoAccess

    def _remember(self, key: tuple[str, str, str], known: tuple[float, bool]) -> None:
        self._known[key] = known
        self._known.move_to_end(key)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    async def _ask(self, sender: Sender, chat: ChatReference) -> bool:
        try:
            holder = await self._roster_holder(chat)
            path = f"v3/conversations/{quote(holder, safe='')}/members/{quote(sender.user_id, safe='')}"
            member = await self._connector.get(chat.service_url, path)
        except PostRefused as refusal:
            if refusal.status == _NOT_FOUND:
                return False
            raise AccessUnknown from None
        except ChannelUnavailable:
            raise AccessUnknown from None
        return _is_insider(member, sender)

    async def _roster_holder(self, chat: ChatReference) -> str:
        """Give whose members count: the channel's own when it is private or shared, else the team's."""
        now = self._clock()
        if self._place is None or now >= self._place[0]:
            channels = await self._channels(chat)
            # Without a list nothing is known for life: it is asked for again.
            kept_for = _MEMBER_FOR if channels is None else _CHANNELS_FOR
            kind = "standard" if channels is None else _channel_kind(channels, self._channel)
            self._place = (now + kept_for, self._channel if kind in _OWN_ROSTER else self._team)
        return self._place[1]

    async def _channels(self, chat: ChatReference) -> Any:
        """Give Teams' list of the team's channels, or None from a service that has no such list."""
        path = f"v3/teams/{quote(self._team, safe='')}/conversations"
        try:
            return await self._connector.get(chat.service_url, path) or {}
        except PostRefused as refusal:
            if refusal.status in _NO_LIST and is_loopback(urlsplit(chat.service_url).netloc):
                # A client on this machine without such a list, as the Playground, has no private channels.
                return None
            raise AccessUnknown from None
        except ChannelUnavailable:
            raise AccessUnknown from None


def _channel_kind(answer: Any, channel: str) -> str:
    channels = answer.get("conversations") if isinstance(answer, dict) else None
    for entry in channels if isinstance(channels, list) else ():
        if isinstance(entry, dict) and entry.get("id") == channel:
            kind = entry.get("channelType") or entry.get("type") or "standard"
            return str(kind).lower()
    if not isinstance(channels, list):
        raise AccessUnknown
    # Standard channels are always listed, so one that is not has a roster of its own.
    return "private"


def _is_insider(member: Any, sender: Sender) -> bool:
    """Tell whether Teams' answer is about this person, of this tenant and no guest."""
    if not isinstance(member, dict):
        raise AccessUnknown
    object_id = _word(member, "aadObjectId") or _word(member, "objectId")
    tenant, role = _word(member, "tenantId"), _word(member, "userRole")
    if not (object_id and tenant and role):
        raise AccessUnknown
    is_same = object_id == sender.object_id.lower() and tenant == sender.tenant.lower()
    return is_same and role in _INSIDERS


def _word(member: dict[str, Any], key: str) -> str:
    value = member.get(key)
    return value.lower() if isinstance(value, str) else ""
