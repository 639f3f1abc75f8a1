"""docs/storage.md names every readable column of the database, and no other."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.storage.keyfile import FORM
from bot.storage.schema import SCHEMA

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "storage.md").read_text("utf-8")
ENCRYPTED = {("event", "body"), ("register", "body"), ("meta", "value")}


def columns(schema: str) -> set[tuple[str, str]]:
    """Give table and column of every column of a schema."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(schema)
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {(table, row[1]) for table in tables for row in db.execute(f"PRAGMA table_info({table})")}


def test_every_column_in_the_clear_is_listed_with_its_reason():
    rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \| (.+) \|$", PAGE, re.MULTILINE)
    listed = {(table, field) for table, fields, _ in rows for field in fields.split(", ")} - {("Table", "Field")}
    clear = {column for column in columns(SCHEMA) if column[1] != "sealed"} - ENCRYPTED
    assert listed == clear
    assert all(reason.strip() for _, _, reason in rows)


def test_every_column_of_the_keys_file_is_named():
    for table, column in columns(FORM.schema):
        assert re.search(rf"`{table}` \([^)]*\b{column}\b", PAGE), (table, column)
