"""The key that protects the store: 32 bytes in base64, in a file that only the bot's account can read."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from bot.errors import SettingsError

KEY_BYTES = 32


def open_data_key(path: Path, make: bool = False) -> bytes:
    """Give the 32 bytes that protect the store; with `make` (local mode) they are made on the first start."""
    if make and not path.exists():
        _make_data_key(path)
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
        raise ValueError(f"{path} cannot be read; make it with 32 random bytes in base64, mode 0600") from None
    if not is_private:
        raise ValueError(f"{path} can be read by others; set its mode to 0600")
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(f"{path} is not base64; write 32 random bytes in base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{path} holds {len(key)} bytes instead of {KEY_BYTES}; write 32 random bytes in base64")
    return key


def _make_data_key(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        if path.exists():
            return  # another process was first
        raise SettingsError(f"WEEGWIJZER_DATA_DIR: {path} cannot be made ({error.strerror})") from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)))
        stream.flush()
        os.fsync(stream.fileno())
