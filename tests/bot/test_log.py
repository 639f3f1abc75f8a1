import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.log import configure_logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    text = io.StringIO()
    configure_logs(stream=text, level=logging.DEBUG)
    yield text
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    logging.captureWarnings(False)
    structlog.reset_defaults()


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_codes_are_shown_with_their_allowed_keys(stream: io.StringIO):
    logging.getLogger("bot.outbox").error("post_refused", extra={"status": 403, "kind": "card", "reference": "a1b2"})
    [line] = _lines(stream)
    assert line["event"] == "post_refused"
    assert (line["level"], line["logger"]) == ("error", "bot.outbox")
    assert (line["status"], line["kind"], line["reference"]) == (403, "card", "a1b2")
    assert "left_out" not in line


def test_structlog_goes_the_same_way(stream: io.StringIO):
    structlog.get_logger("bot.app").info("started", port=3978, person="Anja de Vries")
    [line] = _lines(stream)
    assert (line["event"], line["port"], line["left_out"]) == ("started", 3978, 1)
    assert "Anja" not in stream.getvalue()


@pytest.mark.parametrize(
    "extra",
    [
        {"text": "kanarie"},
        {"person": "kanarie"},
        {"conversation": "kanarie"},
        {"number": "IL-2026-1234"},
        {"case": "IL-2026-1234"},
        {"case": "kanarie"},
        {"kind": "IL-2026-1234"},
        {"kind": "33333333-3333-4333-8333-333333333330"},
        {"kind": "een zin met kanarie"},
        {"reason": "kanarie zingt"},
        {"code": ["kanarie"]},
        {"outcome": {"a": "kanarie"}},
        {"frames": "kanarie"},
    ],
)
def test_what_may_not_be_logged_falls_out(extra: dict[str, Any], stream: io.StringIO):
    logging.getLogger("bot.turn").warning("turn_failed", extra=extra)
    [line] = _lines(stream)
    assert line["left_out"] == 1
    for hidden in ("kanarie", "IL-2026", "33333333"):
        assert hidden not in stream.getvalue()


def test_a_case_is_named_by_its_random_id(stream: io.StringIO):
    logging.getLogger("bot.turn").error("transcript_damaged", extra={"case": "0f" * 16})
    assert _lines(stream)[0]["case"] == "0f" * 16


@pytest.mark.parametrize("logger", ["bot.turn", "aiohttp.server", "root", "bottle"])
def test_a_sentence_is_never_shown(logger: str, stream: io.StringIO):
    logging.getLogger(logger).error("kanarie zegt %s", "iets")
    assert _lines(stream)[0]["event"] == "library_message"
    assert "kanarie" not in stream.getvalue()


def test_a_code_of_a_library_is_not_taken_for_ours(stream: io.StringIO):
    logging.getLogger("aiohttp.server").error("kanarie")
    assert "kanarie" not in stream.getvalue()


def test_an_exception_is_shown_by_kind_and_place_without_its_words(stream: io.StringIO):
    secret = "kanarie"
    try:
        raise ValueError(secret)
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request %s", secret)
        logging.getLogger("bot.turn").exception("turn_failed")
        structlog.get_logger("bot.turn").exception("turn_failed")
    lines = _lines(stream)
    assert [line["error"] for line in lines] == ["ValueError"] * 3
    assert all(line["frames"][0].startswith("test_log.py:") for line in lines)
    assert secret not in stream.getvalue()


class _Unsayable:
    def __str__(self) -> str:
        raise ValueError("kanarie")


@pytest.mark.parametrize(("text", "argument"), [("%d", "kanarie"), ("%s %s", "kanarie"), ("%s", _Unsayable())])
def test_a_line_that_cannot_be_formatted_is_lost_without_its_words(
    stream: io.StringIO, capfd: pytest.CaptureFixture[str], text: str, argument: Any
):
    ours = next(one for one in logging.getLogger().handlers if getattr(one, "stream", None) is stream)
    ours.handle(logging.LogRecord("aiohttp.server", logging.ERROR, "", 0, text, (argument,), None))
    assert [line["event"] for line in _lines(stream)] == ["log_line_lost"]
    assert "kanarie" not in stream.getvalue() + "".join(capfd.readouterr())


def test_a_log_that_cannot_be_written_stops_nothing(stream: io.StringIO):
    logging.getLogger("bot.turn").error("turn_failed")
    stream.close()
    logging.getLogger("bot.turn").error("turn_failed")


def test_what_nobody_caught_is_told_without_its_words(stream: io.StringIO, capfd: pytest.CaptureFixture[str]):
    def fail() -> None:
        raise ValueError("kanarie")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    lines = _lines(stream)
    assert [(line["event"], line["error"]) for line in lines] == [("uncaught", "ValueError")] * 2
    assert all(line["frames"][-1].startswith("test_log.py:") for line in lines)
    assert "kanarie" not in stream.getvalue() + "".join(capfd.readouterr())


def test_libraries_that_talk_are_quiet(stream: io.StringIO):
    for name in ("aiohttp.access", "msrest.http_logger", "urllib3.connectionpool"):
        logging.getLogger(name).info("GET /v3/conversations/kanarie")
    assert not stream.getvalue()


def test_local_mode_has_readable_lines(stream: io.StringIO):
    text = io.StringIO()
    configure_logs(readable=True, stream=text)
    logging.getLogger("bot.app").info("started", extra={"port": 3978, "text": "kanarie"})
    assert "started" in text.getvalue()
    assert "port=3978" in text.getvalue()
    assert "kanarie" not in text.getvalue()
