"""E4: the channel's signing keys: a new one counts within a minute, and a source that fails holds up nobody."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.teams.signing_keys import KeyStore
from tests.bot.fakes_teams import ISSUER, Clock, jwk, new_key, token
from tests.trust import report
from tests.trust.door import ANJA, GOOD, Town, fresh_id, town

NEXT, ROGUE = new_key(), new_key()
MINUTE, DAY = 60.0, 86_400.0


@dataclass
class Post:
    """A bot whose key store has a clock of its own, and someone who writes to it."""

    town: Town
    clock: Clock

    async def send(self, key: Any = GOOD, key_id: str = "k1") -> int:
        """Deliver a message with a fresh token of this key and give the status."""
        bearer = token(key, key_id, serviceurl=self.town.teams.url, n=fresh_id())
        body = self.town.activity(ANJA, type="typing", id=fresh_id())
        address, headers = f"{self.town.address}/api/messages", {"Authorization": f"Bearer {bearer}"}
        async with self.town.session.post(address, json=body, headers=headers) as response:
            return response.status

    async def page(self, path: str) -> int:
        async with self.town.session.get(f"{self.town.address}{path}") as response:
            return response.status

    @property
    def asked(self) -> int:
        return self.town.identity.asked.count("metadata")


@pytest.fixture
async def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    clock = Clock()
    monkeypatch.setattr("bot.app.KeyStore", lambda url, session: KeyStore(url, session, clock))
    async with town(tmp_path, monkeypatch) as here:
        yield Post(here, clock)


Answerer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def says(value: Any, status: int = 200) -> Answerer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text=value if isinstance(value, str) else json.dumps(value), status=status)

    return answer


async def huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        for _ in range(64):
            await response.write(b" " * 65_536)
    except ConnectionError:
        pass
    return response


async def cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"jwks_uri"')
    assert request.transport is not None
    request.transport.abort()
    return response


async def elsewhere(_: web.Request) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect("/v1/.well-known/keys")


METADATA: dict[str, Answerer] = {
    "is down": says("", 503),
    "is forbidden": says({}, 403),
    "redirects": elsewhere,
    "says no JSON": says("<html>"),
    "says nothing": says(""),
    "says null": says(None),
    "says a list": says([]),
    "names no keys": says({"issuer": ISSUER}),
    "names a number": says({"jwks_uri": 1}),
    "names keys elsewhere": says({"jwks_uri": "http://127.0.0.1:1/keys"}),
    "names keys at an attacker's": says({"jwks_uri": "https://login.botframework.com.evil.example/keys"}),
    "names a file": says({"jwks_uri": "file:///etc/passwd"}),
    "is endless": huge,
    "is deep": says("[" * 100_000),
    "stops half way": cut,
}
KEYS: dict[str, Answerer] = {
    "keys are down": says("", 500),
    "keys redirect": elsewhere,
    "keys are no JSON": says("{"),
    "keys are null": says({"keys": None}),
    "keys are a text": says({"keys": "k1"}),
    "keys are none": says({"keys": []}),
    "keys are numbers": says({"keys": [1, None, "x", []]}),
    "keys have no numbers": says({"keys": [{"kty": "RSA", "kid": "k1"}]}),
    "keys are endless": huge,
    "keys stop half way": cut,
}


async def refuses_what_is_wrong_and_keeps_what_is_known(post: Post) -> int:
    """Try every wrong answer of the source at a new key: it is refused, the known one goes on."""
    identity = post.town.identity
    for name, answer in {**METADATA, **KEYS}.items():
        identity.on_metadata, identity.on_keys = (answer, None) if name in METADATA else (None, answer)
        post.clock.now += MINUTE
        before = post.asked
        assert await post.send(NEXT, "k2") == 401, name
        assert await post.send() == 200, name
        assert post.asked == before + 1, name
    identity.on_metadata = identity.on_keys = None
    return len(METADATA) + len(KEYS)


async def answers_others_while_the_source_hangs(post: Post) -> int:
    """Let the source start an answer and not end it: pages, known keys and bad tokens are answered meanwhile."""
    identity, answered = post.town.identity, 0
    started, release = asyncio.Event(), asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        started.set()
        await release.wait()
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{identity.url}/v1/.well-known/keys"})

    identity.on_metadata = hang
    post.clock.now += MINUTE
    waiting = [asyncio.create_task(post.send(NEXT, "k2")) for _ in range(5)]
    await started.wait()
    for _ in range(20):
        assert await post.page("/healthz") == 200
        assert await post.page("/readyz") == 200
        assert await post.send() == 200
        assert await post.send(ROGUE) == 401
        answered += 4
    assert not any(task.done() for task in waiting)
    release.set()
    identity.on_metadata = None
    # The source came back with the new key: all who waited are let in by one question.
    assert await asyncio.gather(*waiting) == [200] * 5
    return answered


async def gives_up_a_source_that_never_answers(post: Post, watch: pytest.MonkeyPatch) -> None:
    watch.setattr("bot.teams.signing_keys._TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    never = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await never.wait()
        return web.Response()

    post.town.identity.on_metadata = hang
    post.clock.now += MINUTE
    assert await post.send(ROGUE, "k9") == 401
    never.set()
    post.town.identity.on_metadata = None


async def accepts_a_new_key_within_a_minute_and_asks_once_in_one(post: Post) -> None:
    """Rotate: in the minute after an unknown key the source is not asked again; after it the new key counts."""
    post.clock.now += MINUTE
    assert await post.send(ROGUE, "x") == 401
    before = post.asked
    post.town.identity.keys = [jwk(GOOD, "k1"), jwk(NEXT, "k3")]
    statuses = []
    for second in range(61):
        statuses.append(await post.send(NEXT, "k3"))
        post.clock.now += 1
        if second % 10 == 0:
            assert await post.send(ROGUE, f"x{second}") == 401
    assert statuses == [401] * 60 + [200]
    assert post.asked == before + 1


async def keeps_known_keys_for_five_days(post: Post) -> None:
    """Take the source away: known keys go on for five days, and a withdrawn one falls when it comes back."""
    post.clock.now += MINUTE
    assert await post.send(ROGUE, "y") == 401  # fetched now
    post.town.identity.on_metadata = says("", 503)
    for _ in range(5):
        assert await post.send() == 200
        post.clock.now += DAY
    assert await post.send() == 200
    await settled(post)
    post.clock.now += MINUTE
    assert await post.send() == 401
    post.town.identity.on_metadata = None
    post.town.identity.keys = [jwk(NEXT, "k3")]
    post.clock.now += MINUTE
    assert await post.send(NEXT, "k3") == 200
    assert await post.send() == 401


async def settled(post: Post) -> None:
    """Wait until the refresh that runs aside has ended: it asks once a try."""
    before = -1
    while before != post.asked:
        before = post.asked
        await asyncio.sleep(0.05)


async def test_keys_turn_over_and_their_source_holds_up_nobody(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await post.send() == 200
    wrong = await refuses_what_is_wrong_and_keeps_what_is_known(post)
    post.town.identity.keys.append(jwk(NEXT, "k2"))
    answered = await answers_others_while_the_source_hangs(post)
    await gives_up_a_source_that_never_answers(post, monkeypatch)
    await accepts_a_new_key_within_a_minute_and_asks_once_in_one(post)
    await keeps_known_keys_for_five_days(post)
    report.say(
        "E4",
        f"{wrong} wrong answers of the key source refused, {answered} requests answered while it hung,"
        " a new key accepted within 60 s by one question a minute, known keys kept for 5 days",
    )
