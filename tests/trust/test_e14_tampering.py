"""E14: whatever is done to a bundle, the program finds it, and so do sh, sha256sum and openssl."""

import os
import random
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path

import pytest

from bot.dossier.verify import verify
from tests.bot.dossier.bundles import KEY, write
from tests.trust import report
from tests.trust.tampering import KINDS, PRINTS, SOUND, Tampered, sound_ones

BUNDLES = report.figure(650, 20_000)
BY_SH = report.figure(650, 2_000)
SCRIPT = str(resources("bot.dossier") / "verify.sh")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the sound bundle on disk, from which unchanged files are taken."""
    return write(SOUND, tmp_path_factory.mktemp("e14") / "sound")


def by_sh(folder: Path, prints: tuple[str, ...] = PRINTS) -> tuple[int, str]:
    """Give how the script ended and its one line; the script is ours, not the bundle's."""
    command = ["sh", SCRIPT, KEY.print, *prints]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    return done.returncode, done.stdout


def lay_out(tampered: Tampered, folder: Path, base: Path) -> Path:
    """Write a bundle as it would lie on a disk; what did not change is taken from the sound one."""
    for name, content in {**tampered.files, **tampered.twice}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if SOUND.get(name) == content:
            os.link(base / name, folder / name)
        else:
            (folder / name).write_bytes(content)
    for name in tampered.links:
        place = folder / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        place.symlink_to(base / (name if name in SOUND or place.name in ("bodies", "mdto") else "README.txt"))
    return folder


def pack(tampered: Tampered, path: Path) -> Path:
    """Write a bundle as a ZIP, with what is in it twice."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in [*tampered.files.items(), *tampered.twice.items()]:
            archive.writestr(f"dossier/{name}", content)
    return path


@dataclass(frozen=True)
class Attempt:
    """A kind of tampering, whether the program found it, and what the script said of it (None: not asked)."""

    kind: str
    is_found: bool
    said: str | None

    @property
    def is_missed_by_sh(self) -> bool:
        return self.said is not None and not self.said.startswith("1 NIET IN ORDE: ")


def attempt(number: int, base: Path) -> Attempt:
    """Tamper once."""
    kind = KINDS[number % len(KINDS)]
    tampered = kind(random.Random(f"{report.SEED} {number}"))
    assert (dict(tampered.files), tampered.links, tampered.twice) != (SOUND, frozenset(), {})
    folder = lay_out(tampered, base.parent / str(number), base)
    given = pack(tampered, base.parent / f"{number}.zip") if tampered.twice else folder
    is_found = not verify(given, KEY.print, PRINTS).is_sound
    said = "{} {}".format(*by_sh(folder)) if number < BY_SH else None
    shutil.rmtree(folder)
    return Attempt(kind.__name__, is_found, said)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_every_tampered_bundle_is_found_by_both(base: Path) -> None:
    for number, (files, prints) in enumerate(sound_ones()):
        folder = write(files, base.parent / f"sound-{number}")
        assert verify(folder, KEY.print, prints).problems == []
        assert by_sh(folder, prints)[0] == 0
    with ThreadPoolExecutor(2) as workers:
        results = list(workers.map(lambda number: attempt(number, base), range(BUNDLES)))
    missed = Counter(one.kind for one in results if not one.is_found)
    missed_by_sh = Counter(one.kind for one in results if one.is_missed_by_sh)
    assert (missed, missed_by_sh) == (Counter(), Counter())
    assert len({one.kind for one in results}) == len(KINDS)
    # Each step of the script is what finds something: none of them could be left out.
    assert set(re.findall(r"stap ([1-8])", "".join(one.said or "" for one in results))) == set("12345678")
    some = "" if BY_SH >= BUNDLES else f", of {BY_SH}"
    report.say(
        "E14",
        f"{BUNDLES} tampered bundles of {len(KINDS)} kinds: {missed.total()} undetected by the program,"
        f" {missed_by_sh.total()}{some} by sh, sha256sum and openssl",
    )
