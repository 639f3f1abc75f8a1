"""The door for the commands while the bot runs: the database is the bot's alone meanwhile.

The bot listens on a loopback port and leaves port and token in a file that only its own account can
read; whoever shows the token is that account (or root). Every act is in the register before it is answered.
"""

import hmac
import json
import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.control.source import StoreSource
from bot.control.wire import ANSWERS, ARGUMENTS, from_entry, from_row, to_bytes
from bot.errors import CaseSealed, SettingsError, StoreUnavailable
from bot.listening import QuietRunner
from state.errors import TranscriptDamaged

CONTROL_FILE = "control.json"
NOT_FOUND = {"error": "no such case"}
CASE_KEY = "X-Case-Key"
DAMAGED = 409
SEALED = 423
_MAX_BODY = 16 * 1024 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def serve_control(source: StoreSource, data_dir: Path) -> Callable[[], Awaitable[None]]:
    """Open the door on a free loopback port and give what closes it; the store stays open."""
    token = secrets.token_urlsafe(32)
    runner = QuietRunner(_application(source, token))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    file = data_dir / CONTROL_FILE
    try:
        _write_private(file, {"port": port, "token": token, "pid": os.getpid()})
    except OSError as error:
        await runner.cleanup()
        raise SettingsError(f"{file} cannot be written ({error.strerror}): mend the data directory") from None

    async def close() -> None:
        file.unlink(missing_ok=True)
        await runner.cleanup()

    return close


def _application(source: StoreSource, token: str) -> web.Application:
    application = web.Application(middlewares=[_guard(token), _refusals], client_max_size=_MAX_BODY)
    application.router.add_get("/cases", _cases(source))
    application.router.add_get("/cases/{number}", _case(source))
    application.router.add_post("/do/{action}", _do(source))
    return application


def _guard(token: str) -> Any:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        shown = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, f"Bearer {token}".encode()):
            return web.json_response({"error": "unauthorized"}, status=401)
        return await handler(request)

    return guard


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what cannot be done with a status; none of these words hold content."""
    try:
        return await handler(request)
    except (StoreUnavailable, SettingsError) as error:
        return web.json_response({"error": str(error)}, status=503)
    except TranscriptDamaged as damage:
        return web.json_response({"error": str(damage)}, status=DAMAGED)
    except CaseSealed:
        return web.json_response({"error": "sealed"}, status=SEALED)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return web.json_response({"error": "not understood"}, status=400)


def _cases(source: StoreSource) -> Handler:
    async def cases(_: web.Request) -> web.Response:
        return web.json_response([from_entry(entry) for entry in await source.entries()])

    return cases


def _case(source: StoreSource) -> Handler:
    async def case(request: web.Request) -> web.Response:
        purpose = "export" if request.query.get("purpose") == "export" else "read"
        shown = request.headers.get(CASE_KEY)
        found = await source.rows(request.match_info["number"], purpose, to_bytes(shown) if shown else None)
        if found is None:
            return web.json_response(NOT_FOUND, status=404)
        return web.json_response({"entry": from_entry(found[0]), "rows": [from_row(row) for row in found[1]]})

    return case


def _do(source: StoreSource) -> Handler:
    async def do(request: web.Request) -> web.Response:
        action = request.match_info["action"]
        if action not in ANSWERS:
            return web.json_response({"error": "no such action"}, status=404)
        given = await request.json()
        arguments = {name: ARGUMENTS[name](value) for name, value in given.items()}
        answer = await getattr(source, action)(**arguments)
        return web.json_response(ANSWERS[action][0](answer))

    return do


def _write_private(file: Path, content: dict[str, Any]) -> None:
    """Write a file that no other account could read at any moment."""
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(content, stream)
        new.replace(file)
    except OSError:
        new.unlink()
        raise
