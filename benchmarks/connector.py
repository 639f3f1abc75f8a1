"""Teams as the bots see it, on loopback: takes their replies as real requests, and knows the team's members."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from urllib.parse import unquote

from benchmarks.wire import Answer, Service

TENANT = "11111111-1111-4111-8111-111111111111"
BOT = "28:bot"
TEAM, CHANNEL = "team-cmt-id", "channel-cmt-id"
_CREATED = 201


@dataclass
class Connector:
    """A Connector API; `people` are the members: Teams' id to Entra id. `latency` is in seconds."""

    people: Mapping[str, str]
    latency: float = 0.0
    connections: int = 0
    chats: dict[str, asyncio.Queue[Any]] = field(default_factory=dict)
    # What stands in the channel, by the id of the message.
    channel: dict[str, Any] = field(default_factory=dict)
    # What came for a chat that is not played: a reply that went to someone else.
    astray: list[str] = field(default_factory=list)
    url: str = ""
    # Begins the ids of activities: on a store of an earlier run they would be deliveries that it had already.
    run: str = field(default_factory=lambda: token_hex(4))

    def listen_to(self, chat: str) -> asyncio.Queue[Any]:
        """Give where the messages of a chat arrive."""
        return self.chats.setdefault(chat, asyncio.Queue())

    def respond(self, method: str, target: str, body: bytes) -> Any:
        """Answer a request of a bot, after the latency."""
        if self.latency:
            return self._slowly(method, target, body)
        return self._do(method, target, body)

    async def _slowly(self, method: str, target: str, body: bytes) -> Answer:
        await asyncio.sleep(self.latency)
        return self._do(method, target, body)

    def _do(self, method: str, target: str, body: bytes) -> Answer:
        parts = [unquote(part) for part in target.partition("?")[0].strip("/").split("/")]
        if method == "GET":
            return 200, json.dumps(self._read(parts)).encode()
        if method == "DELETE":
            self.channel.pop(parts[-1], None)
            return 200, b"{}"
        message = json.loads(body)
        if method == "PUT":
            self.channel[parts[-1]] = message
            return 200, json.dumps({"id": parts[-1]}).encode()
        if parts == ["v3", "conversations"]:
            return _CREATED, json.dumps(self._post(message)).encode()
        return _CREATED, self.say(parts[2], message)

    def _read(self, parts: list[str]) -> Any:
        if parts[1] == "teams":
            return {"conversations": [{"id": CHANNEL, "name": "CMT", "channelType": "standard"}]}
        user = parts[-1]
        return {"id": user, "aadObjectId": self.people.get(user), "tenantId": TENANT, "userRole": "user"}

    def _post(self, message: Any) -> dict[str, str]:
        """Take a new message in the channel."""
        activity = str(1000 + len(self.channel))
        self.channel[activity] = message["activity"]
        return {"id": f"{CHANNEL};messageid={activity}", "activityId": activity}

    def say(self, chat: str, message: Any) -> bytes:
        """Take a message in a chat."""
        queue = self.chats.get(chat)
        if queue is None:
            self.astray.append(chat)
        # A bot may say that it is typing.
        elif message.get("type") == "message":
            queue.put_nowait(message)
        return b'{"id":"m1"}'

    def count(self) -> None:
        """Count a new connection."""
        self.connections += 1


@asynccontextmanager
async def listening(teams: Connector) -> AsyncIterator[Connector]:
    """Serve a Connector API while the block runs."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Service(teams.respond, teams.count), "127.0.0.1", 0)
    teams.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield teams
    finally:
        server.close()


def activity(teams: Connector, user: str, number: int, **more: Any) -> dict[str, Any]:
    """Give what Teams would send from a person's private chat."""
    return {
        "type": "message",
        "id": f"{teams.run}-{user}-{number}",
        "timestamp": "2026-11-23T09:00:00.000Z",
        "channelId": "msteams",
        "serviceUrl": teams.url,
        "locale": "nl-NL",
        "from": {"id": user, "aadObjectId": teams.people[user], "name": "Naam"},
        "recipient": {"id": BOT, "name": "Bot"},
        "conversation": {"id": f"chat-{user}", "conversationType": "personal", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        **more,
    }
