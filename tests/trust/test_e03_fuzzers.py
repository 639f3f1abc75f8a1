"""E3: coverage-guided fuzzers on the readers of what others write; and what they found before stays found."""

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from bot.dossier.verify import verify
from bot.teams.gate import Refused
from bot.teams.incoming import to_activity, to_turn
from dialogs.reading import read_press
from tests.trust import report
from tests.trust.fuzz.activities import GATE
from tests.trust.fuzz.bundles import at_the_edges
from tests.trust.fuzz.program import atheris_or_none
from tests.trust.fuzz.target import CORPUS, FOUND, NAMES, TESTS

MALFORMED = sorted((CORPUS / "activities").iterdir())
FOUND_BEFORE = sorted(path for name in NAMES for path in (FOUND / name).glob("*"))
_DONE = re.compile(r"^Done (\d+) runs", re.MULTILINE)
# Something hangs; nothing here is a measure of speed.
_HANGS = 3_600

RUNS = {
    "activities": report.figure(200_000, 12_000_000),
    "answers": report.figure(40_000, 1_500_000),
    "frameworks": report.figure(12_000, 500_000),
    "bundles": report.figure(1_000, 50_000),
}


def _of(path: Path) -> tuple[int, str]:
    status, code, _ = path.name.split("-", 2)
    return int(status), code


def test_the_corpus_is_made_of_real_activities_each_with_its_reason() -> None:
    assert len(MALFORMED) >= 60
    assert {_of(path)[0] for path in MALFORMED} == {200, 400, 403}
    assert len({path.read_bytes() for path in MALFORMED}) == len(MALFORMED)
    # Each is something else than what it was made of.
    whole = [json.loads(path.read_text("utf-8"))["body"] for path in (TESTS / "data" / "activities").glob("to_bot_*")]
    assert all(json.loads(path.read_bytes()) not in whole for path in MALFORMED if path.suffix == ".json")


@pytest.mark.parametrize("path", MALFORMED, ids=lambda path: path.stem)
def test_a_malformed_activity_is_refused_or_has_no_effect(path: Path) -> None:
    status, code = _of(path)
    if status != 200:
        with pytest.raises(Refused) as refusal:
            GATE.admit(path.read_bytes(), None)
        assert (refusal.value.status, refusal.value.code) == (status, code)
        return
    clean = GATE.admit(path.read_bytes(), None)
    assert (clean is None) == (code == "ignored")
    if clean is not None:
        turn = to_turn(to_activity(clean))
        assert turn.incoming.verb == ""
        assert turn.incoming.handle is None
        assert read_press(turn.incoming, "question:spoed") is None


@pytest.mark.parametrize("path", FOUND_BEFORE, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_a_fuzzer_found_stays_mended(path: Path) -> None:
    import_module(f"tests.trust.fuzz.{path.parent.name}").TARGET.read(path.read_bytes())


def test_a_dossier_from_the_edge_of_the_calendar_is_told_to_be_none(tmp_path: Path) -> None:
    # A forger with the key moved an answer, or every event, to where no term can be counted.
    for number, bundle in enumerate(at_the_edges()):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(bundle)
        assert not verify(path).is_sound


def _fuzz(name: str, runs: int, found: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "tests.trust.fuzz.program",
        name,
        "--runs",
        str(runs),
        "--found",
        str(found),
        *more,
    ]
    return subprocess.run(
        command, cwd=TESTS.parent, capture_output=True, text=True, errors="replace", check=False, timeout=_HANGS
    )


@pytest.mark.parametrize("way", [(), ("--at-random",)], ids=["as here", "without atheris"])
def test_a_fuzzer_finds_and_keeps_a_crash_that_was_planted(tmp_path: Path, way: tuple[str, ...]) -> None:
    done = _fuzz("planted", 20_000, tmp_path, *way)
    assert done.returncode != 0
    assert "the planted one" in done.stderr + done.stdout
    kept = list((tmp_path / "planted").iterdir())
    assert len(kept) == 1
    with pytest.raises(ZeroDivisionError):
        import_module("tests.trust.fuzz.planted").TARGET.read(kept[0].read_bytes())


def test_no_reader_crashes_on_what_a_fuzzer_makes() -> None:
    total = 0
    for name, runs in RUNS.items():
        done = _fuzz(name, runs, FOUND)
        assert done.returncode == 0, f"{name}: {(done.stdout + done.stderr)[-3_000:]}"
        told = _DONE.search(done.stderr + done.stdout)
        assert told is not None
        assert int(told[1]) >= runs
        total += runs
    led = "led by coverage" if atheris_or_none() else "random mutations alone: there is no atheris here"
    found = f"{len(RUNS)} fuzzers, {total} runs, {led}: 0 crashes"
    report.say("E3", f"{found}; {len(MALFORMED)} malformed activities by hand: all refused or without effect")
