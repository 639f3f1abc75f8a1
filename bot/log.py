"""Log lines that cannot hold content: a list of allowed keys, and nothing of a message or an exception's text.

Every line of our own code is a code such as `store_unavailable`. What a library says is kept as its level,
its logger and the kind of exception; its words may repeat what someone typed (threat model F20).
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog

from bot.uncaught import frames_of, tell_uncaught

# Nothing here can name a person, a conversation or a case's number; `case` is a case's random id.
ALLOWED = frozenset({
    "event", "level", "logger", "timestamp", "reference", "code", "status", "outcome", "kind", "reason", "count",
    "seconds", "attempts", "retry_after", "port", "mode", "version", "framework", "sha256", "case", "error", "frames",
    "signal", "left_out",
})  # fmt: skip

_OURS = ("bot", "dialogs", "state")
_QUIET = (
    "aiohttp.access",
    "asyncio",
    "azure",
    "botbuilder",
    "botframework",
    "markdown_it",
    "msrest",
    "transitions",
    "urllib3",
)
_CODE = re.compile(r"[a-z][a-z0-9_.:]{0,63}")
# A value is a code, a version, a moment or a hash; never a sentence, a person's id or a case's number.
_WORD = re.compile(r"(?![0-9a-fA-F]{8}-)(?!IL-)[A-Za-z0-9_.:+-]{1,80}")
_VALUES = {"case": re.compile(r"[0-9a-f]{32}"), "reason": _CODE, "code": _CODE, "outcome": _CODE}

Event = MutableMapping[str, Any]

_log = logging.getLogger(__name__)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; Python's own would print a line that cannot be formatted with all its words."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # Python's name
        """Say that a line was lost, and nothing of it."""
        lost = logging.LogRecord(_log.name, logging.ERROR, "", 0, "log_line_lost", None, None)
        # Where nothing can be written any more, the turn goes on.
        with suppress(OSError, ValueError):
            self.stream.write(self.format(lost) + self.terminator)


def configure_logs(*, readable: bool = False, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send every log line of the process through the allow-list; JSON, or readable lines in local mode."""
    renderer: Any = structlog.dev.ConsoleRenderer(colors=False) if readable else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[_bare, structlog.stdlib.ProcessorFormatter.remove_processors_meta, keep_allowed, renderer],
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    _install(handler, level)


def _install(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.captureWarnings(True)
    tell_uncaught(lambda error: _log.critical("uncaught", exc_info=error))


def _bare(_: Any, __: str, event: Event) -> Event:
    """Take an exception's kind and frames, and its words away."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["frames"] = frames_of(error)
    return event


def keep_allowed(_: Any, __: str, event: Event) -> Event:
    """Keep the allowed keys with harmless values; what falls out is counted, not shown."""
    event["event"] = _event(event)
    kept = {key: value for key, value in event.items() if key in ALLOWED and _is_harmless(key, value)}
    if len(kept) < len(event):
        kept["left_out"] = len(event) - len(kept)
    return kept


def _event(event: Event) -> str:
    logger, text = str(event.get("logger", "")), event.get("event")
    is_ours = logger.partition(".")[0] in _OURS
    return text if is_ours and isinstance(text, str) and _CODE.fullmatch(text) else "library_message"


def _is_harmless(key: str, value: Any) -> bool:
    if isinstance(value, bool | int | float) or value is None:
        return True
    if key == "frames":
        return isinstance(value, list)
    return isinstance(value, str) and _VALUES.get(key, _WORD).fullmatch(value) is not None
