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
from bot.dossier.export import MANIFEST, SIGNATURE, to_files, to_manifest, to_partial_files
from bot.dossier.imprint import Imprint
from bot.dossier.integrity import Verdict, check_whole
from bot.dossier.signing import to_pem
from bot.dossier.verify import verify
from state.events import AdviceGiven, AnswerGiven, CardOwed, QuestionAsked
from tests.bot.dossier.bundles import IMPRINT, KEY, TestKey, bundle_of, read, seals_of, signed, write
from tests.bot.dossier.cases import (
    ANJA,
    MINI,
    NOW,
    decided,
    dossier_of,
    full,
    handed_over,
    mini,
    rows_of,
    weighed,
    with_event,
)
from tests.casework import Casework

_FULL = bundle_of(dossier_of(full()))
_OTHER = TestKey("een andere sleutel")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(_FULL, tmp_path / "dossier-IL-2026-0042")


def seal(folder: Path, key: TestKey = KEY) -> None:
    """Make manifest and signature fit again, as only who has the key can."""
    files = signed(read(folder), key)
    write({name: files[name] for name in (MANIFEST, SIGNATURE)}, folder)


def problems_of(folder: Path, *prints: str) -> str:
    verdict = verify(folder, KEY.print, prints)
    assert not verdict.is_sound
    return "\n".join(verdict.problems)


@pytest.mark.parametrize("make", [full, handed_over, decided, weighed], ids=lambda make: make.__name__)
def test_finds_nothing_wrong_with_what_was_exported(make: Callable[[], Casework], tmp_path: Path):
    dossier = dossier_of(make())
    found = verify(write(bundle_of(dossier), tmp_path / "d"), KEY.print[:16], [dossier.rows[4].link[:16]])
    whole = Verdict([], [], "IL-2026-0042", len(dossier.rows), dossier.link, KEY.print)
    assert found == replace(whole, prints={dossier.rows[4].link[:16]: 5})


def test_a_case_in_which_nothing_was_answered_is_sound_too(tmp_path: Path):
    work = Casework(mini(), ANJA, NOW).open()
    assert verify(write(bundle_of(dossier_of(work)), tmp_path / "d")).is_sound


# --- the key, the signatures, the prints -----------------------------------------------


def test_says_what_a_signature_is_worth_while_nobody_compared_the_key(folder: Path):
    verdict = verify(folder)
    assert verdict.is_sound
    assert verdict.notes == [
        f"the signature shows only that the dossier agrees with itself: compare the key's print {KEY.print}"
        " with the published one (--key)"
    ]


def test_names_another_key_and_who_has_none_cannot_sign(folder: Path):
    (folder / "key.pem").write_bytes(to_pem(_OTHER.public))
    seal(folder, _OTHER)
    problems = problems_of(folder)
    assert f"key.pem is not the published key: its print is {_OTHER.print}" in problems
    assert "checkpoint.txt was not signed by its origin with key.pem" in problems


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"geen sleutel",
        to_pem(KEY.public) + b"\n",
        b"eerst dit\n" + to_pem(KEY.public),
        to_pem(KEY.public).replace(b"MCow", b"MCox"),
        to_pem(KEY.public) * 2,
        b"-----BEGIN PUBLIC KEY-----\n" + b"A" * 59 + b"=\n-----END PUBLIC KEY-----\n",
    ],
)
def test_names_a_key_that_is_none(folder: Path, pem: bytes):
    (folder / "key.pem").write_bytes(pem)
    seal(folder)
    assert "key.pem is not one Ed25519 public key" in problems_of(folder)


def test_names_a_manifest_that_was_written_by_another(folder: Path):
    (folder / "transcript.md").write_text("niets aan de hand")
    (folder / MANIFEST).write_bytes(to_manifest(read(folder)))
    assert "MANIFEST.sig is not the signature of MANIFEST.sha256 with key.pem" in problems_of(folder)


