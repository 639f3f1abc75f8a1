"""A running bot with a Teams that was written by hand: people press and type, and read what comes back."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from bot.app import running
from bot.clock import Clock
from bot.settings import read_settings
from tests.bot.fakes_teams import FakeTeams, fake_teams

TENANT = "11111111-1111-4111-8111-111111111111"
BOT = "22222222-2222-4222-8222-222222222222"
PEOPLE = {f"user-id-{n}": f"33333333-3333-4333-8333-33333333333{n}" for n in range(6)}


@dataclass
class Room:
    """The bot, the Teams around it, and what was delivered to the bot."""

    teams: FakeTeams
    address: str
    session: aiohttp.ClientSession
    delivered: list[dict[str, Any]] = field(default_factory=list)

    async def deliver(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Post an activity and give status and body of the answer."""
        self.delivered.append(dict(body))
        async with self.session.post(f"{self.address}/api/messages", json=body) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None

    def activity(self, user: str, **more: Any) -> dict[str, Any]:
        """Give what Teams would send from a person's private chat."""
        return {
            "type": "message",
            "id": str(uuid4()),
            "channelId": "msteams",
            "serviceUrl": self.teams.url,
            "locale": "nl-NL",
            "from": {"id": user, "aadObjectId": PEOPLE[user], "name": "x"},
            "recipient": {"id": BOT},
            "conversation": {"id": f"chat-{user}", "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            **more,
        }

    async def type(self, user: str, text: str) -> Any:
        """Type a text and give the last message of the bot to this person."""
        status, _ = await self.deliver(self.activity(user, text=text, textFormat="plain"))
        assert status < 300
        return self.last(user)

    async def press(self, user: str, card: Mapping[str, Any], verb: str, **data: Any) -> Any:
        """Press a button of a card as Action.Execute; give the answer and the bot's last message."""
        action = {"type": "Action.Execute", "verb": verb, "data": {**data_of(card, verb), **data}}
        body = self.activity(user, type="invoke", name="adaptiveCard/action", value={"action": action})
        status, answer = await self.deliver(body)
        assert status == 200, (status, answer)
        return answer

    def on_card(self, user: str, thread: str = "channel-cmt-id;messageid=17", **more: Any) -> dict[str, Any]:
        """Give what Teams would send from a card in the channel."""
        conversation = {"id": thread, "conversationType": "channel", "isGroup": True, "tenantId": TENANT}
        data = {"tenant": {"id": TENANT}, "team": {"id": "team-cmt-id"}, "channel": {"id": "channel-cmt-id"}}
        return self.activity(user, conversation=conversation, channelData=data, **more)

    async def press_card(self, user: str, card: Mapping[str, Any], verb: str, **data: Any) -> Any:
        """Press a button of the channel card as Action.Execute; give the card that comes in its place, or words."""
        action = {"type": "Action.Execute", "verb": verb, "data": {**data_of(card, verb), **data}}
        body = self.on_card(user, type="invoke", name="adaptiveCard/action", value={"action": action})
        status, answer = await self.deliver(body)
        assert status == 200, (status, answer)
        return answer["value"]

    def channel_cards(self) -> list[Any]:
        """Give every content that was put in the channel, the last being what stands there."""
        return [card_in(call.body) for call in self.teams.calls if call.method == "PUT"]

    async def channel_card(self, after: int = 0) -> Any:
        """Give the card that stands in the channel, once there are more than `after` contents."""
        return (await self.posted(after + 1))[-1]

    def said(self, user: str) -> list[dict[str, Any]]:
        """Give all that the bot said in a person's chat."""
        return [
            call.body
            for call in self.teams.calls
            if call.method == "POST" and f"/v3/conversations/chat-{user}/activities" in call.path
        ]

    def last(self, user: str) -> Any:
        """Give the card of the bot's last message, or its text."""
        message = self.said(user)[-1]
        return card_in(message) or message.get("text")

    async def posted(self, count: int = 1) -> list[Any]:
        """Give the contents put in the channel, once there are `count`."""
        for _ in range(200):
            cards = [card_in(call.body) for call in self.teams.calls if call.method == "PUT"]
            if len(cards) >= count:
                return cards
            await asyncio.sleep(0.02)
        raise AssertionError("the card was not posted")


def shown(part: Any) -> str:
    """Give all words of a card, as they are read."""
    return json.dumps(part, ensure_ascii=False)


def card_in(message: Mapping[str, Any]) -> Any:
    """Give the Adaptive Card of a message, or None."""
    attachments = message.get("attachments") or [{}]
    return attachments[0].get("content")


def actions_in(part: Any) -> list[dict[str, Any]]:
    """Give every action anywhere in a card."""
    found: list[dict[str, Any]] = []
    if isinstance(part, dict):
        if str(part.get("type", "")).startswith("Action."):
            found.append(part)
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            found += actions_in(one)
    return found


def data_of(card: Mapping[str, Any], verb: str) -> dict[str, Any]:
    """Give the data of a card's first action with this verb, without its answer."""
    for action in actions_in(card):
        data = action.get("data") or {}
        if data.get("verb") == verb:
            return {"verb": verb, "handle": data["handle"]}
    raise AssertionError(f"no button {verb!r} on this card")


def seat_everyone(teams: FakeTeams) -> None:
    """Make everyone a member of the team with the CMT channel."""
    for user, object_id in PEOPLE.items():
        teams.members[f"conversations/team-cmt-id/members/{user}"] = {
            "id": user,
            "aadObjectId": object_id,
            "tenantId": TENANT,
            "userRole": "user",
        }
    teams.channels = [{"id": "channel-cmt-id", "name": "CMT adviezen", "channelType": "standard"}]


@asynccontextmanager
async def room(data_dir: Path, port: int, clock: Clock | None = None) -> AsyncIterator[Room]:
    """Run the real bot in local mode beside a Teams of our own, at the real time or at that of a clock."""
    async with fake_teams() as teams:
        seat_everyone(teams)
        env = {
            "WEEGWIJZER_MODE": "local",
            "WEEGWIJZER_DATA_DIR": str(data_dir),
            "PORT": str(port),
        }
        async with running(read_settings(env, None), clock), aiohttp.ClientSession() as session:
            yield Room(teams, f"http://127.0.0.1:{port}", session)
