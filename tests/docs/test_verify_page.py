"""`docs/verify-a-dossier.md` works as it stands: its commands are run, on a sound bundle and on forged ones."""

import random
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.dossier.export import MANIFEST, to_manifest
from bot.dossier.transcript import RENDERING
from state.events import CaseFinished
from tests.bot.dossier.bundles import KEY, bundle_of, signed, write
from tests.bot.dossier.cases import decided, dossier_of
from tests.bot.dossier.pdfs import attached_to
from tests.trust import tampering
from tests.trust.tampering import CARD, HONEST, PRINTS, SOUND

ROOT = Path(__file__).resolve().parents[2]
DUTCH, ENGLISH = (ROOT / "docs" / "verify-a-dossier.md").read_text("utf-8").split("\n# Checking a dossier")


@dataclass(frozen=True)
class Page:
    """One language of the page: its commands, and how it says that something is right, wrong, or not there."""

    text: str
    blank: str
    saved: str
    right: str
    wrong: str
    nowhere: str

    @property
    def blocks(self) -> list[str]:
        return re.findall(r"```sh\n(.*?)```", self.text, re.DOTALL)

    def filled_in(self, prints: tuple[str, str]) -> str:
        """Give the first block with the numbers in it."""
        first = self.blocks[0]
        for value in prints:
            first = first.replace(self.blank, value, 1)
        return first


PAGES = {
    "nl": Page(DUTCH, "vul-in", "uit-de-pdf.json", "in orde", "NIET IN ORDE", "geen"),
    "en": Page(ENGLISH, "fill-in", "from-the-pdf.json", "right", "WRONG", "none"),
}
each_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


def lay_out(files: Mapping[str, bytes], place: Path, page: Page) -> Path:
    """Write a bundle, and beside it what a viewer saves of its PDF."""
    folder = write(files, place / "dossier-IL-2026-0042")
    found = attached_to(files["dossier.pdf"])
    (place / page.saved).write_bytes(next(one for one in found if one.startswith(b'{\n  "format"')))
    return folder


def only(place: Path, *tools: str) -> dict[str, str]:
    """Give an environment in which there are these programs and no others."""
    place.mkdir()
    for tool in tools:
        (place / tool).symlink_to(str(shutil.which(tool)))
    return {"PATH": str(place), "TMPDIR": str(place.parent)}