@pytest.mark.parametrize("signature", [b"", b"x" * 64, b"x" * 63, b"x" * 65])
def test_names_a_signature_that_is_none(folder: Path, signature: bytes):
    (folder / SIGNATURE).write_bytes(signature)
    assert "MANIFEST.sig is not the signature" in problems_of(folder)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda rows: seals_of(rows[:-1]), "checkpoint.txt is about 31 events, there are 32"),
        (lambda rows: seals_of((*rows[:-1], rows[0])), "checkpoint.txt is about another chain"),
        (lambda rows: seals_of(rows, case="f" * 32), "checkpoint.txt is about another case"),
        (lambda rows: seals_of(rows, _OTHER), "checkpoint.txt was not signed by its origin with key.pem"),
        (lambda rows: seals_of(rows, TestKey(origin="a b")), "checkpoint.txt cannot be read"),
        (lambda rows: seals_of(rows, TestKey(origin="a<b")), "checkpoint.txt was not signed by its origin"),
    ],
)
def test_names_a_checkpoint_that_is_not_of_this_case(folder: Path, change: Callable, problem: str):
    (folder / "checkpoint.txt").write_bytes(change(rows_of(full())).checkpoint)
    seal(folder)
    assert problem in problems_of(folder)


@pytest.mark.parametrize("note", [b"", b"a\nb\n", b"\xff\n\n", b"a/dossier/b\n1\nAA==\nketen-sha256-v1\n\n"])
def test_names_a_checkpoint_that_is_none(folder: Path, note: bytes):
    (folder / "checkpoint.txt").write_bytes(note)
    seal(folder)
    assert "checkpoint.txt cannot be read" in problems_of(folder)


def test_a_second_signature_under_the_checkpoint_does_no_harm(folder: Path):
    note = (folder / "checkpoint.txt").read_bytes()
    (folder / "checkpoint.txt").write_bytes(note + "— getuige.example AAAA\n".encode())
    seal(folder)
    # It is another checkpoint than the metadata was made with: only that differs.
    assert problems_of(folder) == ("mdto/checkpoint.txt.bestand.mdto.xml is not what follows from the events")


def test_names_a_print_that_belongs_to_no_event(folder: Path):
    older = dossier_of(weighed()).link[:16]
    assert f"print {older} belongs to no event: this is another dossier, or an older one" in problems_of(folder, older)


# --- content that was left out ---------------------------------------------------------


@pytest.mark.parametrize("without", [{3}, {1, 2, 32}, set(range(1, 33))])
def test_says_which_content_was_left_out_and_checks_the_rest(tmp_path: Path, without: set[int]):
    rows = rows_of(full())
    folder = write(signed(to_partial_files(rows, without, seals_of(rows))), tmp_path / "d")
    verdict = verify(folder, KEY.print, [rows[2].link])
    assert (verdict.problems, verdict.events, verdict.link) == ([], 32, rows[-1].link)
    which = ", ".join(map(str, sorted(without)))
    assert verdict.notes == [f"the content of event {which} was left out: the advice cannot be recomputed"]
    (folder / "transcript.md").write_text("een verhaal")
    assert "transcript.md is not in MANIFEST.sha256: it was added" in problems_of(folder)
    seal(folder)
    assert "transcript.md cannot be checked without every body" in problems_of(folder)


def test_content_that_was_not_left_out_at_the_issue_is_missing(tmp_path: Path):
    rows = rows_of(full())
    folder = write(signed(to_partial_files(rows, {3}, seals_of(rows))), tmp_path / "d")
    (folder / "bodies" / "000004.json").unlink()
    assert "bodies/000004.json is in MANIFEST.sha256, but is missing" in problems_of(folder)


def test_a_partial_bundle_of_another_version_is_sound(tmp_path: Path):
    rows = rows_of(full())
    files = {**to_partial_files(rows, {3}, seals_of(rows)), "README.txt": b"vroeger stond hier iets anders\n"}
    verdict = verify(write(signed(files), tmp_path / "d"), KEY.print)
    assert verdict.is_sound
    assert verdict.notes[1:] == ["README.txt is not this version's and was not compared"]


# --- files -----------------------------------------------------------------------------


def test_names_a_file_that_was_changed(folder: Path):
    (folder / "transcript.md").write_text("niets aan de hand")
    assert "transcript.md was changed: its SHA-256 is not the one in MANIFEST.sha256" in problems_of(folder)


def test_names_a_file_that_is_missing(folder: Path):
    (folder / "bodies" / "000005.json").unlink()
    assert "bodies/000005.json is in MANIFEST.sha256, but is missing" in problems_of(folder)


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
    (folder / SIGNATURE).write_bytes(KEY.sign(manifest))
    assert "transcript.json is not in MANIFEST.sha256" in problems_of(folder)


