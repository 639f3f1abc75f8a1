"""Writing a case's dossier: read, signed by the bot, put on disk, and the receipt that says so."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot.cli.refusal import Refusal
from bot.control import DossierSource
from bot.dossier.export import MANIFEST, SIGNATURE, ExportFailed, export, to_files, to_partial_files
from bot.dossier.imprint import Imprint
from bot.dossier.mdto import Organisation, Retention
from bot.dossier.pdf import NotTypeset
from bot.dossier.signing import Seals
from bot.dossier.transcript import Dossier, read_dossier
from bot.errors import CaseSealed
from bot.notes import read_checkpoint
from bot.settings import Whereabouts
from bot.shelf import published
from state.codec import Row, read_rows
from state.compiled import compile_framework
from state.errors import FrameworkError, TranscriptDamaged
from state.fold import rebuild
from state.reader import read_framework
from state.retention import category_of_case

# How often a case is read again because someone answered while it was being read.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was written of a case; its print is to be kept elsewhere."""

    number: str
    folder: Path
    events: int
    link: str

    def __str__(self) -> str:
        return f"{self.folder}: {self.events} events, print {self.link[:16]}"


@dataclass(frozen=True, slots=True)
class NotWritten:
    """A case of which nothing was written, and why."""

    number: str
    why: str

    def __str__(self) -> str:
        return f"{self.number}: NOT written: {self.why}"


async def write_dossier(
    source: DossierSource,
    place: Whereabouts,
    number: str,
    out: Path,
    without: Collection[int] = (),
    key: bytes | None = None,
) -> Receipt:
    """Write a case's dossier under `out`, without the content of some events, and give its receipt; raises Refusal.

    `key` opens a sealed case; it comes from its two keepers.
    """
    try:
        rows, seals = await _read(source, number, key)
        files = _files(place, number, rows, without, seals)
        files[SIGNATURE] = await source.sign(files[MANIFEST])
        target = export(files, number, out)
    except TranscriptDamaged as damage:
        what = "is not opened by these parts, or is damaged" if key else "is damaged"
        raise Refusal(f"the record of {number} {what} ({damage}); nothing was written") from None
    except CaseSealed:
        raise Refusal(f"{number} is sealed: its two keepers open it together (docs/sealing.md)") from None
    except (ExportFailed, NotTypeset) as failure:
        raise Refusal(str(failure)) from None
    return Receipt(number, target, len(rows), rows[-1].link)


async def _read(source: DossierSource, number: str, key: bytes | None) -> tuple[Sequence[Row], Seals]:
    """Give the rows with the signed note on exactly these."""
    for _ in range(_TRIES):
        found = await source.rows(number, "export", key)
        if found is None:
            raise Refusal(f"there is no case {number}; see `weegwijzer dossier list`")
        checkpoint = await source.checkpoint(number)
        if read_checkpoint(checkpoint)[0].size == len(found[1]):
            return found[1], Seals(checkpoint, await source.public_key())
    raise Refusal(f"{number} is being answered at this moment; try again")


def _files(
    place: Whereabouts, number: str, rows: Sequence[Row], without: Collection[int], seals: Seals
) -> dict[str, bytes]:
    unknown = sorted(set(without) - {row.seq for row in rows})
    if unknown:
        raise Refusal(f"--without {unknown[0]}: {number} has the events 1 to {len(rows)}")
    if without:
        return to_partial_files(rows, without, seals)
    dossier, framework_file = _dossier(place, number, rows)
    code, name = place.organisation
    return to_files(dossier, framework_file, Imprint(Organisation(name, code), _retention(dossier)), seals)


def _retention(dossier: Dossier) -> Retention | None:
    """Give how long a closed case is kept, by the steps that were really taken."""
    if not dossier.case.is_closed:
        return None
    category = category_of_case(dossier.case, dossier.framework, dossier.steps[-1].recorded.at)
    return Retention(category.code, category.name.nl, category.years)


def _dossier(place: Whereabouts, number: str, rows: Sequence[Row]) -> tuple[Dossier, bytes]:
    """Give the dossier with the very framework file that the case ran under."""
    try:
        entry_id = json.loads(rows[0].head)["case"]
        ran_under = rebuild(entry_id, read_rows(entry_id, rows)).framework
        content = _framework_file(place, ran_under.sha256 if ran_under else "")
        framework = read_framework(content.decode(), "framework.yaml")
        dossier = read_dossier(entry_id, rows, compile_framework(framework, sha256(content).hexdigest()))
    except (IndexError, ValueError) as damage:
        raise TranscriptDamaged(str(damage)) from None
    except FrameworkError as error:
        raise Refusal(f"the framework of {number} cannot be read any more: {error.findings[0]}") from None
    return dossier, content


def _framework_file(place: Whereabouts, digest: str) -> bytes:
    for path in (*published(), *([place.framework] if place.framework else [])):
        content = path.read_bytes() if path.is_file() else b""
        if sha256(content).hexdigest() == digest:
            return content
    raise Refusal(f"the framework file with SHA-256 {digest} is not installed; set WEEGWIJZER_FRAMEWORK to it")
