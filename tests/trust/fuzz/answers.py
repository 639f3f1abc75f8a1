"""The readers of answers: what is typed under any question, and an answers file of the commands."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from bot.cli.framework import read_answers
from bot.cli.refusal import Refusal
from bot.shelf import open_framework, published
from dialogs.answers import Misread, to_unknown, to_value
from dialogs.dates import ReadError, read_date, read_moment, show_moment
from dialogs.reading import read_text, split_note
from state.advice import to_json
from state.compiled import CompiledFramework, compile_framework
from state.errors import AnswerError
from state.framework import Question
from state.questionnaire import check_answer
from state.reader import read_framework
from state.weighing import missing, weigh, weigh_for_channel
from tests.casework import NEWSPAPER
from tests.conftest import NOW
from tests.trust.fuzz.mutations import bytewise, in_json
from tests.trust.fuzz.target import TESTS, Target


@cache
def _real() -> CompiledFramework:
    return open_framework(published()[-1])


@cache
def _questions() -> tuple[tuple[CompiledFramework, Question], ...]:
    """Give the questions of the real framework and of the small one: every kind is among them."""
    text = (TESTS / "dialogs" / "small.yaml").read_text("utf-8")
    small = compile_framework(read_framework(text, "small.yaml"), "0" * 64)
    return tuple((compiled, question) for compiled in (_real(), small) for question in compiled.framework.questions)


def read_answer(data: bytes) -> None:
    """Read a typed answer to the question that the first byte names, or an answers file."""
    if data.startswith((b"{", b"now:")):
        _read_answers_file(data)
        return
    questions = _questions()
    compiled, question = questions[(data or b"\x00")[0] % len(questions)]
    language = "en" if data[1:2] > b"\x7f" else "nl"
    text = data[2:].decode("utf-8", "ignore")
    wish = read_text(text, f"question:{question.id}")
    said, _ = split_note(wish.argument)
    _read_moments(text, language)
    try:
        value = to_unknown(question) if wish.verb == "unknown" else to_value(question, said, NOW, language)
    except Misread:
        return
    try:
        kept = check_answer(compiled, question.id, value)
    except AnswerError:
        # What can be typed and yet not be kept: options that exclude each other, and no other.
        assert question.type == "multi"
        return
    assert check_answer(compiled, question.id, kept) == kept


def _read_moments(text: str, language: str) -> None:
    for direction in ("back", "ahead"):
        with suppress(ReadError):
            moment = read_moment(text, NOW, language, direction=direction)
            # What is shown can be read back.
            assert read_moment(show_moment(moment, language), NOW, language, direction=direction) == moment
        with suppress(ReadError):
            read_date(text, NOW, language, direction=direction)


def _read_answers_file(data: bytes) -> None:
    path = Path(_scratch().name) / "answers.yaml"
    path.write_bytes(data)
    compiled = _real()
    try:
        now, given = read_answers(path, compiled)
    except Refusal as refusal:
        assert str(refusal).startswith(str(path))
        return
    advice = weigh(compiled, given, now)
    to_json(advice, weigh_for_channel(compiled, given, now), missing(compiled, given, now))


def _answers() -> Iterator[bytes]:
    now = NOW.isoformat()
    yield json.dumps({"now": now, "answers": {}}).encode()
    yield json.dumps({"now": now, "answers": {**NEWSPAPER, "bekend_sinds": "onbekend"}}).encode()
    yield f"now: {now}\nanswers:\n  spoed: nee\n  bekend_sinds: '2026-11-20T08:15:00+01:00'\n".encode()
    for number in range(len(_questions())):
        yield from (bytes((number, mark)) + text.encode() for mark, text in enumerate(_TYPED))


_TYPED = (
    "1", "1,3", "ja", "onbekend", "weet ik niet", "gisteren 14:30", "20-11-2026 om kwart over 8", "2 opmerking: later",
    "afwijken 3 terughoudend: omdat", "vrijdagavond half negen", "3 weken geleden 08:00", "2026-11-20T08:15+01:00",
    "25 oktober 2026 02:30 wintertijd", "vannacht om 3 uur", "nov 20, 2026 8 pm", "verder IL-2026-0042", "wijzig 12",
)  # fmt: skip


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")


TARGET = Target(read_answer, _answers, (bytewise, bytewise, in_json), most=4_096)
