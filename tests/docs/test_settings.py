"""`docs/settings.md` names every setting of the program, and no other."""

import re
from pathlib import Path

from bot.settings import NAMES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text("utf-8")


def test_the_settings_on_the_page_are_those_of_the_program() -> None:
    first_cells = re.findall(r"^\|([^|]+)\|", PAGE, re.MULTILINE)
    assert sorted(name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)) == sorted(NAMES)
