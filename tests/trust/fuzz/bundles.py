"""The reader of dossier bundles: a ZIP from anywhere to a verdict; also one by a forger who has the key."""

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random

from bot.dossier.bundle import UnreadableError
from bot.dossier.export import MANIFEST, body_path, to_manifest
from bot.dossier.verify import verify
from state.codec import FIRST, Row, canonical
from tests.bot.dossier.bundles import bundle_of, seals_of, signed
from tests.bot.dossier.cases import dossier_of, full, handed_over
from tests.trust.fuzz.mutations import bytewise, in_json, linewise
from tests.trust.fuzz.target import Target

_ELSEWHERE = ("x", "bodies/000099.json", "../x", "bodies", "d/x", "heads.jsonl/x")


def read_a_bundle(data: bytes) -> None:
    """Check a dossier that came as a ZIP."""
    path = Path(_scratch().name) / "dossier.zip"
    path.write_bytes(data)
    with suppress(UnreadableError):
        verdict = verify(path)
        assert all(problem.isprintable() for problem in verdict.problems)


def _bundles() -> Iterator[bytes]:
    yield packed(bundle_of(dossier_of(full())))
    # Small, and so soon tried; its PDF is another than what follows, which is told at the very end.
    yield packed(bundle_of(dossier_of(handed_over()), pdf=b"%PDF-1.7"))
    yield from at_the_edges()


def at_the_edges() -> Iterator[bytes]:
    """Give dossiers in which something happened on the first or last day of the calendar: the fuzzer's first find."""
    for year in (b"0001-01-01", b"9999-12-31"):
        for before in (rb"2026-11-20(?=T08:15:00\+01:00)", rb"2026-11-23(?=T)"):
            files = bundle_of(dossier_of(full()), pdf=b"%PDF-1.7")
            read = {name: text for name, text in files.items() if name.startswith(("bodies/", "heads"))}
            changed = {name: re.sub(before, year, text) for name, text in read.items()}
            yield packed(signed(_chained({**files, **changed})))


def packed(files: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    """Give files as a ZIP, the same bytes each time."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return written.getvalue()


def in_zip(data: bytes, chance: Random) -> bytes:
    """Give a ZIP with one of its files changed, and often all that vouches for them made anew."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()[:200]}
    except Exception:  # whatever is no ZIP any more
        return bytewise(data, chance)
    if not files or chance.random() < 0.1:
        return bytewise(data, chance)
    _change_a_file(files, chance)
    match chance.randrange(4):
        case 0:
            files[MANIFEST] = to_manifest(files)
        case 1:
            files = signed(files)
        case 2:
            with suppress(ValueError, KeyError, TypeError, AttributeError):
                files = signed(_chained(files))
    return packed(files, chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


def _change_a_file(files: dict[str, bytes], chance: Random) -> None:
    names = sorted(files)
    # Half of the time what is read deepest.
    name = chance.choice(
        [one for one in names if one.startswith("bodies/")] or names if chance.random() < 0.5 else names
    )
    match chance.randrange(10):
        case 0:
            del files[name]
        case 1:
            files[chance.choice(_ELSEWHERE)] = files[name]
        case 2:
            files[name] = files[chance.choice(names)]
        case _:
            change = (in_json, in_json, in_json, bytewise) if name.endswith(".json") else (linewise, bytewise)
            files[name] = chance.choice(change)(files[name], chance)


def _chained(files: dict[str, bytes]) -> dict[str, bytes]:
    """Give files in which the heads follow from the bodies again, with the note on the chain and its signature."""
    prev, rows = FIRST, []
    for seq, line in enumerate(files["heads.jsonl"].splitlines(), 1):
        body = files.get(body_path(seq), b"{}")
        # The form of a body is kept, whatever stands in it.
        body = canonical(json.loads(body))
        head = canonical({**json.loads(line), "seq": seq, "prev": prev, "body": sha256(body).hexdigest()})
        files = {**files, body_path(seq): body}
        rows.append(Row(seq, head, body))
        prev = rows[-1].link
    seals = seals_of(rows)
    heads = b"".join(row.head + b"\n" for row in rows)
    return {**files, "heads.jsonl": heads, "checkpoint.txt": seals.checkpoint, "key.pem": seals.key_pem}


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")


TARGET = Target(read_a_bundle, _bundles, (in_zip,), most=524_288)
