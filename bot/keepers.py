"""Sealing a closed case: its key is split over two keepers, and the bot forgets it.

Each keeper has an RSA key of their own, made and kept outside the bot. A part is opened with openssl alone:

    openssl pkeyutl -decrypt -inkey keeper.pem -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

PARTS = 2
_LEAST_BITS = 3072
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keeper:
    """Someone who holds one half of every sealed case's key; `print` is the SHA-256 of their public key."""

    print: str
    public: RSAPublicKey

    def close(self, part: bytes) -> bytes:
        """Give a part that this keeper alone can open."""
        return self.public.encrypt(part, OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None))


def read_keepers(paths: Sequence[Path]) -> tuple[Keeper, ...]:
    """Give two different keepers from their public keys (PEM); ValueError says what is wrong."""
    keepers = tuple(_read_keeper(path) for path in paths)
    if len({keeper.print for keeper in keepers}) != PARTS:
        raise ValueError("name two different public keys, one of each keeper, with a comma between them")
    return keepers


def _read_keeper(path: Path) -> Keeper:
    try:
        public = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(f"{path} is no public key in PEM; make it with `openssl pkey -pubout`") from None
    if not isinstance(public, RSAPublicKey) or public.key_size < _LEAST_BITS:
        raise ValueError(f"{path} is no RSA key of {_LEAST_BITS} bits or more")
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Keeper(sha256(der).hexdigest(), public)


def split(key: bytes, keepers: Sequence[Keeper]) -> list[tuple[str, bytes]]:
    """Give each keeper's closed part; one part alone says nothing about the key."""
    first = os.urandom(len(key))
    return [
        (keeper.print, keeper.close(part)) for keeper, part in zip(keepers, (first, _together(key, first)), strict=True)
    ]


def join(parts: Sequence[bytes]) -> bytes:
    """Give the key of two opened parts; ValueError when they cannot be the parts of one."""
    if len(parts) != PARTS or any(len(part) != _KEY_BYTES for part in parts) or parts[0] == parts[1]:
        raise ValueError(f"two different parts of {_KEY_BYTES} bytes are needed, each opened by its keeper")
    return _together(*parts)


def _together(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
