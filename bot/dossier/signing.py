"""The bot's signature under a dossier: an Ed25519 key as PEM, its print, and whether something was signed with it."""

import base64
import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.notes import to_pem

# SubjectPublicKeyInfo of an Ed25519 key (RFC 8410) is this and the 32 bytes of the key.
_SPKI = bytes.fromhex("302a300506032b6570032100")
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/]{59}=)\n-----END PUBLIC KEY-----\n")


class KeyUnreadable(ValueError):
    """A file is not the PEM of one Ed25519 public key and nothing else."""


@dataclass(frozen=True, slots=True)
class Seals:
    """What the bot gives with the rows of a case: the signed note on its chain, and the key to check it with."""

    checkpoint: bytes
    key_pem: bytes


def read_pem(content: bytes) -> bytes:
    """Give the raw key of a PEM; raises KeyUnreadable when it is written in any other way than ours."""
    found = _PEM.fullmatch(content)
    public = base64.b64decode(found[1])[len(_SPKI) :] if found else b""
    if found is None or to_pem(public) != content:
        raise KeyUnreadable("not the PEM of one Ed25519 public key")
    return public


def key_print(public: bytes) -> str:
    """Give what is published of a key: the SHA-256 of its DER form."""
    return sha256(_SPKI + public).hexdigest()


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a message was signed with a key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
