"""Checking a dossier: what is sound passes, and every kind of tampering is named."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dossier import verify as verifying
from bot.dossier.export import MANIFEST, export, to_files, to_manifest
from bot.dossier.verify import Verdict, verify
from state.events import AdviceGiven, AnswerGiven, CardOwed, QuestionAsked
from tests.bot.dossier.cases import (
    ANJA,
    MINI,
    NOW,
    dossier_of,
    full,
    handed_over,
    mini,
    rows_of,
    weighed,
    with_event,
)
from tests.casework import Casework


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return export(dossier_of(full()), MINI, tmp_path)


def seal(folder: Path) -> None:
    """Make the manifest fit again, as a forger would."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (folder / MANIFEST).write_bytes(to_manifest(files))


def problems_of(folder: Path) -> str:
    verdict = verify(folder)
    assert not verdict.is_sound
    return "\n".join(verdict.problems)


@pytest.mark.parametrize("make", [full, handed_over, weighed], ids=lambda make: make.__name__)
def test_finds_nothing_wrong_with_what_was_exported(make: Callable[[], Casework], tmp_path: Path):
    dossier = dossier_of(make())
    verdict = verify(export(dossier, MINI, tmp_path))
    assert verdict == Verdict([], [], "IL-2026-0042", len(dossier.rows), dossier.link)


def test_a_case_in_which_nothing_was_answered_is_sound_too(tmp_path: Path):
    work = Casework(mini(), ANJA, NOW).open()
    assert verify(export(dossier_of(work), MINI, tmp_path)).is_sound


# --- files -----------------------------------------------------------------------------


def test_names_a_file_that_was_changed(folder: Path):
    (folder / "transcript.md").write_text("niets aan de hand")
    assert "transcript.md was changed: its SHA-256 is not the one in MANIFEST.sha256" in problems_of(folder)


def test_names_a_file_that_is_missing(folder: Path):
    (folder / "bodies" / "000005.json").unlink()
    problems = problems_of(folder)
    assert "bodies/000005.json is in MANIFEST.sha256, but is missing" in problems
    assert "event 5: its body was removed" in problems


def test_names_a_file_that_was_added(folder: Path):
    (folder / "bewijs.txt").write_text("vals")
    assert "bewijs.txt is not in MANIFEST.sha256: it was added" in problems_of(folder)
    seal(folder)
    assert "bewijs.txt is not what follows from the events" in problems_of(folder)


def test_refuses_links(folder: Path):
    (folder / "README.txt").unlink()
    (folder / "README.txt").symlink_to("/etc/hostname")
    assert "'README.txt' is a link; a dossier holds files only" in problems_of(folder)


def test_refuses_a_linked_folder(folder: Path, tmp_path: Path):
    shutil.move(folder / "bodies", tmp_path / "elders")
    (folder / "bodies").symlink_to(tmp_path / "elders")
    assert "'bodies' is a link" in problems_of(folder)


def test_refuses_what_is_not_an_ordinary_file(folder: Path):
    os.mkfifo(folder / "pijp")
    assert "'pijp' is not an ordinary file" in problems_of(folder)


@pytest.mark.parametrize("manifest", [b"", b"geen lijst\n", b"\xff\xfe\n"])
def test_names_a_manifest_that_is_none(folder: Path, manifest: bytes):
    (folder / MANIFEST).write_bytes(manifest)
    assert "transcript.json is not in MANIFEST.sha256" in problems_of(folder)


def test_names_a_manifest_that_says_two_things_of_one_file(folder: Path):
    manifest = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(manifest + manifest[: manifest.index(b"\n") + 1])
    assert "not a check sum and a name that occurs once" in problems_of(folder)


@pytest.mark.parametrize("name", ["heads.jsonl", "transcript.html", "framework.yaml", "README.txt", MANIFEST])
def test_names_a_main_file_that_is_not_there(folder: Path, name: str):
    (folder / name).unlink()
    if name != MANIFEST:
        seal(folder)
    assert f"{name} is missing" in problems_of(folder)


# --- the chain -------------------------------------------------------------------------


