"""Checking a dossier: whether it is whole, and whether it follows from itself, framework and advice included."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.dossier.bundle import read_bundle
from bot.dossier.export import MANIFEST, body_path, to_files
from bot.dossier.transcript import FORMAT, RENDERING, Dossier, read_dossier, recompute
from state.codec import FIRST, Row, read_head
from state.compiled import CompiledFramework, compile_framework
from state.errors import CaseError, FrameworkError, TranscriptDamaged
from state.events import AdviceGiven, CardOwed, PreviewShown, QuestionAsked
from state.reader import read_framework

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
_ABSENT = object()
_MAIN_FILES = ("heads.jsonl", "framework.yaml", "transcript.json", "transcript.html", "transcript.md", "README.txt")


@dataclass(slots=True)
class Verdict:
    """What checking a dossier found: problems, things worth knowing, and what it is."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    number: str = ""
    events: int = 0
    link: str = ""

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.problems


def verify(path: Path) -> Verdict:
    """Check a dossier's folder or ZIP; raises UnreadableError when there is nothing to check."""
    bundle = read_bundle(path)
    verdict = Verdict(problems=bundle.problems)
    files = bundle.files
    verdict.problems += _check_manifest(files)
    rows = _read_rows(files, verdict)
    framework = _read_framework(files, verdict)
    if rows and framework and verdict.is_sound:
        _check_content(files, rows, framework, verdict)
    elif not verdict.is_sound:
        verdict.notes.append("the advice was not recomputed, because of the problems above")
    return verdict


# --- files -----------------------------------------------------------------------------


def _check_manifest(files: Mapping[str, bytes]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in (*_MAIN_FILES, MANIFEST) if name not in files)
    listed: dict[str, str] = {}
    for number, line in enumerate(_lines(files.get(MANIFEST, b"")), 1):
        found = _LINE.fullmatch(line)
        if found is None or found[2] in listed:
            yield f"{MANIFEST}, line {number}: not a check sum and a name that occurs once"
        else:
            listed[found[2]] = found[1]
    if MANIFEST in files:
        yield from _compare(files, listed)


