"""A dossier as a folder: written whole or not at all, and the same bytes each time for the same state."""

import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files as resources
from pathlib import Path

from bot.dossier.html import to_html
from bot.dossier.imprint import Imprint, to_json
from bot.dossier.markdown import to_markdown
from bot.dossier.mdto import to_mdto, to_record
from bot.dossier.pdf import to_pdf
from bot.dossier.posting import posted_card
from bot.dossier.readable import to_document
from bot.dossier.readme import to_partial_readme, to_readme
from bot.dossier.signing import Seals
from bot.dossier.transcript import Dossier, to_text
from bot.errors import ShellError
from state.codec import Row

MANIFEST = "MANIFEST.sha256"
SIGNATURE = "MANIFEST.sig"
PDF = "dossier.pdf"
# The check with ordinary tools only; each bundle holds it.
SCRIPT = (resources("bot.dossier") / "verify.sh").read_bytes()

Files = Mapping[str, bytes]


class ExportFailed(ShellError):
    """The dossier was not written; the message says why, and nothing is left behind."""

    code = "export_failed"


def to_files(
    dossier: Dossier, framework_file: bytes, imprint: Imprint, seals: Seals, pdf: bytes | None = None
) -> dict[str, bytes]:
    """Give everything in a dossier's folder but the signature, by path; `pdf` when it is not to be made anew."""
    card = posted_card(dossier)
    document = to_document(dossier)
    transcript = to_text({**dossier.transcript, **to_json(imprint)})
    attached = {"transcript.json": transcript, "framework.yaml": framework_file}
    files = {
        **attached,
        PDF: to_pdf(document, attached, dossier.steps[-1].recorded.at) if pdf is None else pdf,
        "transcript.html": to_html(document).encode(),
        "transcript.md": to_markdown(document).encode(),
        "README.txt": to_readme(dossier, card is not None).encode(),
        **dict(_chain(dossier.rows, seals)),
    }
    if card is not None:
        files["advice-card.json"] = card.card.encode()
    files |= to_mdto(to_record(dossier, imprint.organisation, imprint.retention), files)
    return {**files, MANIFEST: to_manifest(files)}


def to_partial_files(rows: Sequence[Row], without: Collection[int], seals: Seals) -> dict[str, bytes]:
    """Give a bundle without the content of some events (Woo) or of all (destroyed), and without what tells of it."""
    kept = [row for row in rows if row.seq not in without]
    files = {
        **dict(_chain(rows, seals)),
        "README.txt": to_partial_readme(rows, without).encode(),
    }
    files = {path: content for path, content in files.items() if not path.startswith("bodies/")}
    files |= {body_path(row.seq): row.body for row in kept}
    return {**files, MANIFEST: to_manifest(files)}


def _chain(rows: Sequence[Row], seals: Seals) -> Iterator[tuple[str, bytes]]:
    """Give the files that ordinary tools check, and the tool."""
    yield "heads.jsonl", b"".join(row.head + b"\n" for row in rows)
    yield from ((body_path(row.seq), row.body) for row in rows)
    yield "checkpoint.txt", seals.checkpoint
    yield "key.pem", seals.key_pem
    yield "verify.sh", SCRIPT


def body_path(seq: int) -> str:
    """Give the path of an event's body."""
    return f"bodies/{seq:06d}.json"


def to_manifest(files: Files) -> bytes:
    """Give the list that `sha256sum -c` reads, sorted by path."""
    return b"".join(
        f"{sha256(files[path]).hexdigest()}  {path}\n".encode()
        for path in sorted(files)
        if path not in (MANIFEST, SIGNATURE)
    )


def export(files: Files, number: str, out: Path) -> Path:
    """Write a dossier's folder under `out`, its signature with it, and give its path; raises ExportFailed."""
    target = out / f"dossier-{number}"
    if target.exists() or target.is_symlink():
        raise ExportFailed(f"{target} exists: move it away, or choose another folder with --out")
    unfinished = out / f".{target.name}.{secrets.token_hex(4)}"
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(unfinished, files)
        # Renaming a folder onto an empty one would succeed; one that was made meanwhile is not ours.
        os.rename(unfinished, target)  # noqa: PTH104  # Path.rename says the same, this says it is one step
        _sync(out)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ExportFailed(f"{target} cannot be written ({error.strerror}): make room or choose --out") from None
    return target


def _write(folder: Path, files: Files) -> None:
    folders = sorted({
        folder,
        *(parent for path in files for parent in (folder / path).parents if folder in parent.parents),
    })
    for place in folders:
        place.mkdir(mode=0o700)
    for path, content in files.items():
        descriptor = os.open(folder / path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    for place in folders:
        _sync(place)


def _sync(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
