import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.metrics import Metrics
from bot.teams.gate import MAX_BODY
from bot.teams.routes import metrics_application
from bot.teams.signing_keys import KeyStore
from bot.teams.tokens import Tokens
from tests.bot.fakes_teams import (
    APP_ID,
    TEAMS_URL,
    TENANT,
    Clock,
    FakeIdentity,
    FakeTeams,
    Running,
    activity,
    jwk,
    listening,
    new_key,
    running,
    token,
)
from tests.bot.teams.test_gate import _HOSTILE, _MALFORMED, _NOT_JSON

KEY = new_key()


@pytest.fixture
async def production(teams: FakeTeams, identity: FakeIdentity) -> AsyncIterator[Running]:
    """Give a bot that wants tokens; its Teams is the fake one on loopback."""
    identity.keys = [jwk(KEY, "k1")]
    async with aiohttp.ClientSession() as session:
        keys = KeyStore(identity.metadata_url, session, Clock())
        async with running(teams, Tokens(APP_ID, keys)) as started:
            yield started
        await keys.close()


def _bearer(bot: Running, **claims: Any) -> dict[str, str]:
    url = f"{bot.teams.url}/_connector"
    return {"Authorization": f"Bearer {token(KEY, **{'serviceurl': url, **claims})}"}


async def _get(bot: Running, path: str, method: str = "GET") -> tuple[int, str, Any]:
    async with bot.session.request(method, f"{bot.url}{path}") as response:
        return response.status, await response.text(), response.headers


# --- what answers ---------------------------------------------------------------------------------------


async def test_the_process_says_that_it_lives_and_whether_it_is_ready(bot: Running):
    assert (await _get(bot, "/healthz"))[:2] == (200, '{"status": "ok"}')
    assert (await _get(bot, "/readyz"))[:2] == (200, '{"status": "ok"}')
    bot.desk.error = ValueError()
    assert (await _get(bot, "/readyz"))[0] == 503
    assert (await _get(bot, "/healthz"))[0] == 200


async def test_figures_are_on_the_one_port_in_local_mode(bot: Running):
    status, text, headers = await _get(bot, "/metrics")
    assert status == 200
    assert "weegwijzer_turns" in text
    assert headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(("path", "expected"), [("/metrics", 200), ("/api/messages", 404), ("/healthz", 404)])
async def test_the_port_for_figures_has_nothing_else(path: str, expected: int, session: aiohttp.ClientSession):
    async with listening(metrics_application(Metrics())) as url, session.get(url + path) as response:
        assert response.status == expected


async def test_no_answer_names_the_server(bot: Running):
    for path in ("/healthz", "/nothing", "/api/messages"):
        assert "Server" not in (await _get(bot, path))[2]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_only_post_is_a_delivery(method: str, bot: Running):
    assert (await _get(bot, "/api/messages", method))[0] == 405
    assert not bot.desk.turns


@pytest.mark.parametrize("path", ["/", "/api", "/api/messages/", "/api/messages/x", "/healthz/x", "/../etc/passwd"])
async def test_another_path_is_not_found(path: str, bot: Running):
    status, text, _ = await _get(bot, path)
    assert (status, text) == (404, '{"error": "not found"}')


# --- 0 x 5xx ---------------------------------------------------------------------------------------------


async def test_no_malformed_request_brings_the_bot_down_or_reaches_the_desk(bot: Running):
    bodies: list[Any] = [*_NOT_JSON, *({**activity(), key: value} for key, value in _MALFORMED)]
    # This bot is in local mode, where 127.0.0.1 is Teams.
    bodies += [activity(serviceUrl=url) for url in _HOSTILE if "//127.0.0.1" not in url]
    bodies += [b"null", b"1", b"[]", b"x" * (MAX_BODY + 1), b" " * 300_000]
    for body in bodies:
        status, answer = await bot.deliver(body)
        assert status in (400, 403, 413), body
        assert answer in ({"error": "bad request"}, {"error": "forbidden"}, {"error": "too large"})
    assert not bot.desk.turns
    assert not bot.teams.calls
    assert (await bot.deliver(activity()))[0] == 200


async def test_no_mutation_of_a_real_delivery_brings_the_bot_down(production: Running):
    chance = random.Random(20261123)
    names = ("to_bot_03_message_personal", "to_bot_04_submit_personal", "to_bot_05_execute_personal")
    headers = _bearer(production)
    url = f"{production.teams.url}/_connector"
    for _ in range(600):
        raw = bytearray(json.dumps(activity(chance.choice(names), serviceUrl=url)).encode())
        for _ in range(chance.randint(1, 4)):
            position = chance.randrange(len(raw))
            raw[position : position + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        status, _ = await production.deliver(bytes(raw), **headers)
        assert status < 500, bytes(raw)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 400),
        ({"Content-Type": "application/json; charset=latin-1"}, 400),
        ({"Content-Encoding": "gzip"}, 400),
        ({"Content-Encoding": "deflate"}, 400),
        ({"Content-Encoding": "x"}, 400),
    ],
)
async def test_another_form_is_refused(headers: dict[str, str], status: int, bot: Running):
    assert (await bot.deliver(activity(), **headers))[0] == status


