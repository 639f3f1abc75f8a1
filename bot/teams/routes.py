"""HTTP in: the gate around every request, constant answers, and nothing that a request can bring down."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Protocol

import orjson
from aiohttp import HttpVersion11, web

from bot.metrics import CONTENT_TYPE, Metrics
from bot.teams.adapter import Answer, WeegwijzerAdapter
from bot.teams.bounded import TooLongError, read_at_most
from bot.teams.gate import MAX_BODY, Gate, Refused, check_content

_log = logging.getLogger(__name__)

_READ_SECONDS = 10.0
_WORDS = {
    400: "bad request",
    401: "unauthorized",
    403: "forbidden",
    404: "not found",
    405: "method not allowed",
    413: "too large",
    503: "try again",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class TokenCheck(Protocol):
    """Proves who sends a request."""

    async def check(self, authorization: list[str]) -> str:
        """Give the service URL of the token in the Authorization headers; raises Refused."""
        ...


class Door:
    """`POST /api/messages`: token, form, gate, turn, answer."""

    def __init__(self, gate: Gate, adapter: WeegwijzerAdapter, metrics: Metrics, tokens: TokenCheck | None) -> None:
        """Take None for `tokens` in local mode only: then anyone on this machine is believed."""
        self._gate = gate
        self._adapter = adapter
        self._metrics = metrics
        self._tokens = tokens

    async def messages(self, request: web.Request) -> web.Response:
        """Answer one delivery; a refusal is told by its status alone."""
        begun = perf_counter()
        try:
            answer = await self._answer(request)
        except Refused as refusal:
            self._metrics.refused(refusal.code)
            return _refusal(refusal.status)
        self._metrics.turn(answer.outcome, perf_counter() - begun)
        if answer.body is None:
            return web.Response(status=answer.status) if answer.status < 400 else _refusal(answer.status)
        body = orjson.dumps(answer.body)
        return web.Response(status=answer.status, body=body, content_type="application/json")

    async def _answer(self, request: web.Request) -> Answer:
        if request.method != "POST":
            raise Refused(405, "method")
        claimed = None
        if self._tokens is not None:
            claimed = await self._tokens.check(request.headers.getall("Authorization", []))
        check_content(request.headers, request.content_length)
        clean = self._gate.admit(await _read(request), claimed)
        if clean is None:
            return Answer(200, None, "ignored")
        return await self._adapter.process(clean)


async def _read(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(_READ_SECONDS):
            return await read_at_most(request.content, MAX_BODY)
    except TooLongError:
        raise Refused(413, "size") from None
    except (TimeoutError, ConnectionError, ValueError, web.HTTPException):
        raise Refused(400, "body") from None


def public_application(
    door: Door, ready: Callable[[], Awaitable[bool]], metrics: Metrics | None = None
) -> web.Application:
    """Give what listens on the public port; with `metrics` (local mode) they are there too."""
    pages = {"/healthz": _healthz, "/readyz": _readyz(ready)}
    if metrics is not None:
        pages["/metrics"] = _figures(metrics)
    application = _application(pages)
    application.router.add_route("*", "/api/messages", door.messages, expect_handler=_expect)
    return _closed(application)


def metrics_application(metrics: Metrics) -> web.Application:
    """Give what listens on 127.0.0.1 only, in production."""
    return _closed(_application({"/metrics": _figures(metrics)}))


def _application(pages: Mapping[str, _Handler]) -> web.Application:
    application = web.Application(middlewares=[_last_resort], client_max_size=MAX_BODY)
    application.on_response_prepare.append(_without_server)
    for path, page in pages.items():
        application.router.add_get(path, page, expect_handler=_expect)
    return application


def _closed(application: web.Application) -> web.Application:
    """Give the application with an answer for every other path: aiohttp's own would take any `Expect`."""
    application.router.add_route("*", "/{path:.*}", _nowhere, expect_handler=_expect)
    return application


async def _expect(request: web.Request) -> web.Response | None:
    """Answer an expectation; aiohttp itself says 417, and repeats the words of the request in it."""
    if request.headers["Expect"].lower() != "100-continue":
        return _refusal(400)
    if request.version == HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # What was written is no part of the answer that follows.
        request.writer.output_size = 0
    return None


async def _nowhere(_: web.Request) -> web.Response:
    return _refusal(404)


async def _without_server(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop("Server", None)
    response.headers["X-Content-Type-Options"] = "nosniff"


@web.middleware
async def _last_resort(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Answer what nobody else answered; the log gets where it went wrong, the sender gets a status."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _refusal(error.status)
    except Exception as error:
        _log.error("request_failed", exc_info=error)
        return _refusal(503)


def _refusal(status: int) -> web.Response:
    return web.json_response({"error": _WORDS.get(status, "refused")}, status=status)


async def _healthz(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _readyz(ready: Callable[[], Awaitable[bool]]) -> _Handler:
    async def readyz(_: web.Request) -> web.Response:
        is_ready = await ready()
        return web.json_response({"status": "ok" if is_ready else "not ready"}, status=200 if is_ready else 503)

    return readyz


def _figures(metrics: Metrics) -> _Handler:
    async def figures(_: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    return figures
