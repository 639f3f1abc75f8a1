"""Bundles for tests, signed with a key of their own, and their bytes on disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.dossier.export import MANIFEST, SIGNATURE, to_files, to_manifest
from bot.dossier.imprint import Imprint
from bot.dossier.mdto import Organisation
from bot.dossier.signing import Seals, key_print
from bot.dossier.transcript import Dossier
from bot.notes import Checkpoint, sign_checkpoint, to_pem
from state.codec import Row, read_head
from tests.bot.dossier.cases import MINI

IMPRINT = Imprint(Organisation("Gemeente Voorbeeld", "gm0000"))
NUMBER = "IL-2026-0042"


@dataclass(frozen=True)
class TestKey:
    """A signing key that is the same in every run (`bot.notes.Signer`)."""

    __test__ = False
    seed: str = "de sleutel van de proef"
    origin: str = "weegwijzer.voorbeeld.example"
    _private: Ed25519PrivateKey = field(init=False, repr=False)
    public: bytes = field(init=False)

    def __post_init__(self) -> None:
        private = Ed25519PrivateKey.from_private_bytes(sha256(self.seed.encode()).digest())
        object.__setattr__(self, "_private", private)
        object.__setattr__(self, "public", private.public_key().public_bytes_raw())

    @property
    def print(self) -> str:
        return key_print(self.public)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


KEY = TestKey()


def seals_of(rows: Sequence[Row], key: TestKey = KEY, case: str = "") -> Seals:
    point = Checkpoint(key.origin, case or read_head(rows[0].head)["case"], len(rows), rows[-1].link)
    return Seals(sign_checkpoint(point, key), to_pem(key.public))


def signed(files: Mapping[str, bytes], key: TestKey = KEY) -> dict[str, bytes]:
    """Give files with a fitting manifest and a signature under it, as only who has the key can."""
    manifest = to_manifest(files)
    return {**files, MANIFEST: manifest, SIGNATURE: key.sign(manifest)}


def bundle_of(dossier: Dossier, key: TestKey = KEY, pdf: bytes | None = None) -> dict[str, bytes]:
    """Give every file of a dossier, signature included."""
    return signed(to_files(dossier, MINI, IMPRINT, seals_of(dossier.rows, key), pdf), key)


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write files under a folder, which is made."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def read(folder: Path) -> dict[str, bytes]:
    """Give the files under a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
