"""A dossier as a folder: written whole or not at all, and the same bytes each time for the same state."""

import os
import secrets
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from bot.dossier.html import to_html
from bot.dossier.markdown import to_markdown
from bot.dossier.posting import posted_card
from bot.dossier.readable import to_document
from bot.dossier.readme import to_readme
from bot.dossier.transcript import Dossier, to_text
from bot.errors import ShellError

MANIFEST = "MANIFEST.sha256"

Files = Mapping[str, bytes]


class ExportFailed(ShellError):
    """The dossier was not written; the message says why, and nothing is left behind."""

    code = "export_failed"


def to_files(dossier: Dossier, framework_file: bytes) -> dict[str, bytes]:
    """Give everything in a dossier's folder, by path."""
    card = posted_card(dossier)
    document = to_document(dossier)
    files = {
        "transcript.json": to_text(dossier.transcript),
        "transcript.html": to_html(document).encode(),
        "transcript.md": to_markdown(document).encode(),
        "heads.jsonl": b"".join(row.head + b"\n" for row in dossier.rows),
        "framework.yaml": framework_file,
        "README.txt": to_readme(dossier, card is not None).encode(),
        **{body_path(row.seq): row.body for row in dossier.rows},
    }
    if card is not None:
        files["advice-card.json"] = card.card.encode()
    return {**files, MANIFEST: to_manifest(files)}


def body_path(seq: int) -> str:
    """Give the path of an event's body."""
    return f"bodies/{seq:06d}.json"


def to_manifest(files: Files) -> bytes:
    """Give the list that `sha256sum -c` reads, sorted by path."""
    return b"".join(
        f"{sha256(files[path]).hexdigest()}  {path}\n".encode() for path in sorted(files) if path != MANIFEST
    )


def export(dossier: Dossier, framework_file: bytes, out: Path) -> Path:
    """Write a dossier's folder under `out` and give its path; raises ExportFailed."""
    target = out / f"dossier-{dossier.number}"
    if target.exists() or target.is_symlink():
        raise ExportFailed(f"{target} exists: move it away, or choose another folder with --out")
    unfinished = out / f".{target.name}.{secrets.token_hex(4)}"
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(unfinished, to_files(dossier, framework_file))
        # Renaming a folder onto an empty one would succeed; one that was made meanwhile is not ours.
        os.rename(unfinished, target)  # noqa: PTH104  # Path.rename says the same, this says it is one step
        _sync(out)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ExportFailed(f"{target} cannot be written ({error.strerror}): make room or choose --out") from None
    return target


def _write(folder: Path, files: Files) -> None:
    folder.mkdir(mode=0o700)
    (folder / "bodies").mkdir(mode=0o700)
    for path, content in files.items():
        descriptor = os.open(folder / path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    _sync(folder / "bodies")
    _sync(folder)


def _sync(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
