"""Reading a dossier that came from elsewhere, a folder, ZIP or tar, without trusting anything about it."""

import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

MAX_FILES = 20_000
MAX_BYTES = 200_000_000

_NAME = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")
_CHUNK = 1 << 20
_MAGIC_AT, _MAGIC = 257, b"ustar"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    tarfile.TarError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


class UnreadableError(Exception):
    """There is no dossier to read here; the message says why."""


@dataclass(slots=True)
class Bundle:
    """The files of a dossier by path, and what is wrong with how they are packed."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    left: int = field(default_factory=lambda: MAX_BYTES)


def read_bundle(path: Path) -> Bundle:
    """Give the files of a folder, ZIP or tar; raises UnreadableError when it is none or too large to open."""
    if path.is_dir():
        return _read_folder(path)
    if not path.is_file():
        raise UnreadableError(f"{path}: no such folder, ZIP file or tar file")
    try:
        return _read_archive(path)
    except _BROKEN:
        raise UnreadableError(
            f"{path}: not a ZIP file or uncompressed tar file that can be read; give the dossier's folder"
        ) from None
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror})") from None


def _read_archive(path: Path) -> Bundle:
    """Read by how the file begins, so that no other program can take it for the other kind."""
    with path.open("rb") as file:
        beginning = file.read(_MAGIC_AT + len(_MAGIC))
    if beginning.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            return _read_zip(archive)
    if beginning[_MAGIC_AT:] != _MAGIC or path.stat().st_size > 2 * MAX_BYTES:
        raise tarfile.ReadError
    with tarfile.open(path, "r:") as tar:
        return _read_tar(tar)


# --- a folder --------------------------------------------------------------------------


def _read_folder(folder: Path) -> Bundle:
    bundle = Bundle()
    try:
        for file in _walk(folder):
            _take_file(bundle, file, file.relative_to(folder).as_posix())
    except OSError as error:
        raise UnreadableError(f"{folder}: cannot be read ({error.strerror})") from None
    return bundle


def _walk(folder: Path) -> Iterator[Path]:
    """Give everything in a folder but folders; a link is given, never followed."""
    waiting = [folder]
    while waiting:
        inside = sorted(waiting.pop().iterdir())
        folders = {path for path in inside if path.is_dir() and not path.is_symlink()}
        waiting += sorted(folders)
        yield from (path for path in inside if path not in folders)


def _take_file(bundle: Bundle, file: Path, name: str) -> None:
    mode = file.lstat().st_mode
    if stat.S_ISLNK(mode):
        bundle.problems.append(f"{_shown(name)} is a link; a dossier holds files only")
    elif not stat.S_ISREG(mode):
        bundle.problems.append(f"{_shown(name)} is not an ordinary file")
    elif _is_good_name(bundle, name):
        _check_room(bundle, file.stat().st_size)
        bundle.files[name] = file.read_bytes()


# --- a ZIP -----------------------------------------------------------------------------


def _read_zip(archive: zipfile.ZipFile) -> Bundle:
    bundle = Bundle()
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    root = _common_folder([entry.filename for entry in entries])
    for entry in entries:
        _take_entry(bundle, archive, entry, entry.filename[len(root) :])
    return bundle


def _common_folder(names: list[str]) -> str:
    """Give the folder that all files of an archive are in, as most programs pack them; empty when there is none."""
    firsts = {name.partition("/")[0] for name in names}
    if len(firsts) != 1 or not all("/" in name for name in names):
        return ""
    root = firsts.pop()
    return f"{root}/" if _NAME.fullmatch(root) and ".." not in root else ""


def _take_entry(bundle: Bundle, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> None:
    if stat.S_ISLNK(entry.external_attr >> 16):
        bundle.problems.append(f"{_shown(name)} is a link; a dossier holds files only")
        return
    if not _is_good_name(bundle, name):
        return
    with archive.open(entry) as stream:
        bundle.files[name] = _read_out(bundle, stream)


# --- a tar -----------------------------------------------------------------------------


def _read_tar(archive: tarfile.TarFile) -> Bundle:
    bundle = Bundle()
    entries = [entry for entry in archive if not entry.isdir()]
    root = _common_folder([entry.name for entry in entries])
    for entry in entries:
        _take_member(bundle, archive, entry, entry.name[len(root) :])
    return bundle


def _take_member(bundle: Bundle, archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str) -> None:
    if entry.issym() or entry.islnk():
        bundle.problems.append(f"{_shown(name)} is a link; a dossier holds files only")
        return
    stream = archive.extractfile(entry) if entry.isreg() else None
    if stream is None:
        bundle.problems.append(f"{_shown(name)} is not an ordinary file")
    elif _is_good_name(bundle, name):
        bundle.files[name] = _read_out(bundle, stream)


# --- all -------------------------------------------------------------------------------


def _is_good_name(bundle: Bundle, name: str) -> bool:
    if not _NAME.fullmatch(name) or ".." in name.split("/") or "." in name.split("/"):
        bundle.problems.append(f"{_shown(name)} is not a name that a dossier can hold")
        return False
    if name in bundle.files:
        bundle.problems.append(f"{_shown(name)} is there twice")
        return False
    if len(bundle.files) >= MAX_FILES:
        raise UnreadableError(f"more than {MAX_FILES} files: this is not a dossier")
    return True


def _read_out(bundle: Bundle, stream: IO[bytes]) -> bytes:
    """Give what comes out of an entry; what it says of its own size may be a lie."""
    content = bytearray()
    while chunk := stream.read(_CHUNK):
        _check_room(bundle, len(chunk))
        content += chunk
    return bytes(content)


def _check_room(bundle: Bundle, size: int) -> None:
    bundle.left -= size
    if bundle.left < 0:
        raise UnreadableError(f"it holds more than {MAX_BYTES // 1_000_000} MB: this is not a dossier")


def _shown(name: str) -> str:
    """Give a name that cannot mislead on a screen."""
    return ascii(name[:80])
