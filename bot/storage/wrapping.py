"""The data key that wraps a keyring's keys: opening them with it, and putting another in its place."""

from collections.abc import Callable
from pathlib import Path

from bot.data_key import FileKey, Wrapper, open_data_key, replace_by_successor, successor, write_key
from bot.errors import SettingsError
from bot.files import is_there
from bot.storage.keyring import Keyring


def open_with(key_file: Path, build: Callable[[Wrapper], Keyring], *, make: bool) -> Keyring:
    """Give the keys that a data key opens; ends a change of it that a crash interrupted. Raises SettingsError."""
    wrapper = FileKey(open_data_key(key_file, make=make))
    try:
        keyring = build(wrapper)
    except SettingsError:
        if not is_there(successor(key_file)):
            raise
        # The crash came after the keys were wrapped anew.
        keyring = build(FileKey(open_data_key(successor(key_file))))
        replace_by_successor(key_file)
        return keyring
    # The crash came before: the next key, perhaps half of it, is of no use.
    successor(key_file).unlink(missing_ok=True)
    return keyring


def rotate(keyring: Keyring, key_file: Path) -> int:
    """Make a new data key, wrap every key by it, and put it in the old one's place; give how many keys."""
    following = successor(key_file)
    try:
        if FileKey(open_data_key(key_file)).id != keyring.data_key:
            # The last change could not be ended: the only copy of the key in use is the next one.
            replace_by_successor(key_file)
        following.unlink(missing_ok=True)
        write_key(following)
        count = keyring.rotate(FileKey(open_data_key(following)))
        replace_by_successor(key_file)
    except OSError as error:
        raise SettingsError(f"{key_file}: a new data key cannot be put in its place ({error.strerror})") from None
    return count
