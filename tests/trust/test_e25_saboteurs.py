"""E25: the tests have teeth: each of thirty saboteurs is caught by a test that was there before it came."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.trust.report import ROOT, say
from tests.trust.saboteurs import SABOTEURS, Saboteur

COPIED = ("bot", "dialogs", "state", "tests", "frameworks", "manifest", "docs", "scripts")
ALONE = ("pyproject.toml", "README.md")
_FAILED = re.compile(r"^(\d+) failed|\b(\d+) failed", re.MULTILINE)


@contextmanager
def a_copy() -> Iterator[Path]:
    """Give a copy of the project to spoil."""
    with tempfile.TemporaryDirectory(prefix="weegwijzer-saboteur-") as folder:
        for name in (*COPIED, *ALONE):
            source, target = ROOT / name, Path(folder) / name
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, target)
        yield Path(folder)


def is_caught(saboteur: Saboteur) -> str:
    """Let a saboteur work in a copy and give what happened where that is not what should."""
    with a_copy() as project:
        file = project / saboteur.file
        text = file.read_text("utf-8")
        if text.count(saboteur.old) != 1:
            return f"{saboteur.name}: its place in {saboteur.file} is not there (any more)"
        file.write_text(text.replace(saboteur.old, saboteur.new), "utf-8")
        done = run_tests(project, saboteur.caught_by)
    # 1: some tests failed. Anything else: they passed, or could not even be collected.
    return "" if done.returncode == 1 and _FAILED.search(done.stdout) else f"{saboteur.name}: {done.stdout[-400:]}"


def run_tests(project: Path, tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests of a copy, with the copy's own packages."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests.split()]
    env = {**os.environ, "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)


def test_a_copy_that_nobody_touched_passes_and_is_what_is_tested():
    with a_copy() as project:
        (project / "tests" / "test_where.py").write_text(
            "import bot, dialogs, state\n\n\ndef test_where(request):\n"
            "    assert all(str(request.config.rootpath) in module.__file__ for module in (bot, dialogs, state))\n"
        )
        done = run_tests(project, "tests/test_where.py tests/bot/storage/test_checking.py")
    assert done.returncode == 0, done.stdout


def test_each_of_thirty_saboteurs_is_caught():
    assert len(SABOTEURS) == len({saboteur.name for saboteur in SABOTEURS}) == 30
    # Two at once: each mostly waits for its tests.
    with ThreadPoolExecutor(2) as workers:
        escaped = [told for told in workers.map(is_caught, SABOTEURS) if told]
    assert escaped == []
    say("E25", f"{len(SABOTEURS)} saboteurs: {len(SABOTEURS)} caught")


def test_every_place_to_be_caught_is_there():
    paths = {path for saboteur in SABOTEURS for path in saboteur.caught_by.split()}
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("saboteur", SABOTEURS, ids=lambda one: one.name)
def test_no_saboteur_can_hide_in_a_test(saboteur: Saboteur):
    assert saboteur.file.split("/")[0] in ("bot", "dialogs", "state")
