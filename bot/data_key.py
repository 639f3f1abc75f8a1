"""The data key: 32 bytes in base64, in a file that only the bot's account can read; it wraps every other key."""

import base64
import binascii
import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import SettingsError
from bot.files import is_there

KEY_BYTES = 32
_NONCE = 12


class Wrapper(Protocol):
    """What wraps the keys of cases: the key in a file, or a vault that never gives its key away.

    Azure Key Vault fits behind this: `wrapKey` and `unwrapKey` of one of its keys, whose version is `id`.
    """

    id: str

    def wrap(self, key: bytes, name: str) -> bytes:
        """Give a key wrapped for its name."""
        ...

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """Give the key back; raises SettingsError when it was wrapped otherwise."""
        ...


class FileKey:
    """The data key of a file (`Wrapper`)."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        # Says which key it is, and nothing about it.
        self.id = sha256(b"weegwijzer data key|" + key).hexdigest()[:16]

    def wrap(self, key: bytes, name: str) -> bytes:
        """Give a key wrapped for its name."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, key, self._place(name))

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """Give the key back; raises SettingsError when it was wrapped otherwise."""
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], self._place(name))
        except (InvalidTag, ValueError, TypeError):
            problem = "the keys of the cases cannot be opened with this data key; put back the file that is theirs"
            raise SettingsError(problem) from None

    def _place(self, name: str) -> bytes:
        return f"key|{name}|{self.id}".encode()


def open_data_key(path: Path, make: bool = False) -> bytes:
    """Give the 32 bytes that protect the store; with `make` (local mode) they are made on the first start."""
    if make and not is_there(path):
        write_key(path)
    try:
        return read_data_key(path)
    except ValueError as error:
        raise SettingsError(f"WEEGWIJZER_DATA_KEY_FILE: {error}") from None


def read_data_key(path: Path) -> bytes:
    """Give the key in a file; ValueError says what is wrong with it, never what it is."""
    try:
        is_private = path.is_file() and not path.stat().st_mode & 0o077
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        make = "before the first start make it with 32 random bytes in base64, mode 0600"
        raise ValueError(f"{path} cannot be read; put it back, or {make}") from None
    if not is_private:
        raise ValueError(f"{path} can be read by others; set its mode to 0600")
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(f"{path} is not base64; write 32 random bytes in base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{path} holds {len(key)} bytes instead of {KEY_BYTES}; write 32 random bytes in base64")
    return key


def write_key(path: Path) -> None:
    """Make a new key file; one that is there stays as it is."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        if path.exists():
            return  # another process was first
        raise SettingsError(f"WEEGWIJZER_DATA_DIR: {path} cannot be made ({error.strerror})") from None
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)))
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        # Half a key would stop the next start.
        path.unlink()
        raise SettingsError(f"{path} cannot be written ({error.strerror})") from None
    _sync_folder(path)


def successor(path: Path) -> Path:
    """Give where the next key stands while keys are wrapped anew; a crash in between leaves both files."""
    return path.with_name(f"{path.name}.new")


def replace_by_successor(path: Path) -> None:
    """Make the next key the data key, in one step."""
    successor(path).replace(path)
    _sync_folder(path)


def _sync_folder(path: Path) -> None:
    """Bring the file's name to disk: its content alone could be lost with it."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
