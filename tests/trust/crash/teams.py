"""A Teams that fails: it remembers what stands in its chats and in its channel, and what it took but did not say so."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TENANT = "11111111-1111-4111-8111-111111111111"
BOT = "22222222-2222-4222-8222-222222222222"
CHANNEL = "channel-cmt-id"

_LEGIBLE = 30

FAULTS = ("429", "500 before", "500 after", "drop before", "drop after")


@dataclass
class FlakyTeams:
    """A Connector API on loopback that fails in `rate` of its calls."""

    chance: random.Random
    people: dict[str, str]
    rate: float = 0.0
    # What goes wrong next, by method and the last part of the path.
    faults: dict[str, list[str]] = field(default_factory=dict)
    chats: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    # What stood in each message of the channel, in order; the last is what stands there.
    channel: dict[str, list[Any]] = field(default_factory=dict)
    failed: int = 0
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    def application(self) -> web.Application:
        """Give the server."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._take)
        return application

    async def _take(self, request: web.Request) -> web.Response:
        text = await request.text()
        fault = self._fault(f"{request.method} {request.path.rpartition('/')[2]}")
        match fault:
            case "429":
                return web.json_response({}, status=429, headers={"Retry-After": "0"})
            case "500 before":
                return web.json_response({}, status=500)
            case "drop before":
                return _hang_up(request)
            case "silence":
                await asyncio.sleep(3600)
        answer = self._do(request.method, request.path, json.loads(text) if text else {})
        if fault == "500 after":
            return web.json_response({}, status=500)
        return _hang_up(request) if fault == "drop after" else answer

    def _fault(self, call: str) -> str:
        """Give what goes wrong now: what a test asked for, else sometimes something."""
        if self.faults.get(call):
            return self.faults[call].pop(0)
        if self.chance.random() >= self.rate:
            return ""
        self.failed += 1
        return self.chance.choice(FAULTS)

    def _do(self, method: str, path: str, body: Any) -> web.Response:
        where = path.removeprefix("/v3/conversations")
        if method == "GET":
            return self._read(where)
        if method == "PUT":
            self.channel[body["id"]].append(card_in(body))
            answer = {"id": body["id"]}
        elif where == "":
            answer = self._start(body)
        else:
            self._say(self.chats[where.split("/")[1]], body)
            answer = {"id": f"m{len(self.chats)}"}
        self.heard.set()
        return web.json_response(answer, status=201)

    def _say(self, chat: list[dict[str, Any]], message: dict[str, Any]) -> None:
        chat.append(message)
        if len(chat) > _LEGIBLE:
            # Nobody looks so far back, and 300 people's cards took 1.7 GB.
            chat[-_LEGIBLE - 1] = {}

    def _read(self, where: str) -> web.Response:
        if "/members/" not in where:
            channels = [{"id": CHANNEL, "name": "CMT adviezen", "channelType": "standard"}]
            return web.json_response({"conversations": channels})
        user = where.rpartition("/")[2]
        member = {"id": user, "aadObjectId": self.people[user], "tenantId": TENANT, "userRole": "user"}
        return web.json_response(member)

    def _start(self, body: Any) -> dict[str, str]:
        assert body["channelData"]["channel"]["id"] == CHANNEL
        activity = str(1000 + len(self.channel))
        self.channel[activity] = [card_in(body["activity"])]
        return {"id": f"{CHANNEL};messageid={activity}", "activityId": activity}

    def activity(self, user: str, name: str, /, **more: Any) -> dict[str, Any]:
        """Give what Teams would send from a person's private chat."""
        return {
            "type": "message",
            "id": name,
            "channelId": "msteams",
            "serviceUrl": self.url,
            "locale": "nl-NL",
            "from": {"id": user, "aadObjectId": self.people[user], "name": "x"},
            "recipient": {"id": BOT},
            "conversation": {"id": f"chat-{user}", "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            **more,
        }


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def card_in(message: Any) -> Any:
    """Give the Adaptive Card of a message, or None."""
    return (message.get("attachments") or [{}])[0].get("content")


@asynccontextmanager
async def flaky_teams(chance: random.Random, people: dict[str, str]) -> AsyncIterator[FlakyTeams]:
    """Serve such a Teams while the block runs."""
    teams = FlakyTeams(chance, people)
    runner = web.AppRunner(teams.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    teams.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield teams
    finally:
        await runner.cleanup()
