"""A dossier on disk: complete, private, the same each time, and checkable with ordinary tools."""

import json
import os
import stat
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from bot.dossier.export import ExportFailed, export, to_files
from bot.dossier.transcript import body_of
from state.codec import read_head
from tests.bot.dossier.cases import CARD, MINI, dossier_of, full, handed_over, weighed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return export(dossier_of(full()), MINI, tmp_path)


def test_writes_everything_that_a_dossier_holds(folder: Path):
    assert folder.name == "dossier-IL-2026-0042"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    bodies = {f"bodies/{seq:06d}.json" for seq in range(1, 33)}
    assert files - bodies == {
        "MANIFEST.sha256",
        "README.txt",
        "advice-card.json",
        "framework.yaml",
        "heads.jsonl",
        "transcript.html",
        "transcript.json",
        "transcript.md",
    }
    assert bodies <= files
    assert (folder / "framework.yaml").read_bytes() == MINI
    assert (folder / "advice-card.json").read_text() == CARD


def test_holds_no_card_when_none_was_posted():
    assert "advice-card.json" not in to_files(dossier_of(handed_over()), MINI)


def test_is_for_its_owner_alone(folder: Path):
    modes = {stat.S_IMODE(path.lstat().st_mode) for path in (folder, folder / "bodies")}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}


def test_gives_the_same_bytes_each_time_for_the_same_case():
    assert to_files(dossier_of(full()), MINI) == to_files(dossier_of(full()), MINI)


def test_refuses_to_overwrite_and_leaves_what_was_there(tmp_path: Path):
    before = export(dossier_of(weighed()), MINI, tmp_path)
    manifest = (before / "MANIFEST.sha256").read_bytes()
    with pytest.raises(ExportFailed, match=r"dossier-IL-2026-0042 exists: move it away"):
        export(dossier_of(full()), MINI, tmp_path)
    assert (before / "MANIFEST.sha256").read_bytes() == manifest
    assert [path.name for path in tmp_path.iterdir()] == ["dossier-IL-2026-0042"]


def test_refuses_to_follow_a_link_that_stands_in_its_place(tmp_path: Path):
    (tmp_path / "dossier-IL-2026-0042").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportFailed):
        export(dossier_of(weighed()), MINI, tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_leaves_nothing_behind_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(ExportFailed, match="No space left on device"):
        export(dossier_of(weighed()), MINI, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_can_be_checked_by_hand_as_the_note_says(folder: Path):
    note = (folder / "README.txt").read_text()
    commands = [line[7:] for line in note.splitlines() if line.startswith("       ")]
    start, end = commands.index("n=0"), next(i for i, line in enumerate(commands) if line.startswith("echo"))
    script = "\n".join(commands[start : end + 1])
    expected = commands[end + 1]
    assert _sh(script, folder) == expected == f"32 gebeurtenissen, laatste kettingwaarde {_last(folder)}"
    assert _sh(commands[0], folder) == "heel"


def test_the_check_by_hand_notices_a_changed_body(folder: Path):
    body = folder / "bodies" / "000007.json"
    body.write_bytes(body.read_bytes().replace(b"Bram", b"Boris"))
    note = (folder / "README.txt").read_text()
    commands = [line[7:] for line in note.splitlines() if line.startswith("       ")]
    assert "gebeurtenis 7 klopt niet" in _sh("\n".join(commands[commands.index("n=0") : -1]), folder)
    assert "heel" not in _sh(commands[0], folder)


def test_the_manifest_is_sorted_and_names_every_other_file(folder: Path):
    names = [line.split("  ")[1] for line in (folder / "MANIFEST.sha256").read_text().splitlines()]
    assert names == sorted(names)
    assert len(names) == len([path for path in folder.rglob("*") if path.is_file()]) - 1


def test_every_body_and_link_can_be_made_again_from_the_transcript(folder: Path):
    transcript = json.loads((folder / "transcript.json").read_text())
    prev = "0" * 64
    for event in transcript["events"]:
        head = read_head(event["head"].encode())
        assert sha256(body_of(event)).hexdigest() == head["body"]
        assert head["prev"] == prev
        prev = sha256(event["head"].encode()).hexdigest()
        assert prev == event["link"]
    assert transcript["chain"]["last"] == prev
    assert transcript["chain"]["print"] == prev[:16]


def _sh(script: str, folder: Path) -> str:
    done = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _last(folder: Path) -> str:
    return sha256((folder / "heads.jsonl").read_bytes().splitlines()[-1]).hexdigest()
