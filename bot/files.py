"""Whether a file is there, also where this account may not look."""

from pathlib import Path

from bot.errors import SettingsError


def is_there(path: Path) -> bool:
    """Tell whether there is something at a path; raises SettingsError where this account may not look."""
    try:
        # Not `exists`, which from Python 3.14 on says no where it may not look.
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        raise SettingsError(f"{path} cannot be opened: check the folder and its permissions") from None
    return True
