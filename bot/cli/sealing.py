"""A sealed case at the command line: the keepers' parts go out closed, and come back opened."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.cli.refusal import Refusal
from bot.keepers import join

_SHOWN = 8


def write_parts(number: str, parts: Mapping[str, bytes], out: Path) -> list[str]:
    """Write each keeper's closed part to a new file and give a line about each; raises Refusal."""
    if not parts:
        raise Refusal(f"{number} is not a sealed case, or there is none of that number; see `weegwijzer dossier list`")
    lines = []
    for keeper, part in sorted(parts.items()):
        file = out / f"{number}.{keeper[:_SHOWN]}.part"
        _write(file, part)
        lines.append(f"{file}: for the keeper whose public key has the print {keeper}")
    return lines


def key_of(files: Sequence[Path] | None) -> bytes | None:
    """Give the key of a sealed case from both keepers' opened parts; None without any. Raises Refusal."""
    if not files:
        return None
    try:
        return join([file.read_bytes() for file in files])
    except OSError as error:
        raise Refusal(f"{error.filename}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise Refusal(f"--part: {error}") from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise Refusal(f"{file} cannot be written ({error.strerror}); choose another folder with --out") from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