def _compare(files: Mapping[str, bytes], listed: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(listed.keys() | files.keys() - {MANIFEST}):
        if name not in listed:
            yield f"{name} is not in {MANIFEST}: it was added"
        elif name not in files:
            yield f"{name} is in {MANIFEST}, but is missing"
        elif sha256(files[name]).hexdigest() != listed[name]:
            yield f"{name} was changed: its SHA-256 is not the one in {MANIFEST}"


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines()


# --- the chain -------------------------------------------------------------------------


def _read_rows(files: Mapping[str, bytes], verdict: Verdict) -> tuple[Row, ...]:
    """Give the rows, with every problem of every event in the verdict."""
    content = files.get("heads.jsonl", b"")
    heads = content.split(b"\n")
    if heads.pop() or not heads:
        verdict.problems.append("heads.jsonl does not hold whole lines")
    rows, prev = [], FIRST
    for seq, head in enumerate(heads, 1):
        row = Row(seq, head, files.get(body_path(seq), b""))
        verdict.problems += _check_event(row, prev, files)
        rows.append(row)
        prev = row.link
    bodies = {name for name in files if name.startswith("bodies/")}
    extra = sorted(bodies - {body_path(row.seq) for row in rows})
    verdict.problems += [f"{name} belongs to no event in heads.jsonl" for name in extra]
    verdict.events, verdict.link = len(rows), prev
    return tuple(rows)


def _check_event(row: Row, prev: str, files: Mapping[str, bytes]) -> Iterator[str]:
    try:
        head = read_head(row.head)
    except (TranscriptDamaged, RecursionError):
        yield f"event {row.seq}: its line in heads.jsonl is not a head"
        return
    if head["seq"] != row.seq:
        yield f"event {row.seq}: its head says that it is event {str(head['seq'])[:20]}"
    if head["prev"] != prev:
        yield f"event {row.seq} does not follow the one before it: something before it was changed or left out"
    if body_path(row.seq) not in files:
        yield f"event {row.seq}: its body was removed"
    elif sha256(row.body).hexdigest() != head["body"]:
        yield f"event {row.seq}: its body is not the one that was recorded"


# --- the framework ---------------------------------------------------------------------


def _read_framework(files: Mapping[str, bytes], verdict: Verdict) -> CompiledFramework | None:
    content = files.get("framework.yaml")
    if content is None:
        return None
    try:
        framework = read_framework(content.decode(), "framework.yaml")
    except (FrameworkError, UnicodeDecodeError, RecursionError) as error:
        first = str(error).partition("\n")[0] if isinstance(error, FrameworkError) else "it is not text"
        verdict.problems.append(f"framework.yaml cannot be read as a framework ({first})")
        return None
    return compile_framework(framework, sha256(content).hexdigest())


# --- what follows from the events ------------------------------------------------------


def _check_content(
    files: Mapping[str, bytes], rows: tuple[Row, ...], framework: CompiledFramework, verdict: Verdict
) -> None:
    try:
        dossier = read_dossier(read_head(rows[0].head)["case"], rows, framework)
        verdict.number = dossier.number
        verdict.problems += _check_words(dossier)
        verdict.problems += _check_advice(dossier)
        verdict.problems += _check_cards(dossier)
        _check_derived(files, dossier, verdict)
    except CaseError as error:
        verdict.problems.append(f"the events cannot be what happened: {error}")
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        # Events of the right form about questions, options or steps that the framework does not have.
        verdict.problems.append("the events speak of things that framework.yaml does not have")


def _check_words(dossier: Dossier) -> Iterator[str]:
    """Compare every question as it was shown with the framework's words."""
    questions = dossier.framework.framework.question_by_id
    for step in dossier.steps:
        event = step.recorded.event
        if not isinstance(event, QuestionAsked):
            continue
        question, language = questions[event.question], event.language
        shown = (event.text, event.help, [(option.id, option.label) for option in event.options])
        options = [(option.id, option.label.in_language(language)) for option in question.options]
        if shown != (question.text.in_language(language), question.help.in_language(language), options):
            yield f"event {step.recorded.seq}: question {question.id} was shown in other words than the framework's"


def _check_advice(dossier: Dossier) -> Iterator[str]:
    """Compute every advice again from the answers before it, and compare it with the recorded one."""
    for step in dossier.steps:
        event = step.recorded.event
        if isinstance(event, AdviceGiven):
            again = _plain(recompute(dossier.framework, step))
            different = sorted(_differences(_plain(dict(event.advice)), again, ""))
            yield from (
                f"event {step.recorded.seq}: the recorded advice differs from what the answers give: {place}"
                for place in different
            )


def _check_cards(dossier: Dossier) -> Iterator[str]:
    for step in dossier.steps:
        event = step.recorded.event
        if isinstance(event, PreviewShown | CardOwed) and sha256(event.card.encode()).hexdigest() != event.sha256:
            yield f"event {step.recorded.seq}: the card is not the one that its SHA-256 names"


def _check_derived(files: Mapping[str, bytes], dossier: Dossier, verdict: Verdict) -> None:
    """Compare what people read with what follows from the events: a false page with a right sum is false."""
    transcript = _parsed(files["transcript.json"])
    if transcript.get("format") != FORMAT:
        verdict.problems.append(f"transcript.json is not of the format {FORMAT}")
        return
    # An older rendering said the same in another way; which ones there were is known, so none can be invented.
    is_older = transcript.get("rendering") in range(1, RENDERING)
    ours = _plain({**dossier.transcript, "rendering": transcript["rendering"] if is_older else RENDERING})
    different = sorted(_differences(transcript, ours, ""))
    verdict.problems += [f"transcript.json differs from what the events give: {place}" for place in different]
    if is_older:
        verdict.notes.append("the pages were made by an older Weegwijzer and were not compared")
        return
    expected = to_files(dossier, files["framework.yaml"])
    verdict.problems += [
        f"{name} is not what follows from the events"
        for name in sorted(expected.keys() | files.keys())
        if name not in ("transcript.json", MANIFEST) and files.get(name) != expected.get(name)
    ]


def _parsed(content: bytes) -> dict[str, Any]:
    """Give a JSON object from elsewhere; an empty one when it is none."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _plain(value: Any) -> Any:
    """Give a value as it comes back from JSON."""
    return json.loads(json.dumps(value))


def _differences(found: Any, expected: Any, place: str) -> Iterator[str]:
    """Give the places where two JSON values differ; never what stands there."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in found.keys() | expected.keys():
            inside = f"{place}.{key}" if place else str(key)
            yield from _differences(found.get(key, _ABSENT), expected.get(key, _ABSENT), inside)
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for number, (one, other) in enumerate(zip(found, expected, strict=True), 1):
            yield from _differences(one, other, f"{place}[{number}]")
    elif type(found) is not type(expected) or found != expected:
        yield place[:200]
