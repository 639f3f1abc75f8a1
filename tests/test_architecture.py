"""What holds for the code as a whole: who imports what, no clock in the core, short files, docstrings."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("state", "dialogs", "bot")
FILES = sorted(file for package in OURS for file in (ROOT / package).rglob("*.py"))

# What may be imported from outside Python itself; the first part of the path that fits counts.
ALLOWED = {
    "state": {"orjson", "pydantic", "pydantic_core", "transitions", "yaml"},
    "dialogs": {"babel", "orjson", "yaml"},
    "bot/teams": {"aiohttp", "botbuilder", "cryptography", "jwt", "orjson", "yarl"},
    "bot/cli": {"rich", "typer"},
    "bot/settings": {"pydantic", "pydantic_settings"},
    "bot/log": {"structlog"},
    "bot/metrics": {"prometheus_client"},
    "bot/dossier": {"babel", "cryptography", "orjson", "typst"},
    "bot/app": {"aiohttp"},
    "bot/listening": {"aiohttp"},
    "bot/control": {"aiohttp"},
    "bot/data_key": {"cryptography"},
    "bot/keepers": {"cryptography"},
    "bot/notes": {"cryptography"},
    "bot/setting_values": {"psycopg"},
    "bot/storage": {"cryptography", "orjson", "psycopg", "psycopg_pool"},
    "bot": set[str](),
}
# Chance, clocks, files and the network: all of it comes in as an argument.
NOT_IN_THE_CORE = {
    "asyncio", "http", "io", "logging", "os", "random", "secrets", "socket", "sqlite3", "subprocess", "time",
    "urllib", "uuid",
}  # fmt: skip
# The SDK's own state, storage and transcripts (threat model F14 and others): none of them is ever used.
NOT_OF_THE_SDK = {
    "MemoryStorage", "ConversationState", "UserState", "TranscriptLoggerMiddleware", "TeamsInfo", "CloudAdapter",
}  # fmt: skip


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imported(file: Path) -> Iterator[tuple[str, str]]:
    """Give each imported module's first name, and the name taken from it."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (((node.module or "").partition(".")[0], alias.name) for alias in node.names)


def name(file: Path) -> str:
    return file.relative_to(ROOT).with_suffix("").as_posix()


@pytest.mark.parametrize("file", FILES, ids=name)
def test_imports_from_outside_are_on_the_list(file: Path) -> None:
    allowed = next(names for place, names in ALLOWED.items() if name(file).startswith(place))
    outside = {module for module, _ in imported(file)} - set(OURS) - sys.stdlib_module_names
    assert outside <= allowed


@pytest.mark.parametrize("file", [file for file in FILES if not name(file).startswith("bot")], ids=name)
def test_the_core_and_the_conversation_have_no_clock_no_chance_and_no_files(file: Path) -> None:
    assert {module for module, _ in imported(file)} & NOT_IN_THE_CORE == set()
    called = {ast.unparse(node.func) for node in ast.walk(tree(file)) if isinstance(node, ast.Call)}
    assert called & {"datetime.now", "datetime.utcnow", "date.today", "open", "print"} == set()


@pytest.mark.parametrize("file", FILES, ids=name)
def test_the_sdk_keeps_and_asks_nothing_for_us(file: Path) -> None:
    assert {taken for _, taken in imported(file)} & NOT_OF_THE_SDK == set()


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_file_is_at_most_300_lines(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= 300


def public(file: Path) -> Iterator[ast.AST]:
    """Give the module and everything in it that others may use; an inner function is nobody else's."""
    module = tree(file)
    yield module
    for node in module.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node
            yield from (one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("file", FILES, ids=name)
def test_everything_public_says_what_it_gives(file: Path) -> None:
    silent = [
        getattr(node, "name", "module")
        for node in public(file)
        if not getattr(node, "name", "").startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []
