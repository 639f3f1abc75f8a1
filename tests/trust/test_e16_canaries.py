"""E16: marked words in every field that someone else fills, and a search in everything that the program writes.

Allowed are three places: the database (sealed: not even there in the clear), the person's own chat, and what an
export holds. The names and ids of people are marked words like any other.
"""

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.log import ALLOWED
from tests.trust import report
from tests.trust.silence.canaries import Canaries, found
from tests.trust.silence.hearing import Heard, hear_answers, hear_files, hear_pages, in_chat
from tests.trust.silence.launcher import LEAKS
from tests.trust.silence.program import LAUNCHER, ROOT, Job, Program
from tests.trust.silence.stage import Stage, be_hostile, break_down, fill, forge_tokens, live, stage
from tests.trust.silence.wrong_files import Wrong, wrong_files

COUNT = report.figure(50_000, 500_000)


# --- the suite -------------------------------------------------------------------------


async def test_no_marked_word_leaves_its_place(tmp_path: Path) -> None:
    canaries, heard = Canaries(), Heard()
    async with stage(tmp_path / "production", canaries, is_local=False) as here:
        await live(here)
        await be_hostile(here)
        await forge_tokens(here)
        await hear_pages(heard, here)
        use_commands(heard, here)
        # Who wrote it sees it: the words came in, and the search is not for nothing.
        assert len(set(in_chat(here, "user-0"))) > 20
    hear_answers(heard, here)
    hear_files(heard, here.program)
    async with stage(tmp_path / "local", canaries, is_local=True, module=LAUNCHER) as here:
        await live(here)
        await fill(here, COUNT)
        await break_down(here)
        await hear_pages(heard, here)
    hear_answers(heard, here)
    hear_files(heard, here.program)
    refuse_to_start(heard, tmp_path, canaries)
    assert heard.leaks() == {}
    assert canaries.given >= COUNT
    tried = f"{COUNT:,} canaries".replace(",", " ")
    report.say(
        "E16",
        f"{tried} in {len(canaries.kinds)} kinds of fields, {len(heard.places)} places searched:"
        " 0 found outside the store, the chat and the export",
    )


def use_commands(heard: Heard, here: Stage) -> None:
    """Use the dossier keeper's commands while the bot runs: what they say is for the keeper, and holds no content."""
    place = {"WEEGWIJZER_DATA_DIR": str(here.program.data)}
    listed = here.program.command("dossier", "list", "--json", env=place)
    numbers = [case["number"] for case in json.loads(listed.stdout)["cases"]]
    assert len(numbers) == 2
    out = here.program.folder / "cwd" / "out"
    for number in numbers:
        done = here.program.command("dossier", "export", number, "--out", str(out), env=place)
        assert done.returncode == 0, done.stderr
        heard.add("words of the commands", done.stdout, done.stderr)
    heard.add("words of the commands", listed.stdout, listed.stderr)
    exported = list(out.rglob("*"))
    heard.add("names of exported files", *(str(path.relative_to(out)) for path in exported))
    assert found(b"".join(path.read_bytes() for path in exported if path.is_file()))
    for path in sorted(exported, reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def refuse_to_start(heard: Heard, folder: Path, canaries: Canaries) -> None:
    """Start and use the program with files that are wrong: it says where, and nothing of what stands there."""
    program = Program(folder / "refused")
    program.folder.mkdir()
    for code, words in program.commands([to_job(program, *each) for each in enumerate(wrong_files(canaries))]):
        assert code in (1, 2), words
        assert words
        assert b"Traceback" not in words
        heard.add("words of a refusal", words)


def to_job(program: Program, number: int, wrong: Wrong) -> Job:
    """Give the command that reads a wrong file."""
    file = program.folder / f"wrong-{number}"
    file.write_bytes(wrong.content)
    file.chmod(0o600)
    env = {"WEEGWIJZER_MODE": "local", wrong.setting: str(file)} if wrong.setting else {}
    return Job([part.replace("FILE", str(file)) for part in wrong.command], env)


# --- the search finds what is there ----------------------------------------------------


async def test_planted_leaks_are_found_by_the_same_search(tmp_path: Path) -> None:
    canaries, heard = Canaries(), Heard()
    async with stage(tmp_path / "leaking", canaries, is_local=True, module=LAUNCHER, SILENCE_LEAK="1") as here:
        for place in LEAKS:
            await here.at.deliver(here.at.activity("user-0", text=f"lek {place} {canaries.word('typed text')}"))
        await here.at.type("user-0", "hallo")
        await hear_pages(heard, here)
    hear_answers(heard, here)
    hear_files(heard, here.program)
    assert set(heard.leaks()) == {
        "standard output", "log on standard error", "/metrics", "names of files", "other files of the bot",
        "temporary files", "notifications",
    }  # fmt: skip


@pytest.mark.parametrize("disguise", [
    lambda word: word.encode(), lambda word: word.upper().encode(), lambda word: word.encode("utf-16-le"),
    lambda word: word.encode().hex().encode(), lambda word: os.urandom(999) + word.encode() + os.urandom(9),
])  # fmt: skip
def test_a_marked_word_is_found_in_disguise(disguise: Any) -> None:
    assert found(disguise(Canaries().word("x")))
    assert not found(disguise("geen vogel"))


# --- our own lines ---------------------------------------------------------------------


def own_lines() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted((ROOT / "bot").rglob("*.py")):
        calls = (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call))
        yield from ((f"{file.name}:{one.lineno}", one) for one in calls if ast.unparse(one.func).startswith("_log."))


def test_every_line_of_our_own_is_a_constant_with_allowed_keys() -> None:
    lines = list(own_lines())
    assert len(lines) > 10
    for where, call in lines:
        assert isinstance(call.args[0], ast.Constant), where
        extras = [keyword.value for keyword in call.keywords if keyword.arg == "extra"]
        dicts = [node for extra in extras for node in ast.walk(extra) if isinstance(node, ast.Dict)]
        keys = [key.value if isinstance(key, ast.Constant) else None for each in dicts for key in each.keys]
        assert bool(dicts) == bool(extras), where
        assert set(keys) <= ALLOWED, where
