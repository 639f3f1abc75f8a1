"""The program at its most talkative, with parts that break: started in place of `bot`, for the canaries' test.

What breaks is said in what a person types (`ontplof soort`), so that the words of the failure are theirs.
With SILENCE_LEAK set, it leaks as a careless change might (`lek plaats`): the search has to find that.
"""

import asyncio
import gc
import logging
import os
import sqlite3
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

import bot.cli.serve
import bot.log
import bot.turn
from bot.cli.program import main
from bot.errors import StoreUnavailable
from bot.metrics import Metrics
from dialogs.values import Outgoing

LIBRARIES = (
    "aiohttp.access", "aiohttp.client", "aiohttp.server", "aiohttp.web", "asyncio", "azure.core", "botbuilder.core",
    "botframework.connector", "concurrent.futures", "markdown_it", "msrest.http_logger", "py.warnings", "root",
    "sqlite3", "structlog", "transitions.core", "urllib3.connectionpool", "weasyprint", "yarl",
)  # fmt: skip

_configure = bot.log.configure_logs
_metrics: list[Metrics] = []


def _talkative(**given: Any) -> None:
    _configure(**{**given, "level": logging.DEBUG})
    for name in (*LIBRARIES, *logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)


# --- what breaks -----------------------------------------------------------------------


def _raise(text: str) -> None:
    raise RuntimeError(text)


def _cause(text: str) -> None:
    try:
        {}[text]
    except KeyError as error:
        raise ValueError(f"not found: {text}") from error


def _group(text: str) -> None:
    raise ExceptionGroup(text, [ValueError(text), KeyError(text)])


def _note(text: str) -> None:
    error = TypeError(text)
    error.add_note(text)
    raise error


def _store(text: str) -> None:
    raise StoreUnavailable(text)


def _database(text: str) -> None:
    raise sqlite3.OperationalError(f"near {text!r}: syntax error")


def _client(text: str) -> None:
    raise aiohttp.ClientError(f"https://{text}/v3")


def _unicode(text: str) -> None:
    text.encode("ascii") and (text + "\udcff").encode("utf-8")


def _assertion(text: str) -> None:
    raise AssertionError(text)


def _thread(text: str) -> None:
    thread = threading.Thread(target=_raise, args=(text,), name=text)
    thread.start()
    thread.join()


class _Ending:
    def __init__(self, text: str) -> None:
        self.text = text

    def __del__(self) -> None:
        _raise(self.text)


def _finaliser(text: str) -> None:
    _Ending(text)
    gc.collect()


def _task(text: str) -> None:
    async def failing() -> None:
        _raise(text)

    asyncio.get_running_loop().create_task(failing(), name=text)


def _callback(text: str) -> None:
    asyncio.get_running_loop().call_soon(_raise, text)


def _handler(text: str) -> None:
    context = {"message": text, "exception": ValueError(text), "where": text}
    asyncio.get_running_loop().call_exception_handler(context)


def _library(text: str) -> None:
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        logger.debug("GET /v3/conversations/%s", text)
        logger.warning(text, stack_info=True)
        logger.error("%d %s", text)
        logger.error(text, extra={"text": text, "person": text, "case": text})
        try:
            _raise(text)
        except RuntimeError:
            logger.exception("failed for %s", text)


def _own(text: str) -> None:
    logger = logging.getLogger("bot.turn")
    logger.error(text)
    logger.error(f"turn {text}")
    logger.error("turn_failed", extra=dict.fromkeys(("kind", "reason", "code", "outcome"), f"{text} zegt iets"))
    logger.error("turn_failed", extra={"case": text, "reason": f"{text} ", "person": text, "frames": text})


def _warning(text: str) -> None:
    warnings.warn(text, stacklevel=1)


BREAKS: dict[str, Callable[[str], None]] = {
    name[1:]: what
    for name, what in {
        one.__name__: one
        for one in (
            _raise, _cause, _group, _note, _store, _database, _client, _unicode, _assertion, _thread, _finaliser,
            _task, _callback, _handler, _library, _own, _warning,
        )
    }.items()
}  # fmt: skip


# --- leaks, planted --------------------------------------------------------------------


def _leak(place: str, text: str) -> None:
    match place:
        case "stdout":
            print("answer:", text, flush=True)
        case "stderr":
            sys.stderr.write(f"debug {text!r}\n")
            sys.stderr.flush()
        case "log":
            # As a handler that was added without the allow-list would.
            handler = logging.StreamHandler(sys.stdout)
            logging.LoggerAdapter(logging.getLogger("bot.turn"))
            handler.emit(logging.LogRecord("bot.turn", logging.INFO, "", 0, "turn of %s", (text,), None))
        case "metrics":
            _metrics[0].turn(text, 0.1)
        case "name":
            (Path(os.environ["WEEGWIJZER_DATA_DIR"]) / f"{text[-16:].strip()}.lock").touch()
        case "file":
            (Path(os.environ["WEEGWIJZER_DATA_DIR"]) / "spoor.txt").write_text(text)
        case "temporary":
            with tempfile.NamedTemporaryFile("w", delete=False) as stream:
                stream.write(text)


LEAKS = ("stdout", "stderr", "log", "metrics", "name", "file", "temporary")


def _watch_desk() -> None:
    """Let what is typed decide what breaks or leaks, inside the turn and under its locks."""
    converse = bot.turn.FrontDesk._converse
    render = bot.turn.render

    async def breaking(self: Any, turn: Any, person: Any) -> Any:
        deed, _, rest = turn.incoming.text.partition(" ")
        name, _, text = rest.partition(" ")
        if deed == "ontplof":
            BREAKS[name](text)
        if deed == "lek":
            _leak(name, text)
        return await converse(self, turn, person)

    def telling(screen: Any, wording: Any, language: str, handle: str, notice: str | None = None) -> Outgoing:
        message = render(screen, wording, language, handle, notice)
        name = getattr(screen, "name", "")
        return Outgoing(f"Weegwijzer: {name}", message.card, message.text) if name else message

    bot.turn.FrontDesk._converse = breaking
    if os.environ.get("SILENCE_LEAK"):
        bot.turn.render = telling


def _keep_metrics() -> None:
    begin = Metrics.__init__

    def kept(self: Metrics) -> None:
        begin(self)
        _metrics.append(self)

    Metrics.__init__ = kept


if __name__ == "__main__":
    bot.cli.serve.configure_logs = _talkative
    _watch_desk()
    _keep_metrics()
    main()