async def test_a_body_without_a_length_is_counted_as_it_comes(bot: Running):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b" " * 65536

    headers = {"Content-Type": "application/json"}
    try:
        async with bot.session.post(f"{bot.url}/api/messages", data=endless(), headers=headers) as response:
            assert response.status == 413
    except aiohttp.ClientOSError:
        pass  # the bot closed while we were still sending: that is an answer, too
    assert not bot.desk.turns


async def test_a_chunked_delivery_is_a_delivery(bot: Running):
    async def chunks() -> AsyncIterator[bytes]:
        raw = json.dumps(activity(serviceUrl=f"{bot.teams.url}/_connector")).encode()
        yield raw[:100]
        yield raw[100:]

    headers = {"Content-Type": "application/json"}
    async with bot.session.post(f"{bot.url}/api/messages", data=chunks(), headers=headers) as response:
        assert response.status == 200


async def _raw(bot: Running, request: bytes) -> bytes:
    host, port = bot.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    answer = await reader.read(65536)
    writer.close()
    return answer


async def test_a_body_that_does_not_come_is_not_waited_for(bot: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.teams.routes._READ_SECONDS", 0.05)
    head = b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
    assert b" 400 " in await _raw(bot, head)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"x\r\n\r\n",
        b"POST /api/messages HTTP/9.9\r\n\r\n",
        b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/messages HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    ],
    ids=range(6),
)
async def test_broken_http_is_answered_with_400(request_bytes: bytes, bot: Running):
    assert b" 400 " in (await _raw(bot, request_bytes)).split(b"\r\n")[0]


# --- with tokens ----------------------------------------------------------------------------------------


async def test_a_delivery_with_a_good_token_is_taken(production: Running):
    assert await production.deliver(activity(), **_bearer(production)) == (200, None)
    assert len(production.desk.turns) == 1


async def test_without_a_token_nothing_is_read_and_nothing_said(production: Running):
    for body in (activity(), b"", b"{", b"x" * (MAX_BODY + 1), b"null"):
        assert await production.deliver(body) == (401, {"error": "unauthorized"})
    assert (await production.deliver(b"{", **{"Content-Type": "text/plain"}))[0] == 401
    assert not production.desk.turns


@pytest.mark.parametrize(
    ("changes", "claims", "status"),
    [
        ({"serviceUrl": "https://evil.example/"}, {}, 403),
        ({"serviceUrl": "https://evil.example/"}, {"serviceurl": "https://evil.example/"}, 403),
        ({}, {"serviceurl": TEAMS_URL}, 401),
        ({"channelId": "webchat"}, {}, 403),
        ({"channelId": None}, {}, 400),
        ({"serviceUrl": None}, {}, 400),
        ({"channelData": {"tenant": {"id": "99999999-9999-4999-8999-999999999999"}}}, {}, 403),
        ({"channelData": None}, {}, 400),
        ({"deliveryMode": "expectReplies"}, {}, 400),
    ],
)
async def test_a_good_token_does_not_excuse_the_rest(
    changes: dict[str, Any], claims: dict[str, str], status: int, production: Running
):
    body = activity(**changes)
    assert (await production.deliver(body, **_bearer(production, **claims)))[0] == status
    assert not production.desk.turns
    assert not production.teams.calls


async def test_two_authorization_headers_are_refused(production: Running):
    headers = [
        ("Content-Type", "application/json"),
        ("Authorization", _bearer(production)["Authorization"]),
        ("Authorization", "Bearer x"),
    ]
    data = json.dumps(activity())
    async with production.session.post(f"{production.url}/api/messages", data=data, headers=headers) as response:
        assert response.status == 401


async def test_refusals_are_counted_by_code(production: Running):
    await production.deliver(activity())
    await production.deliver(activity(channelId="x"), **_bearer(production))
    text = production.metrics.text().decode()
    assert 'weegwijzer_refused_requests_total{code="token_missing"} 1.0' in text
    assert 'weegwijzer_refused_requests_total{code="channel"} 1.0' in text


async def test_figures_and_answers_hold_no_content(production: Running, caplog: pytest.LogCaptureFixture):
    canary = "kanarie-7f3a"
    with caplog.at_level(logging.DEBUG):
        for body in (
            activity(text=canary, name=canary, locale=canary),
            activity(**{"from": {"id": canary, "name": canary}}),
            activity(conversation={"id": canary, "name": canary}),
            activity("to_bot_04_submit_personal", value={"verb": canary, canary: canary}),
            activity(serviceUrl=f"https://{canary}.example/"),
            activity(channelData={"tenant": {"id": canary}}),
            f'{{"{canary}'.encode(),
        ):
            _, answer = await production.deliver(body, **_bearer(production))
            assert canary not in str(answer)
            _, answer = await production.deliver(body, Authorization=f"Bearer {canary}")
            assert canary not in str(answer)
        production.desk.error = ValueError(canary)
        await production.deliver(activity(text=canary), **_bearer(production))
    assert canary not in production.metrics.text().decode()
    ours = [record for record in caplog.records if record.name.startswith("bot.")]
    assert ours
    assert not [record for record in ours if canary in record.getMessage()]


async def test_what_nobody_caught_is_answered_without_words(bot: Running, monkeypatch: pytest.MonkeyPatch):
    async def broken(*_: Any) -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr("bot.teams.adapter.WeegwijzerAdapter.process", broken)
    assert await bot.deliver(activity()) == (503, {"error": "try again"})


def test_the_tenant_of_the_samples_is_the_one_we_let_in():
    assert activity()["channelData"]["tenant"]["id"] == TENANT
