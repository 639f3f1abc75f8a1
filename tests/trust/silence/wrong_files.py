"""Files with mistakes and with marked words, for the program to refuse.

A refusal names the file, the line and the ids of a framework; never a name, an answer, a key or a long text.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tests.trust.silence.canaries import Canaries
from tests.trust.silence.program import ROOT

_FRAMEWORK = ROOT / "frameworks" / "informatielekken" / "2.0" / "framework.yaml"
_SERVE = ("serve",)
_ACCESS, _KEY, _OWN_FRAMEWORK = "WEEGWIJZER_ACCESS_FILE", "WEEGWIJZER_DATA_KEY_FILE", "WEEGWIJZER_FRAMEWORK"
_ADVISE = ("framework", "advise", str(_FRAMEWORK), "--answers", "FILE")


class Wrong(NamedTuple):
    """A file with mistakes, the command that reads it, and the setting that names it."""

    content: bytes
    command: tuple[str, ...]
    setting: str


def wrong_files(canaries: Canaries) -> Iterator[Wrong]:
    """Give files with mistakes of every kind that the program can be given."""
    word = canaries.word
    yield from (Wrong(text.encode(), _SERVE, _ACCESS) for text in _access_files(canaries))
    yield Wrong(f"\xff{word('name')}".encode("latin-1"), _SERVE, _ACCESS)
    yield Wrong(word("data key").encode(), _SERVE, _KEY)
    yield from (Wrong(text.encode(), _ADVISE, "") for text in _answers(canaries))
    told = _FRAMEWORK.read_text("utf-8").replace("Bent u zelf", word("framework text"))
    told = told.replace("asked_when: always", "asked_when: altijd", 1)
    yield Wrong(told.encode(), ("framework", "check", "FILE"), "")
    yield Wrong(told.encode(), _SERVE, _OWN_FRAMEWORK)
    yield Wrong(word("database").encode() * 1000, ("dossier", "verify", "FILE"), "")


def _access_files(canaries: Canaries) -> Iterator[str]:
    word, name = canaries.word, canaries.word("name in the access file")
    people = f"tenants: [{word('tenant id')}]\npeople:\n  - id: {word('Entra id')}\n    name: {word('name')}\n"
    yield people + f"    functie: {word('function')}\n    roles: [{word('role')}]\n"
    yield people + f"    {name}: 1\n    {name}: 2\n"
    yield people + f"  - !{word('name')} x\n"
    yield people + f"  - *{word('name')}\n"
    yield people + f"  - '{word('name')}\n"
    yield people + f"  - %{word('name')}: [\n"
    yield f"{word('name')}\n"


def _answers(canaries: Canaries) -> Iterator[str]:
    word, now = canaries.word, '{"now": "2026-11-23T10:00:00+01:00", "answers": '
    yield f'{{"now": "{word("answer")}", "answers": {{}}}}'
    yield f'{now}{{"omschrijving": ["{word("answer")}"]}}}}'
    yield f'{now}{{"omschrijving": "{word("answer") * 400}"}}}}'
    yield f'{now}{{"bekend_sinds": "{word("answer")}"}}}}'
    yield f'{now}"{word("answer")}"}}'
