"""A tiny framework that tests break at one spot: the mark shows where the mistake ought to be found."""

from pathlib import Path

from state.errors import FrameworkError
from state.framework import Framework
from state.reader import read_framework

NAME = "tiny.yaml"
TEXT = (Path(__file__).parent / NAME).read_text("utf-8")
MARK = "▸"


def edited(*edits: tuple[str, str]) -> str:
    """Give the tiny framework's text with each old part, which must stand there once, replaced by a new one."""
    text = TEXT
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def tiny(*edits: tuple[str, str]) -> Framework:
    """Give the tiny framework with its text edited."""
    return read_framework(edited(*edits), NAME)


def mistakes(text: str) -> list[str]:
    """Give what the reader has against a text, as file:line:column: message; nothing when it is a framework."""
    try:
        read_framework(text, NAME)
    except FrameworkError as error:
        assert str(error) == "\n".join(str(finding) for finding in error.findings)
        return [str(finding) for finding in error.findings]
    return []


def assert_finds(marked: str, *messages: str) -> None:
    """Check that a text has exactly these mistakes, each where its mark stands."""
    text, places = _without_marks(marked)
    found = mistakes(text)
    expected = zip(places, messages, strict=True)
    assert found == [f"{NAME}:{line}:{column}: {message}" for (line, column), message in expected], "\n".join(found)


def _without_marks(marked: str) -> tuple[str, list[tuple[int, int]]]:
    before, *parts = marked.split(MARK)
    places = []
    for part in parts:
        places.append((before.count("\n") + 1, len(before) - before.rfind("\n")))
        before += part
    return before, places
