"""Signed notes (C2SP signed-note): a checkpoint of a case's chain, to be kept outside and checked with openssl.

<origin>/dossier/<case id>
<number of events>
<chain value of the last one, base64>
keten-sha256-v1
(an empty line)
— <origin> <base64 of key id and Ed25519 signature>
"""

import base64
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

FORM = "keten-sha256-v1"
_ED25519 = b"\x01"
_SIZE = re.compile(r"[1-9][0-9]{0,8}")


class NoteError(ValueError):
    """A note does not have the form of a checkpoint."""


def to_pem(public: bytes) -> bytes:
    """Give a raw Ed25519 public key as PEM, as openssl reads it."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def print_of(pem: bytes) -> str:
    """Give the SHA-256 of a public key in DER, as `openssl pkey -pubin -outform DER | sha256sum` gives it."""
    der = load_pem_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()


class Signer(Protocol):
    """What signs for the bot: `origin` names it in notes, `public` is the raw Ed25519 key (32 bytes)."""

    origin: str
    public: bytes

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of an Ed25519 signature."""
        ...


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many events a case had, and the chain value (hex) of the last one."""

    origin: str
    case: str
    size: int
    link: str


def to_text(point: Checkpoint) -> str:
    """Give the lines that are signed, with the newline at their end."""
    head = base64.b64encode(bytes.fromhex(point.link)).decode()
    return f"{point.origin}/dossier/{point.case}\n{point.size}\n{head}\n{FORM}\n"


def sign_checkpoint(point: Checkpoint, signer: Signer) -> bytes:
    """Give the signed note of a checkpoint."""
    text = to_text(point)
    signed = key_id(signer.origin, signer.public) + signer.sign(text.encode())
    return f"{text}\n\N{EM DASH} {signer.origin} {base64.b64encode(signed).decode()}\n".encode()


def key_id(origin: str, public: bytes) -> bytes:
    """Give the four bytes by which a signature line names its key."""
    return sha256(origin.encode() + b"\n" + _ED25519 + public).digest()[:4]


def read_checkpoint(note: bytes) -> tuple[Checkpoint, bytes, dict[str, bytes]]:
    """Give the checkpoint, the bytes that were signed, and each signer's key id with signature; raises NoteError."""
    text, mark, signatures = note.partition(b"\n\n")
    try:
        lines = text.decode().split("\n")
        name, size, head, form = lines
        origin, case = name.split("/dossier/")
        link = base64.b64decode(head, validate=True).hex()
    except ValueError:
        raise NoteError("the checkpoint does not have its four lines") from None
    if not mark or form != FORM or not _SIZE.fullmatch(size) or len(link) != 2 * sha256().digest_size:
        raise NoteError("the checkpoint does not have its form")
    return Checkpoint(origin, case, int(size), link), text + b"\n", _signatures(signatures)


def _signatures(lines: bytes) -> dict[str, bytes]:
    """Give what each name signed; lines of other forms are for other readers."""
    try:
        parts = [line.split(" ") for line in lines.decode().splitlines()]
        return {name: base64.b64decode(signed, validate=True) for dash, name, signed in parts if dash == "\N{EM DASH}"}
    except ValueError:
        raise NoteError("a signature line of the checkpoint cannot be read") from None
