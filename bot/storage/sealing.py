"""What a store encrypts and how: nothing of a case or a person can be read from the database alone.

The body of an event is encrypted under a key of its case (`keyring`), so that a case can be sealed or destroyed
by its key. Everything else that is not needed to find a row is encrypted under the store's own key. Persons
and conversations are found by a keyed hash of their id. What is encrypted is bound to its place: the table and
the row's readable columns, so that none of them can be changed, and no row be put in another's place, unnoticed.
"""

import hmac
import json
import os
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from state.codec import canonical
from state.errors import TranscriptDamaged

# The table's name and the row's readable columns.
Place = Sequence[str | int | bytes | None]

KEY_BYTES = 32
# 96 random bits, not a counter: a database put back from a backup would repeat its numbers.
_NONCE = 12
_TAG = 16
# Without filling, 121 of the framework's 136 options could be told from the others by the size of their row.
_BLOCK = 512
_FILLING = b"\0"


class Sealer:
    """Encrypts, finds and vouches for rows under the store's own secret (32 bytes)."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(_derive(secret, "rows"))
        self._index = _derive(secret, "index")
        self._tags = _derive(secret, "tags")

    def seal(self, place: Place, value: Any) -> bytes:
        """Give a JSON value encrypted for its place, where alone it can be opened."""
        return encrypt(self._cipher, place, canonical(value))

    def open(self, place: Place, sealed: bytes) -> Any:
        """Give the value back; raises TranscriptDamaged when it is not what was sealed for this place."""
        return orjson.loads(decrypt(self._cipher, place, sealed))

    def index(self, kind: str, text: str) -> bytes:
        """Give the keyed hash by which a person or conversation is found."""
        return hmac.digest(self._index, _bytes((kind, text)), sha256)

    def tag(self, place: Place) -> bytes:
        """Give what vouches for a row in which nothing is secret: 16 bytes over its place."""
        return hmac.digest(self._tags, _bytes(place), sha256)[:_TAG]

    def check(self, tag: bytes, place: Place) -> None:
        """Raise TranscriptDamaged unless the row is as it was written."""
        if not isinstance(tag, bytes) or not hmac.compare_digest(tag, self.tag(place)):
            raise TranscriptDamaged("a row is not as it was written")


def encrypt(cipher: AESGCM, place: Place, plain: bytes) -> bytes:
    """Give nonce and ciphertext, bound to a place, of JSON (it ends in no zero byte) filled up to whole blocks."""
    nonce = os.urandom(_NONCE)
    filled = plain + _FILLING * (-len(plain) % _BLOCK)
    return nonce + cipher.encrypt(nonce, filled, _bytes(place))


def decrypt(cipher: AESGCM, place: Place, sealed: bytes) -> bytes:
    """Give the plain bytes; raises TranscriptDamaged where another key, place or content is found."""
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bytes(place)).rstrip(_FILLING)
    except (InvalidTag, ValueError, TypeError):
        # A flipped bit can also make another type, or nothing, of a column.
        raise TranscriptDamaged("what was encrypted is not as it was written") from None


def _bytes(place: Place) -> bytes:
    """Give a place as bytes that no other place has."""
    text = orjson.dumps(place, default=bytes.hex)
    # What is sealed already has other characters as Python writes them.
    return (
        text
        if text.isascii() and b"\x7f" not in text
        else json.dumps(place, separators=(",", ":"), default=bytes.hex).encode()
    )


def _derive(secret: bytes, purpose: str) -> bytes:
    info = f"weegwijzer|{purpose}|1".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)