def said(page: Page, folder: Path, prints: tuple[str, str]) -> list[str]:
    """Give what the commands of steps 1 to 6 say, with sha256sum and openssl only."""
    steps = page.filled_in(prints) + "".join(page.blocks[1:-1])
    env = only(folder.parent / "tools", "sha256sum", "openssl")
    shell = str(shutil.which("sh"))
    done = subprocess.run([shell, "-c", steps], cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


def said_at_once(page: Page, folder: Path, prints: tuple[str, str]) -> str:
    """Give what the last block says, with the programs that the page names."""
    env = only(folder.parent / "more", "sh", "sha256sum", "openssl", "sed", "cut", "base64", "od", "mkdir", "rm")
    command = [env["PATH"] + "/sh", "-c", page.filled_in(prints) + page.blocks[-1]]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


@each_page
def test_a_sound_dossier_is_right_at_every_step(page: Page, tmp_path: Path):
    folder = lay_out(SOUND, tmp_path, page)
    first, second, third, fourth, chain, last, pdf = said(page, folder, (KEY.print[:16], PRINTS[0]))
    assert all(f" {page.right}: " in line for line in (first, third, fourth, pdf))
    assert second == "Signature Verified Successfully"
    assert re.match(rf"5 32 \w+; .*: {CARD}$", chain)
    assert last.endswith(HONEST.link)
    assert said_at_once(page, folder, (KEY.print, PRINTS[1])).startswith("IN ORDE: ")


@each_page
@pytest.mark.parametrize("which", ["first", "last"])
def test_a_case_that_was_closed_twice_is_proven_by_each_of_its_prints(page: Page, tmp_path: Path, which: str):
    dossier = dossier_of(decided())
    first, last = (step.recorded.seq for step in dossier.steps if isinstance(step.recorded.event, CaseFinished))
    closing = first if which == "first" else last
    chain = said(page, lay_out(bundle_of(dossier), tmp_path, page), (KEY.print, dossier.rows[closing - 1].link[:16]))[4]
    assert chain.endswith(f": {closing}")


@each_page
def test_names_the_rendering_of_today(page: Page):
    assert re.findall(r"\w+ (?:is het|it is) (\d+)\)", page.text) == [str(RENDERING)]


@each_page
def test_nothing_is_right_while_the_numbers_are_not_filled_in(page: Page, tmp_path: Path):
    folder = lay_out(SOUND, tmp_path, page)
    assert said(page, folder, ("", "")) == []
    assert said_at_once(page, folder, ("", "")).startswith("VERKEERD GEBRUIK: ")


def other_pdf(chance: random.Random) -> tampering.Tampered:
    """Give the PDF of another case, the list signed with the very key."""
    return tampering.Tampered(signed({**SOUND, "dossier.pdf": tampering.OTHER_SOUND["dossier.pdf"]}))


def unlisted(chance: random.Random) -> tampering.Tampered:
    """Give one file more, hidden in a folder."""
    return tampering.Tampered({**SOUND, "bodies/.x": b"x"})


def changed(chance: random.Random) -> tampering.Tampered:
    """Give another body, the list made to fit."""
    files = {**SOUND, "bodies/000003.json": b"{}"}
    return tampering.Tampered({**files, MANIFEST: to_manifest(files)})


def shortened(chance: random.Random) -> tampering.Tampered:
    """Give a case without its first event, the list signed with the very key."""
    return tampering.Tampered(signed(tampering.with_rows(HONEST.rows[1:], chance).files))


FORGED: Mapping[str, tuple[Callable[[random.Random], tampering.Tampered], str]] = {
    "another key": (tampering.own_key, "1"),
    "a list of another": (changed, "2"),
    "a changed PDF": (lambda chance: tampering.Tampered({**SOUND, "dossier.pdf": SOUND["dossier.pdf"] + b" "}), "3"),
    "a file more": (unlisted, "4"),
    "an event less": (shortened, "5"),
    "an older state": (tampering.older_version, "5"),
    "rewritten before the card": (tampering.signed_by_the_keeper_of_the_key, "5"),
    "another PDF": (other_pdf, "6"),
}


@each_page
@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_dossier_is_wrong_at_the_step_that_is_for_it(page: Page, tmp_path: Path, forged: str):
    forge, step = FORGED[forged]
    folder = lay_out(forge(random.Random(forged)).files, tmp_path, page)
    lines = said(page, folder, (KEY.print, PRINTS[1]))
    right = {line[0] for line in lines if f" {page.right}: " in line}
    if "Signature Verified Successfully" in lines:
        right.add("2")
    wrong = any(line.startswith(f"5 {page.wrong}") or line.endswith(f": {page.nowhere}") for line in lines)
    assert step not in (right if wrong else right | {"5"})
    if step != "6":
        assert said_at_once(page, folder, (KEY.print, PRINTS[1])).startswith("NIET IN ORDE: ")


def test_both_languages_have_the_same_commands():
    names = {"SLEUTELPRINT": "KEYPRINT", "CONTROLEGETAL": "PRINT", "vul-in": "fill-in", "geen": "none"}
    names["uit-de-pdf"] = "from-the-pdf"
    dutch = [re.sub("|".join(names), lambda name: names[name[0]], block) for block in PAGES["nl"].blocks]
    said_in_words = re.compile(r'"[1-6] [^"]*"')
    assert [said_in_words.sub("", block) for block in dutch] == [
        said_in_words.sub("", block) for block in PAGES["en"].blocks
    ]
    assert len(dutch) == 8
