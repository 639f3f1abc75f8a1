"""A framework that is broken, unreadable or missing is never loaded, and the start says which and why."""

from pathlib import Path

import pytest

from bot import shelf
from bot.errors import SettingsError
from bot.shelf import PUBLISHED, open_frameworks, published


def test_new_cases_run_under_the_newest_version() -> None:
    assert open_frameworks(None).current.framework.version == published()[-1].parent.name


def test_a_framework_of_ones_own_stands_beside_the_published_ones(tmp_path: Path) -> None:
    own = tmp_path / "framework.yaml"
    text = (PUBLISHED / "2.0" / "framework.yaml").read_text("utf-8")
    own.write_text(text.replace('version: "2.0"', 'version: "2.1"'), "utf-8")
    frameworks = open_frameworks(own)
    assert frameworks.current.framework.version == "2.1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id: x\n", r"framework\.yaml:1:1: .* \(and \d+ more\); see `weegwijzer framework check`"),
        (b"x\n", r"framework\.yaml:1:1: the file: 'x' must have keys of its own; see `weegwijzer framework check`"),
        (b"\xff\xfe", "is not UTF-8; save it as UTF-8"),
        (b"", "the file is empty"),
        (None, "cannot be read"),
    ],
)
def test_a_broken_framework_is_never_loaded(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "framework.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=message):
        open_frameworks(file)


def test_without_any_framework_it_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shelf, "PUBLISHED", tmp_path)
    with pytest.raises(SettingsError, match="set WEEGWIJZER_FRAMEWORK"):
        open_frameworks(None)
