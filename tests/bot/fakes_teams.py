"""Teams on loopback: a Connector API, an identity provider with keys of its own, and a desk that remembers."""

import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.metrics import Metrics
from bot.ports import Reply, Turn
from bot.teams.adapter import WeegwijzerAdapter
from bot.teams.connector import Connector, open_session
from bot.teams.credentials import NoCredentials
from bot.teams.gate import Gate
from bot.teams.handler import TeamsHandler
from bot.teams.routes import Door, TokenCheck, public_application
from bot.teams.service_url import ServiceUrls
from bot.teams.speaking import TeamsChannel
from dialogs.values import Outgoing

DATA = Path(__file__).resolve().parent.parent / "data" / "activities"

TENANT = "11111111-1111-4111-8111-111111111111"
BOT = "22222222-2222-4222-8222-222222222222"
ANJA = "33333333-3333-4333-8333-333333333330"
BRAM = "33333333-3333-4333-8333-333333333331"
APP_ID = "55555555-5555-4555-8555-555555555555"
ISSUER = "https://api.botframework.com"
TEAMS_URL = "https://smba.trafficmanager.net/emea/"

Answerer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def sample(name: str) -> dict[str, Any]:
    """Give a recorded exchange by its file's name."""
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return found


def activity(name: str = "to_bot_03_message_personal", /, **changes: Any) -> dict[str, Any]:
    """Give the body of a recorded delivery with some fields changed; None takes a field away."""
    body = {**sample(name)["body"], "serviceUrl": TEAMS_URL, **changes}
    return {key: value for key, value in body.items() if value is not None}


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def listening(application: web.Application) -> AsyncIterator[str]:
    """Serve an application on a free port of loopback and give its address."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@dataclass
class Call:
    """A request that a fake server got."""

    method: str
    path: str
    body: Any
    authorization: str | None


@dataclass
class FakeTeams:
    """A Connector API: remembers calls, and answers as recorded or as a test says."""

    calls: list[Call] = field(default_factory=list)
    answers: list[Answerer | tuple[int, Any] | tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: list[dict[str, Any]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    url: str = ""

    def application(self) -> web.Application:
        """Give the server."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._take)
        return application

    async def _take(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        call = Call(
            request.method, request.raw_path, json.loads(text) if text else None, request.headers.get("Authorization")
        )
        self.calls.append(call)
        self.connections.add(request.transport.get_extra_info("peername") if request.transport else None)
        if not self.answers:
            return self._usual(call)
        answer = self.answers.pop(0)
        if callable(answer):
            return await answer(request)
        headers = answer[2] if len(answer) == 3 else None
        return web.json_response(answer[1], status=answer[0], headers=headers)

    def _usual(self, call: Call) -> web.Response:
        if "/members/" in call.path:
            member = self.members.get(call.path.partition("/v3/")[2])
            missing = {"error": {"code": "MemberNotFoundInConversation"}}
            return web.json_response(member or missing, status=200 if member else 404)
        if call.path.endswith("/conversations") and call.method == "GET":
            return web.json_response({"conversations": self.channels})
        if call.path.endswith("/conversations") and call.body.get("isGroup"):
            channel = call.body["channelData"]["channel"]["id"]
            return web.json_response({"id": f"{channel};messageid=17", "activityId": "17"}, status=201)
        return web.json_response({"id": "18"}, status=201)


@asynccontextmanager
async def fake_teams() -> AsyncIterator[FakeTeams]:
    """Serve a Connector API while the block runs."""
    teams = FakeTeams()
    async with listening(teams.application()) as url:
        teams.url = url
        yield teams


def new_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Give a private RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(key: rsa.RSAPrivateKey, key_id: str, endorsements: Any = ("msteams",), **more: Any) -> dict[str, Any]:
    """Give the public half as the channel publishes it."""
    numbers = key.public_key().public_numbers()
    published = {"kty": "RSA", "use": "sig", "kid": key_id, "n": _number(numbers.n), "e": _number(numbers.e)}
    if endorsements is not None:
        published["endorsements"] = list(endorsements) if isinstance(endorsements, tuple) else endorsements
    return {**published, **more}


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    """Give the claims of a good token with some changed; None takes a claim away."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": APP_ID, "nbf": now - 60, "exp": now + 3600, "serviceurl": TEAMS_URL}
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


def token(key: Any, key_id: str | None = "k1", algorithm: str = "RS256", headers: Any = None, **changes: Any) -> str:
    """Give a signed token; `changes` are claims, None takes one away."""
    head = {**({"kid": key_id} if key_id is not None else {}), **(headers or {})}
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=head)


@dataclass
class FakeIdentity:
    """The channel's metadata and keys, and the provider of the bot's own tokens."""

    keys: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    on_metadata: Answerer | None = None
    on_keys: Answerer | None = None
    on_token: Answerer | None = None
    url: str = ""

    @property
    def metadata_url(self) -> str:
        """Give where the metadata stands."""
        return f"{self.url}/v1/.well-known/openidconfiguration"

    def application(self) -> web.Application:
        """Give the server."""
        application = web.Application()
        application.router.add_get("/v1/.well-known/openidconfiguration", self._metadata)
        application.router.add_get("/v1/.well-known/keys", self._keys)
        application.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        return application

    async def _metadata(self, request: web.Request) -> web.StreamResponse:
        self.asked.append("metadata")
        if self.on_metadata:
            return await self.on_metadata(request)
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.url}/v1/.well-known/keys"})

    async def _keys(self, request: web.Request) -> web.StreamResponse:
        self.asked.append("keys")
        return await self.on_keys(request) if self.on_keys else web.json_response({"keys": self.keys})

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.forms.append({key: str(value) for key, value in (await request.post()).items()})
        if self.on_token:
            return await self.on_token(request)
        return web.json_response({"access_token": f"bot-token-{len(self.forms)}", "expires_in": 3600})


@asynccontextmanager
async def fake_identity() -> AsyncIterator[FakeIdentity]:
    """Serve an identity provider while the block runs."""
    identity = FakeIdentity()
    async with listening(identity.application()) as url:
        identity.url = url
        yield identity


@dataclass
class FakeDesk:
    """A desk that remembers its turns and says what it was told to say."""

    turns: list[Turn] = field(default_factory=list)
    unsaid: list[Turn] = field(default_factory=list)
    reply: Reply = field(default_factory=lambda: Reply((Outgoing("nieuw bericht", text="Dag."),)))
    error: Exception | None = None

    async def take_turn(self, turn: Turn) -> Reply:
        """Remember the turn and answer it."""
        self.turns.append(turn)
        if self.error is not None:
            raise self.error
        return self.reply

    def not_said(self, turn: Turn) -> None:
        """Remember that the answer did not arrive."""
        self.unsaid.append(turn)


@dataclass
class Running:
    """A bot that listens on loopback, with a fake desk behind the real door."""

    url: str
    desk: FakeDesk
    teams: FakeTeams
    metrics: Metrics
    session: aiohttp.ClientSession

    async def deliver(self, body: Any, **headers: str) -> tuple[int, Any]:
        """Deliver an activity as Teams does; give status and body of the answer."""
        if isinstance(body, dict) and body.get("serviceUrl") == TEAMS_URL:
            body = {**body, "serviceUrl": f"{self.teams.url}/_connector"}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        send = {"Content-Type": "application/json", **headers}
        async with self.session.post(f"{self.url}/api/messages", data=data, headers=send) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None


@asynccontextmanager
async def running(teams: FakeTeams, tokens: TokenCheck | None = None, **hosts: Any) -> AsyncIterator[Running]:
    """Run everything of the edge, as the composition root puts it together."""
    desk, metrics, session = FakeDesk(), Metrics(), open_session()
    urls = ServiceUrls(hosts.get("hosts", {"127.0.0.1"}))
    channel = TeamsChannel(Connector(session, urls, NoCredentials()), "team-cmt-id", "channel-cmt-id")
    handler = TeamsHandler(desk, lambda locale, reference: f"Er ging iets mis ({locale}): {reference}")
    door = Door(Gate(lambda: frozenset({TENANT}), urls), WeegwijzerAdapter(channel, handler), metrics, tokens)

    async def ready() -> bool:
        return desk.error is None

    async with listening(public_application(door, ready, metrics)) as url:
        yield Running(url, desk, teams, metrics, session)
    await session.close()