def test_names_the_event_whose_body_was_changed(folder: Path):
    body = folder / "bodies" / "000003.json"
    body.write_bytes(body.read_bytes().replace(b"ja_ikzelf", b"nee"))
    seal(folder)
    assert "event 3: its body is not the one that was recorded" in problems_of(folder)


def test_names_the_place_where_an_event_was_left_out(folder: Path):
    heads = (folder / "heads.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "heads.jsonl").write_bytes(b"".join(heads[:4] + heads[5:]))
    seal(folder)
    problems = problems_of(folder)
    assert "event 5 does not follow the one before it" in problems
    assert "event 5: its head says that it is event 6" in problems
    assert "bodies/000032.json belongs to no event in heads.jsonl" in problems


def test_names_a_head_that_was_changed_at_the_event_after_it(folder: Path):
    heads = (folder / "heads.jsonl").read_bytes()
    (folder / "heads.jsonl").write_bytes(heads.replace(b'"seq":4,', b'"seq":4, ', 1))
    seal(folder)
    assert "event 4: its line in heads.jsonl is not a head" in problems_of(folder)


@pytest.mark.parametrize("heads", [b"", b"\n", b"{}\n", b"[" * 20_000 + b"\n", b"null\n", b"\xff\n"])
def test_names_heads_that_are_none(folder: Path, heads: bytes):
    (folder / "heads.jsonl").write_bytes(heads)
    seal(folder)
    assert "heads.jsonl" in problems_of(folder)


def test_names_a_last_line_that_is_cut_off(folder: Path):
    heads = (folder / "heads.jsonl").read_bytes()
    (folder / "heads.jsonl").write_bytes(heads[:-10])
    seal(folder)
    assert "heads.jsonl does not hold whole lines" in problems_of(folder)


# --- a forger with time: chain and manifest computed anew -------------------------------


def forge(tmp_path: Path, work: Casework, seq: int, change: Callable) -> str:
    """Export a case with one event changed and everything else recomputed; give what is found."""
    event = change(work.transcript[seq - 1].event)
    honest, rows = dossier_of(work), with_event(work, seq, event)
    forged = replace(honest, rows=rows, steps=honest.steps)
    files = to_files(forged, MINI)
    folder = tmp_path / "dossier"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return problems_of(folder)


def seq_of(work: Casework, kind: type, nth: int = -1) -> int:
    return [recorded.seq for recorded in work.transcript if isinstance(recorded.event, kind)][nth]


def test_names_an_advice_that_does_not_follow_from_the_answers(tmp_path: Path):
    work = weighed()

    def soften(event: AdviceGiven) -> AdviceGiven:
        steps = {**event.advice["steps"], "melden_ap": {**event.advice["steps"]["melden_ap"], "grade": "nao"}}
        return AdviceGiven({**event.advice, "steps": steps})

    seq = seq_of(work, AdviceGiven)
    problems = forge(tmp_path, work, seq, soften)
    assert f"event {seq}: the recorded advice differs from what the answers give: steps.melden_ap.grade" in problems


def test_names_an_advice_that_does_not_fit_a_changed_answer(tmp_path: Path):
    work = weighed()
    problems = forge(tmp_path, work, 7, lambda event: replace(event, value="nee", label="Nee"))
    assert "the recorded advice differs from what the answers give: steps.melden_ap" in problems


def test_names_a_question_that_was_shown_in_other_words(tmp_path: Path):
    problems = forge(tmp_path, weighed(), 2, lambda event: replace(event, text="Bent u erbij betrokken?"))
    assert "event 2: question betrokken was shown in other words than the framework's" in problems


def test_names_a_card_that_is_not_the_one_that_was_confirmed(tmp_path: Path):
    work = full()
    seq = seq_of(work, CardOwed)
    problems = forge(tmp_path, work, seq, lambda event: replace(event, card="{}"))
    assert f"event {seq}: the card is not the one that its SHA-256 names" in problems


def test_names_events_that_cannot_follow_each_other(tmp_path: Path):
    work = weighed()
    problems = forge(tmp_path, work, 3, lambda _: work.transcript[0].event)
    assert "the events cannot be what happened: case.opened cannot follow in phase asking" in problems


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (QuestionAsked, lambda event: replace(event, question="verzonnen")),
        (AnswerGiven, lambda event: replace(event, value=("verzonnen",))),
        (AnswerGiven, lambda event: replace(event, value="")),
    ],
)
def test_names_events_about_things_that_the_framework_does_not_have(tmp_path: Path, kind: type, change: Callable):
    work = weighed()
    assert forge(tmp_path, work, seq_of(work, kind), change)


