"""Whether a file is there, also where this account may not look."""

from pathlib import Path

from bot.errors import SettingsError


def is_there(path: Path) -> bool:
    """Tell whether there is something at a path; raises SettingsError where this account may not look."""
    try:
        return path.exists()
    except OSError:
        raise SettingsError(f"{path} cannot be opened: check the folder and its permissions") from None
