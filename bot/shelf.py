"""The files that the bot brings along: frameworks and texts."""

from hashlib import sha256
from pathlib import Path

from bot.cases import Frameworks
from bot.errors import SettingsError
from dialogs.wording import Wording, read_wording
from state.errors import FrameworkError
from state.reader import read_framework
from state.weighing import CompiledFramework, compile_framework

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = ROOT / "frameworks" / "informatielekken"
_TEXTS = ROOT / "dialogs" / "texts"


def open_framework(path: Path) -> CompiledFramework:
    """Give a framework file, ready for weighing; raises FrameworkError with all its mistakes, or OSError."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: the framework file is not UTF-8; save it as UTF-8") from None
    return compile_framework(read_framework(text, str(path)), sha256(content).hexdigest())


def published() -> tuple[Path, ...]:
    """Give the published versions of the framework, oldest first."""
    return tuple(sorted(PUBLISHED.glob("*/framework.yaml"), key=lambda path: _version(path.parent.name)))


def open_frameworks(current: Path | None) -> Frameworks:
    """Give the framework for new cases and all published ones, so that every case replays with its own."""
    paths = published()
    if current is None and not paths:
        raise SettingsError("no framework is installed; set WEEGWIJZER_FRAMEWORK to a framework file")
    chosen = current or paths[-1]
    try:
        compiled = open_framework(chosen)
        others = [open_framework(path) for path in paths if path.resolve() != chosen.resolve()]
    except OSError as error:
        raise SettingsError(f"{error.filename}: the framework file cannot be read ({error.strerror})") from None
    except FrameworkError as error:
        raise SettingsError(f"{error.in_short()}; see `weegwijzer framework check`") from None
    return Frameworks(compiled, others)


def open_wording() -> Wording:
    """Give the bot's own words in both languages."""
    return read_wording((_TEXTS / "nl.yaml").read_text("utf-8"), (_TEXTS / "en.yaml").read_text("utf-8"))


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else -1 for part in name.split("."))
