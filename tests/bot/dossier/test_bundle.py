"""Reading a dossier that came from elsewhere: nothing in it is trusted."""

import io
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dossier import bundle
from bot.dossier.bundle import UnreadableError, read_bundle
from bot.dossier.export import MANIFEST
from bot.dossier.verify import verify
from tests.bot.dossier.bundles import bundle_of
from tests.bot.dossier.cases import dossier_of, full

_FILES = bundle_of(dossier_of(full()))

# --- a ZIP -----------------------------------------------------------------------------


def pack(path: Path, files: dict[str, bytes], folder: str = "dossier-IL-2026-0042/") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return path


@pytest.mark.parametrize("inside", ["", "dossier-IL-2026-0042/"])
def test_reads_a_zip_with_or_without_a_folder(tmp_path: Path, inside: str):
    assert verify(pack(tmp_path / "d.zip", _FILES, inside)).is_sound


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\\b", "a b", "bodies/../x", "\u202egnp", "x\n"])
def test_refuses_names_that_a_dossier_cannot_hold(tmp_path: Path, name: str):
    verdict = verify(pack(tmp_path / "d.zip", {**_FILES, name: b"x"}, ""))
    assert any("is not a name that a dossier can hold" in problem for problem in verdict.problems)
    assert all(problem.isascii() and "\n" not in problem for problem in verdict.problems)


def test_refuses_links_in_a_zip(tmp_path: Path):
    link = zipfile.ZipInfo("d/koppeling")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = pack(tmp_path / "d.zip", _FILES, "d/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "'koppeling' is a link; a dossier holds files only" in verify(path).problems


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_refuses_a_name_that_is_there_twice(tmp_path: Path):
    path = pack(tmp_path / "d.zip", _FILES, "d/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("d/README.txt", "anders")
    assert "'README.txt' is there twice" in verify(path).problems


def test_refuses_a_bomb_by_what_comes_out_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundle, "MAX_BYTES", 3_000_000)
    path = pack(tmp_path / "d.zip", {**_FILES, "bom": bytes(50_000_000)})
    assert path.stat().st_size < 400_000
    with pytest.raises(UnreadableError, match="more than 3 MB"):
        verify(path)


def test_refuses_more_files_than_a_dossier_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundle, "MAX_FILES", 20)
    with pytest.raises(UnreadableError, match="more than 20 files"):
        verify(pack(tmp_path / "d.zip", _FILES))


@pytest.mark.parametrize("content", [b"", b"geen zip", b"PK\x03\x04" + bytes(100)])
def test_says_that_a_file_is_no_zip(tmp_path: Path, content: bytes):
    (tmp_path / "d.zip").write_bytes(content)
    with pytest.raises(UnreadableError, match="not a ZIP file or uncompressed tar file that can be read"):
        verify(tmp_path / "d.zip")


def test_says_that_there_is_nothing(tmp_path: Path):
    with pytest.raises(UnreadableError, match="no such folder, ZIP file or tar file"):
        verify(tmp_path / "weg")


# --- a tar -----------------------------------------------------------------------------


def roll(path: Path, files: Mapping[str, bytes], folder: str = "dossier-IL-2026-0042/", mode: str = "w:") -> Path:
    """Write an uncompressed tar with fixed times and owners, so that it is the same each time."""
    with tarfile.open(path, mode, format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(folder + name)
            entry.size, entry.mtime, entry.mode = len(content), 0, 0o600
            archive.addfile(entry, io.BytesIO(content))
    return path


@pytest.mark.parametrize("inside", ["", "./", "dossier-IL-2026-0042/"])
def test_reads_a_tar_with_or_without_a_folder(tmp_path: Path, inside: str):
    assert verify(roll(tmp_path / "d.tar", _FILES, inside)).is_sound
    assert roll(tmp_path / "e.tar", _FILES, inside).read_bytes() == (tmp_path / "d.tar").read_bytes()


def test_does_not_read_a_packed_tar(tmp_path: Path):
    with pytest.raises(UnreadableError, match="uncompressed tar file"):
        verify(roll(tmp_path / "d.tar.gz", _FILES, mode="w:gz"))


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (tarfile.SYMTYPE, "'x' is a link; a dossier holds files only"),
        (tarfile.LNKTYPE, "'x' is a link; a dossier holds files only"),
        (tarfile.FIFOTYPE, "'x' is not an ordinary file"),
        (tarfile.CHRTYPE, "'x' is not an ordinary file"),
    ],
)
def test_refuses_what_is_no_file_in_a_tar(tmp_path: Path, kind: bytes, problem: str):
    path = roll(tmp_path / "d.tar", _FILES, "d/")
    entry = tarfile.TarInfo("d/x")
    entry.type, entry.linkname = kind, "d/README.txt"
    with tarfile.open(path, "a:") as archive:
        archive.addfile(entry)
    assert problem in verify(path).problems


def test_refuses_a_name_that_is_twice_in_a_tar(tmp_path: Path):
    path = roll(tmp_path / "d.tar", _FILES, "d/")
    roll(path, {"README.txt": b"anders"}, "d/", "a:")
    assert "'README.txt' is there twice" in verify(path).problems


def test_refuses_a_tar_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundle, "MAX_BYTES", 3_000_000)
    with pytest.raises(UnreadableError, match="more than 3 MB"):
        verify(roll(tmp_path / "d.tar", {"bom": bytes(4_000_000)}))
    with pytest.raises(UnreadableError, match="can be read"):
        verify(roll(tmp_path / "d.tar", {"bom": bytes(8_000_000)}))


def test_a_file_that_is_both_is_read_as_what_it_begins_with(tmp_path: Path):
    path = roll(tmp_path / "d.tar", {"README.txt": b"uit de tar"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("d/README.txt", "uit de zip")
    assert read_bundle(path).files == {"README.txt": b"uit de tar"}


@given(st.data())
def test_no_damage_to_a_tar_makes_reading_it_crash(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    path = tmp_path_factory.getbasetemp() / "damaged.tar"
    content = bytearray(roll(path, {name: _FILES[name] for name in ("README.txt", MANIFEST)}).read_bytes())
    for place in data.draw(st.lists(st.integers(0, 600), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    try:
        read_bundle(path)
    except UnreadableError:
        return


@given(st.data())
def test_no_damage_to_a_zip_makes_reading_it_crash(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    content = bytearray(pack(path, {name: _FILES[name] for name in ("README.txt", MANIFEST)}).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    try:
        read_bundle(path)
    except UnreadableError:
        return