def test_names_a_manifest_that_says_two_things_of_one_file(folder: Path):
    manifest = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(manifest + manifest[: manifest.index(b"\n") + 1])
    assert "not a check sum and a name that occurs once" in problems_of(folder)


MAIN = ["heads.jsonl", "transcript.html", "framework.yaml", "README.txt", "dossier.pdf", "key.pem", "checkpoint.txt"]


@pytest.mark.parametrize("name", [*MAIN, "verify.sh", MANIFEST, SIGNATURE])
def test_names_a_main_file_that_is_not_there(folder: Path, name: str):
    (folder / name).unlink()
    if name not in (MANIFEST, SIGNATURE):
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
    return problems_of(write(bundle_of(forged), tmp_path / "dossier"))


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


@pytest.mark.parametrize(
    "name",
    [
        "transcript.html",
        "transcript.md",
        "README.txt",
        "advice-card.json",
        "dossier.pdf",
        "verify.sh",
        "mdto/dossier.mdto.xml",
        "mdto/heads.jsonl.bestand.mdto.xml",
    ],
)
def test_names_a_page_that_says_something_else_than_the_events(folder: Path, name: str):
    page = folder / name
    page.write_bytes(page.read_bytes() + b" ")
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


@pytest.mark.parametrize("rendering", [0, 1, 3, "2", None, -1, True])
def test_an_invented_rendering_does_not_keep_the_pages_from_being_compared(folder: Path, rendering: object):
    transcript = json.loads((folder / "transcript.json").read_text())
    (folder / "transcript.json").write_text(json.dumps({**transcript, "rendering": rendering}))
    (folder / "transcript.html").write_text("vals")
    seal(folder)
    assert "transcript.html is not what follows from the events" in problems_of(folder)


def test_does_not_call_the_pages_of_an_older_version_false(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verifying, "RENDERING", 4)
    verdict = verify(folder, KEY.print)
    assert verdict.is_sound
    assert verdict.notes == ["the pages were made by an older Weegwijzer and were not compared"]


def test_does_not_call_the_pdf_of_another_typesetter_false(tmp_path: Path):
    dossier = dossier_of(full())
    other = Imprint(IMPRINT.organisation, typesetter="typst 0.14.0")
    files = signed(to_files(dossier, MINI, other, seals_of(dossier.rows), b"%PDF van toen"))
    verdict = verify(write(files, tmp_path / "d"), KEY.print)
    assert verdict.is_sound
    assert verdict.notes == [
        f"dossier.pdf was made by 'typst 0.14.0' and was not compared: this is {IMPRINT.typesetter}"
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"organisation": None},
        {"organisation": {"name": "Gemeente Elders"}},
        {"organisation": {"name": 1, "code": "gm0000"}},
        {"retention": {"category": "1", "label": "x", "years": True}},
        {"retention": "B"},
        {"typesetter": None},
    ],
)
def test_names_an_imprint_that_is_none(folder: Path, change: dict):
    transcript = json.loads((folder / "transcript.json").read_text())
    (folder / "transcript.json").write_text(json.dumps({**transcript, **change}))
    seal(folder)
    assert "transcript.json does not say who forms the archive and what set the PDF" in problems_of(folder)


def test_another_organisation_is_not_the_one_of_the_metadata(folder: Path):
    transcript = json.loads((folder / "transcript.json").read_text())
    transcript["organisation"]["name"] = "Gemeente Elders"
    (folder / "transcript.json").write_text(json.dumps(transcript))
    seal(folder)
    assert "mdto/dossier.mdto.xml is not what follows from the events" in problems_of(folder)


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
    files = dict(_FULL)
    name = data.draw(st.sampled_from(sorted(files)))
    place = data.draw(st.integers(0, len(files[name]) - 1))
    content = bytearray(files[name])
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    files[name] = bytes(content)
    verdict = Verdict()
    check_whole(files, KEY.print, (), verdict)
    assert verdict.problems


def test_the_sum_of_every_file_is_in_the_manifest():
    lines = _FULL[MANIFEST].decode().splitlines()
    assert {line.split("  ")[1]: line.split("  ")[0] for line in lines} == {
        name: sha256(content).hexdigest() for name, content in _FULL.items() if name not in (MANIFEST, SIGNATURE)
    }


def test_the_rows_of_a_case_are_the_same_each_time():
    assert rows_of(full()) == rows_of(full())
