"""Checking a dossier: whether it is whole, and whether it follows from itself, framework and advice included."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.dossier.bundle import read_bundle
from bot.dossier.export import MANIFEST, PDF, SCRIPT, SIGNATURE, body_path, to_files
from bot.dossier.imprint import Imprint, read_imprint, to_json
from bot.dossier.integrity import Verdict, check_whole
from bot.dossier.pdf import TYPESETTER, NotTypeset
from bot.dossier.readme import to_partial_readme
from bot.dossier.signing import Seals
from bot.dossier.transcript import FIRST_RENDERING, FORMAT, RENDERING, Dossier, read_dossier, recompute
from state.codec import Row, read_head
from state.compiled import CompiledFramework, compile_framework
from state.errors import CaseError, FrameworkError
from state.events import AdviceGiven, CardOwed, PreviewShown, QuestionAsked
from state.reader import read_framework

_ABSENT = object()
_WHEN_COMPLETE = ("framework.yaml", "transcript.json", "transcript.html", "transcript.md", PDF)


def verify(path: Path, key: str = "", prints: Collection[str] = ()) -> Verdict:
    """Check a dossier's folder, ZIP or tar; raises UnreadableError when there is nothing to check.

    `key` is the published print of the key, `prints` are chain values that were kept elsewhere; 16 hex digits or more.
    """
    bundle = read_bundle(path)
    verdict = Verdict(problems=bundle.problems)
    files = bundle.files
    rows = check_whole(files, key, prints, verdict)
    left_out = [row.seq for row in rows if body_path(row.seq) not in files]
    if left_out:
        _check_partial(files, rows, left_out, verdict)
        return verdict
    verdict.problems += [f"{name} is missing" for name in _WHEN_COMPLETE if name not in files]
    framework = _read_framework(files, verdict)
    if rows and framework and verdict.is_sound:
        _check_content(files, rows, framework, verdict)
    elif not verdict.is_sound:
        verdict.notes.append("the advice was not recomputed, because of the problems above")
    return verdict


def _check_partial(files: Mapping[str, bytes], rows: Sequence[Row], left_out: list[int], verdict: Verdict) -> None:
    """Check a bundle that was issued without some bodies: it holds nothing that tells of events."""
    which = ", ".join(map(str, left_out))
    verdict.notes.append(f"the content of event {which} was left out: the advice cannot be recomputed")
    kept = {"heads.jsonl", "checkpoint.txt", "key.pem", "verify.sh", "README.txt", MANIFEST, SIGNATURE}
    kept |= {body_path(row.seq) for row in rows}
    verdict.problems += [f"{name} cannot be checked without every body" for name in sorted(files.keys() - kept)]
    if not verdict.is_sound:
        return
    expected = {"README.txt": to_partial_readme(rows, left_out).encode(), "verify.sh": SCRIPT}
    verdict.notes += [
        f"{name} is not this version's and was not compared" for name in expected if files[name] != expected[name]
    ]


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
    except NotTypeset:
        verdict.problems.append(f"{PDF} cannot be made from the events")
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
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
    try:
        imprint = read_imprint(transcript)
    except ValueError:
        verdict.problems.append("transcript.json does not say who forms the archive and what set the PDF")
        return
    # An older rendering said the same in another way; which ones there were is known, so none can be invented.
    is_older = transcript.get("rendering") in range(FIRST_RENDERING, RENDERING)
    ours = {**dossier.transcript, **to_json(imprint), "rendering": transcript["rendering"] if is_older else RENDERING}
    different = sorted(_differences(transcript, _plain(ours), ""))
    verdict.problems += [f"transcript.json differs from what the events give: {place}" for place in different]
    if is_older:
        verdict.notes.append("the pages were made by an older Weegwijzer and were not compared")
    else:
        _check_pages(files, dossier, imprint, verdict)


def _check_pages(files: Mapping[str, bytes], dossier: Dossier, imprint: Imprint, verdict: Verdict) -> None:
    """Make every page anew and compare; the PDF only where the same typesetter made it."""
    is_ours = imprint.typesetter == TYPESETTER
    if not is_ours:
        made_by = ascii(imprint.typesetter[:40])
        verdict.notes.append(f"{PDF} was made by {made_by} and was not compared: this is {TYPESETTER}")
    seals = Seals(files["checkpoint.txt"], files["key.pem"])
    expected = to_files(dossier, files["framework.yaml"], imprint, seals, None if is_ours else files[PDF])
    verdict.problems += [
        f"{name} is not what follows from the events"
        for name in sorted(expected.keys() | files.keys())
        if name not in ("transcript.json", MANIFEST, SIGNATURE) and files.get(name) != expected.get(name)
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