@pytest.mark.parametrize("name", ["transcript.html", "transcript.md", "README.txt", "advice-card.json"])
def test_names_a_page_that_says_something_else_than_the_events(folder: Path, name: str):
    page = folder / name
    page.write_bytes(page.read_bytes().replace(b"v1", b"v2").replace(b"controlegetal", b"Controlegetal"))
    seal(folder)
    assert f"{name} is not what follows from the events" in problems_of(folder)


def test_names_the_place_in_a_changed_transcript_but_not_what_stands_there(folder: Path):
    transcript = json.loads((folder / "transcript.json").read_text())
    transcript["events"][2]["data"]["value"] = "kanarie"
    transcript["answers"][0]["state"] = "unknown"
    (folder / "transcript.json").write_text(json.dumps(transcript))
    seal(folder)
    problems = problems_of(folder)
    assert "transcript.json differs from what the events give: events[3].data.value" in problems
    assert "answers[1].state" in problems
    assert "kanarie" not in problems


@pytest.mark.parametrize("content", ["", "[]", "null", "{}", '{"format": "x"}', "[" * 50_000])
def test_names_a_transcript_that_is_none(folder: Path, content: str):
    (folder / "transcript.json").write_text(content)
    seal(folder)
    assert "transcript.json" in problems_of(folder)


@pytest.mark.parametrize("rendering", [0, 2, "1", None, -1, True])
def test_an_invented_rendering_does_not_keep_the_pages_from_being_compared(folder: Path, rendering: object):
    transcript = json.loads((folder / "transcript.json").read_text())
    (folder / "transcript.json").write_text(json.dumps({**transcript, "rendering": rendering}))
    (folder / "transcript.html").write_text("vals")
    seal(folder)
    assert "transcript.html is not what follows from the events" in problems_of(folder)


def test_does_not_call_the_pages_of_an_older_version_false(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verifying, "RENDERING", 2)
    verdict = verify(folder)
    assert verdict.is_sound
    assert verdict.notes == ["the pages were made by an older Weegwijzer and were not compared"]


def test_names_another_framework(folder: Path):
    (folder / "framework.yaml").write_bytes(MINI + b"# met een regel meer\n")
    seal(folder)
    assert "the case ran under another framework file" in problems_of(folder)


@pytest.mark.parametrize("content", [b"", b"a: [", b"\xff", b"format: 1\n"])
def test_names_a_framework_that_cannot_be_read(folder: Path, content: bytes):
    (folder / "framework.yaml").write_bytes(content)
    seal(folder)
    assert "framework.yaml cannot be read as a framework" in problems_of(folder)


@given(st.data())
def test_a_changed_byte_anywhere_is_noticed(data: st.DataObject):
    files = dict(_FILES)
    name = data.draw(st.sampled_from(sorted(files)))
    place = data.draw(st.integers(0, len(files[name]) - 1))
    bit = data.draw(st.integers(0, 7))
    content = bytearray(files[name])
    content[place] ^= 1 << bit
    files[name] = bytes(content)
    verdict = verifying.Verdict(problems=list(verifying._check_manifest(files)))
    assert verdict.problems


_FILES = to_files(dossier_of(full()), MINI)


def test_the_sum_of_every_file_is_in_the_manifest():
    lines = _FILES[MANIFEST].decode().splitlines()
    assert {line.split("  ")[1]: line.split("  ")[0] for line in lines} == {
        name: sha256(content).hexdigest() for name, content in _FILES.items() if name != MANIFEST
    }


def test_the_rows_of_a_case_are_the_same_each_time():
    assert rows_of(full()) == rows_of(full())
