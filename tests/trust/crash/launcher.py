"""A parent that has imported the bot and forks one for every life: the real program, started in milliseconds.

It reads requests as JSON lines and answers each with one. Nothing in the bot knows of it: what a life needs of
failpoints, a slow disk or another clock is put around the libraries that the bot calls, in the fork alone.
"""

import ctypes
import json
import os
import resource
import signal
import sqlite3
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

import bot.app
import bot.clock
import bot.outbox
import bot.teams.connector
from bot.cli import program

_PLENTY = 1_000_000
_NO_RIGHTS = 0x20080522  # version 3 of the capabilities' form


class Failpoints:
    """Named places that the bot passes; at the n-th passing of one the process ends, or stops."""

    def __init__(self, at: list[Any] | None, deed: str, told: Path) -> None:
        self._name, self._left = (at[0], at[1]) if at else ("", 0)
        self._signal = signal.SIGSTOP if deed == "stop" else signal.SIGKILL
        self._told = told
        self.passed: Counter[str] = Counter()

    def cross(self, name: str) -> None:
        """Pass a place."""
        self.passed[name] += 1
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            self._told.write_text(name, "utf-8")
            os.kill(os.getpid(), self._signal)


def _around_database(points: Failpoints, most_pages: int | None) -> None:
    """Make every statement a place that is passed before and after it."""

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            return self._do(super().execute, sql, *rest)

        def executemany(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            return self._do(super().executemany, sql, *rest)

        def executescript(self, sql: str) -> sqlite3.Cursor:
            return self._do(super().executescript, sql)

        def _do(self, how: Callable[..., sqlite3.Cursor], sql: str, *rest: Any) -> sqlite3.Cursor:
            name = f"{self.name} {_short(sql)}"
            points.cross(f"before {name}")
            done = how(sql, *rest)
            points.cross(f"after {name}")
            return done

    connect, limited = sqlite3.connect, list[sqlite3.Connection]()

    def make_room(*_: Any) -> None:
        for db in limited:
            with suppress(sqlite3.ProgrammingError):  # closed meanwhile
                sqlite3.Connection.execute(db, f"PRAGMA max_page_count = {_PLENTY}")

    signal.signal(signal.SIGUSR1, make_room)

    def connect_watched(path: Path, **options: Any) -> sqlite3.Connection:
        db = connect(path, factory=Watched, **options)
        db.name = "keys" if "key" in Path(path).name else "database"
        if most_pages is not None and db.name == "database":
            sqlite3.Connection.execute(db, f"PRAGMA max_page_count = {most_pages}")
            limited.append(db)
        return db

    sqlite3.connect = connect_watched


def _short(sql: str) -> str:
    """Give a statement's verb and what it is about: INSERT INTO event, COMMIT."""
    words = sql.split()
    if words[0].upper() in ("INSERT", "DELETE"):
        about = next(word for word in words[1:] if word.islower() or "." in word)
        return f"{words[0]} {about.partition('(')[0]}"
    return f"{words[0]} {words[1]}" if words[0].upper() in ("UPDATE", "PRAGMA") else words[0].rstrip(";")


def _around_network(points: Failpoints) -> None:
    """Make every call to Teams and every answer to it a place that is passed before and after it."""
    request, prepare, end = aiohttp.ClientSession._request, web.Response.prepare, web.Response.write_eof

    async def request_watched(self: aiohttp.ClientSession, method: str, url: Any, **options: Any) -> Any:
        what = str(url).partition("?")[0].rpartition("/")[2]
        name = f"{method} {what if what in ('conversations', 'activities', 'pagedmembers') else 'one'}"
        points.cross(f"before {name}")
        answer = await request(self, method, url, **options)
        points.cross(f"after {name}")
        return answer

    async def prepare_watched(self: web.Response, about: web.BaseRequest) -> Any:
        points.cross("before answering")
        return await prepare(self, about)

    async def end_watched(self: web.Response, data: bytes = b"") -> None:
        await end(self, data)
        points.cross("after answering")

    aiohttp.ClientSession._request = request_watched
    web.Response.prepare = prepare_watched
    web.Response.write_eof = end_watched


def _hurry(waits: float) -> None:
    """Make the waits between attempts short; their number and their order stay."""
    for module, name, wait in (
        (bot.teams.connector, "_FIRST_WAIT", waits),
        (bot.outbox, "_FIRST_WAIT", timedelta(seconds=waits)),
        (bot.outbox, "_LOOK_AT_LEAST", 1.0),
    ):
        if not hasattr(module, name):
            raise AttributeError(f"{module.__name__} has no {name} any more: mend the launcher")
        setattr(module, name, wait)


def _with_clock(file: Path) -> None:
    """Let the bot's clock be off by the seconds that stand in a file."""
    if not hasattr(bot.clock, "_now"):
        raise AttributeError("bot.clock has no _now any more: mend the launcher")
    bot.clock._now = lambda: datetime.now(UTC) + timedelta(seconds=float(file.read_text("ascii")))


def _without_rights() -> None:
    """Let the modes of files count for root, too."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_NO_RIGHTS, 0)
    if os.geteuid() == 0 and libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _live(request: dict[str, Any]) -> int:
    """Be the bot until the end; give its exit code."""
    home = Path(request["home"])
    output = os.open(home / "output.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(home)
    os.environ.update(request["env"])
    points = Failpoints(request.get("at"), request.get("deed", "kill"), home / "passed")
    _around_database(points, request.get("most_pages"))
    _around_network(points)
    _hurry(request.get("waits", 0.01))
    if "patience" in request:
        bot.teams.connector._TIMEOUT = aiohttp.ClientTimeout(total=request["patience"])
    if "clock" in request:
        _with_clock(Path(request["clock"]))
    if "most_bytes" in request:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["most_bytes"], resource.RLIM_INFINITY))
    if request.get("without_rights"):
        _without_rights()
    sys.argv = ["weegwijzer", *request.get("command", ["serve"])]
    try:
        program.main()
    except SystemExit as end:
        (home / "census.json").write_text(json.dumps(points.passed), "utf-8")
        sys.stdout.flush()
        sys.stderr.flush()
        return int(end.code or 0)
    return 0


def _fork(request: dict[str, Any]) -> dict[str, Any]:
    pid = os.fork()
    if pid:
        return {"pid": pid}
    code = 70
    with suppress(BaseException):
        try:
            code = _live(request)
        except BaseException:
            traceback.print_exc()
            raise
    os._exit(code)


def _wait(request: dict[str, Any]) -> dict[str, Any]:
    _, status = os.waitpid(request["wait"], os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return {"stopped": os.WSTOPSIG(status)}
    return {"code": os.waitstatus_to_exitcode(status)}


def main() -> None:
    """Warm up, and answer requests until the other side hangs up."""
    bot.app.open_frameworks = cache(bot.app.open_frameworks)
    bot.app.open_wording = cache(bot.app.open_wording)
    bot.app.open_frameworks(None)
    bot.app.open_wording()
    # Every command's module, too: a life would spend most of its time on loading it.
    program.with_command("")
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answer = _wait(request) if "wait" in request else _fork(request)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
