"""A dossier on disk: complete, private, the same each time, and checkable with ordinary tools."""

import json
import os
import re
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from bot.dossier.export import MANIFEST, ExportFailed, export, to_partial_files
from bot.dossier.readme import COMMANDS
from bot.dossier.transcript import body_of, to_text
from bot.notes import read_checkpoint
from state.codec import read_head
from tests.bot.dossier.bundles import KEY, NUMBER, bundle_of, read, seals_of, signed
from tests.bot.dossier.cases import CARD, MINI, decided, dossier_of, full, handed_over, rows_of, weighed
from tests.bot.dossier.pdfs import attached_to

ROOT = Path(__file__).resolve().parents[3]
FULL = bundle_of(dossier_of(full()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return export(FULL, NUMBER, tmp_path)


def test_writes_everything_that_a_dossier_holds(folder: Path):
    assert folder.name == "dossier-IL-2026-0042"
    files = set(read(folder))
    bodies = {f"bodies/{seq:06d}.json" for seq in range(1, 33)}
    described = {name for name in files if not name.startswith(("mdto/", "MANIFEST."))}
    assert described - bodies == {
        "README.txt",
        "advice-card.json",
        "checkpoint.txt",
        "dossier.pdf",
        "framework.yaml",
        "heads.jsonl",
        "key.pem",
        "transcript.html",
        "transcript.json",
        "transcript.md",
        "verify.sh",
    }
    assert bodies <= files
    metadata = {f"mdto/{name}.bestand.mdto.xml" for name in described}
    metadata |= {"mdto/dossier.mdto.xml", "mdto/archiefstuk.mdto.xml"}
    assert files - described == {*metadata, "MANIFEST.sha256", "MANIFEST.sig"}
    assert (folder / "framework.yaml").read_bytes() == MINI
    assert (folder / "advice-card.json").read_text() == CARD


def test_holds_no_card_when_none_was_posted():
    assert "advice-card.json" not in bundle_of(dossier_of(handed_over()))


def test_the_transcript_is_spelled_as_it_always_was():
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x11000))))
    value = {**dossier_of(decided()).transcript, "é": [[], {}, [[]], {"a": {}}, every, -1, 2**53, True, None]}
    assert to_text(value) == (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def test_the_transcript_in_the_pdf_is_the_one_beside_it(folder: Path):
    attached = list(attached_to((folder / "dossier.pdf").read_bytes()))
    assert (folder / "transcript.json").read_bytes() in attached
    assert (folder / "framework.yaml").read_bytes() in attached


def test_the_note_that_was_signed_names_the_last_event(folder: Path):
    point, _, _ = read_checkpoint((folder / "checkpoint.txt").read_bytes())
    assert (point.size, point.link) == (32, _last(folder))


def test_says_who_forms_the_archive_and_what_set_the_pdf(folder: Path):
    transcript = json.loads((folder / "transcript.json").read_text())
    assert transcript["organisation"] == {"name": "Gemeente Voorbeeld", "code": "gm0000"}
    assert re.fullmatch(r"typst \d+\.\d+\.\d+", transcript["typesetter"])


def test_is_for_its_owner_alone(folder: Path):
    modes = {stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*") if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}


def test_gives_the_same_bytes_each_time_for_the_same_case():
    assert bundle_of(dossier_of(full())) == FULL


def test_gives_the_same_bytes_in_another_process():
    script = (
        "import json, sys; from hashlib import sha256; from tests.bot.dossier.bundles import bundle_of;"
        " from tests.bot.dossier.cases import dossier_of, full;"
        " print(json.dumps({n: sha256(c).hexdigest() for n, c in bundle_of(dossier_of(full())).items()}))"
    )
    env = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {name: sha256(content).hexdigest() for name, content in FULL.items()}


def test_refuses_to_overwrite_and_leaves_what_was_there(tmp_path: Path):
    before = export(bundle_of(dossier_of(weighed())), NUMBER, tmp_path)
    manifest = (before / "MANIFEST.sha256").read_bytes()
    with pytest.raises(ExportFailed, match=r"dossier-IL-2026-0042 exists: move it away"):
        export(FULL, NUMBER, tmp_path)
    assert (before / "MANIFEST.sha256").read_bytes() == manifest
    assert [path.name for path in tmp_path.iterdir()] == ["dossier-IL-2026-0042"]


def test_refuses_to_follow_a_link_that_stands_in_its_place(tmp_path: Path):
    (tmp_path / "dossier-IL-2026-0042").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportFailed):
        export(bundle_of(dossier_of(weighed())), NUMBER, tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_leaves_nothing_behind_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(ExportFailed, match="No space left on device"):
        export(bundle_of(dossier_of(weighed())), NUMBER, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_can_be_checked_by_hand_as_the_note_says(folder: Path):
    key, signature, sums, everything = noted(folder)
    assert _sh(key, folder).split() == [KEY.print, "-"]
    assert _sh(signature, folder) == "Signature Verified Successfully"
    assert _sh(sums, folder) == "heel"
    assert f"       controlegetal na gebeurtenis 32: {_last(folder)[:16]}\n" in (folder / "README.txt").read_text()
    filled_in = everything.replace("SLEUTELPRINT", KEY.print).replace("CONTROLEGETAL", _last(folder)[:16])
    assert _sh(filled_in, folder) == (
        f"IN ORDE: zaak {'0' * 32}, 32 gebeurtenissen, controlegetal {_last(folder)[:16]};"
        f" {_last(folder)[:16]} hoort bij gebeurtenis 32"
    )


def test_the_check_by_hand_notices_a_changed_body(folder: Path):
    body = folder / "bodies" / "000007.json"
    body.write_bytes(body.read_bytes().replace(b"Bram", b"Boris"))
    _, _, sums, everything = noted(folder)
    assert "heel" not in _sh(sums, folder)
    assert _sh(everything.replace("SLEUTELPRINT", KEY.print).partition(" CONTROLEGETAL")[0], folder) == (
        "NIET IN ORDE: stap 3: een bestand is veranderd sinds het is ondertekend"
    )


def noted(folder: Path) -> list[str]:
    """Give the commands of the note."""
    lines = [line[7:] for line in (folder / "README.txt").read_text().splitlines() if line.startswith("       ")]
    commands = [line for line in lines if not line.startswith("controlegetal")]
    assert tuple(commands) == COMMANDS
    return commands


def test_the_note_says_where_decisions_and_what_followed_are_read():
    files = bundle_of(dossier_of(decided()))
    note, pages = files["README.txt"].decode(), files["transcript.md"].decode().replace("\\.", ".")
    told = note.partition("WAT U WAAR LEEST")[2].partition("HOE U DIT NAGAAT")[0]
    titles = re.findall(r"^(\d\. .+?): ", told, re.MULTILINE)
    assert [title[0] for title in titles] == ["2", "4", "5", "6", "7"]
    assert [title for title in titles if f"## {title}\n" not in pages] == []
    part = pages.partition("## 5. Wat mensen besloten")[2].partition("\n## ")[0]
    inside = ["Besluiten", "Afwijkende meningen en betrokkenheid", "Termijnen: herinneringen en wat is gedaan"]
    assert [title for title in (*inside, "Woorden voor anderen, zoals bewaard") if f"### {title}\n" not in part] == []
    assert "Tekst van kaart v1, zoals eerder geplaatst" in pages.partition("## 7. ")[2]
    assert "Weging heropend" in pages.partition("## 2. Tijdlijn")[2].partition("\n## ")[0]


def test_a_bundle_without_some_content_tells_nothing_of_it():
    rows = rows_of(full())
    files = signed(to_partial_files(rows, {3, 7}, seals_of(rows)))
    bodies = {f"bodies/{seq:06d}.json" for seq in range(1, 33)} - {"bodies/000003.json", "bodies/000007.json"}
    others = {"README.txt", "checkpoint.txt", "heads.jsonl", "key.pem", "verify.sh", "MANIFEST.sha256", "MANIFEST.sig"}
    assert files.keys() == bodies | others
    note = files["README.txt"].decode()
    assert "De inhoud van deze gebeurtenissen is hier niet bij, en daarom ook niets wat ervan vertelt: 3, 7.\n" in note
    assert "WAT U WAAR LEEST" not in note


def test_the_manifest_is_sorted_and_names_every_other_file():
    names = [line.split("  ")[1] for line in FULL[MANIFEST].decode().splitlines()]
    assert names == sorted(FULL.keys() - {"MANIFEST.sha256", "MANIFEST.sig"})


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
