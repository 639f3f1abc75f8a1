"""Pages: every row once, in the order in which it stands, whatever was damaged or went meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.storage.paging import among, pages

_MADE = (
    "CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER, filling TEXT) WITHOUT ROWID",
    "CREATE TABLE several (a TEXT, b INTEGER, PRIMARY KEY (a, b))",
)
_ROWS = [(f"{number:04}", number % 2) for number in range(1_000)]
_SELECT = "SELECT a, b FROM t"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(path, isolation_level=None)
    for statement in (*_MADE, "BEGIN"):
        db.execute(statement)
    db.executemany("INSERT INTO t VALUES (?, ?, ?)", [(*row, "x" * 200) for row in _ROWS])
    db.execute("COMMIT")
    yield db
    db.close()


@pytest.mark.parametrize("size", [1, 3, 7, 10, 999, 1_000, 1_001])
def test_gives_every_row_once(db: sqlite3.Connection, size: int):
    given = list(pages(db, _SELECT, "a", size))
    assert [row for page in given for row in page] == _ROWS
    assert max(map(len, given)) <= size


def test_gives_nothing_of_an_empty_table(db: sqlite3.Connection):
    db.execute("DELETE FROM t")
    assert list(pages(db, _SELECT, "a")) == []


def test_gives_what_is_different_once(db: sqlite3.Connection):
    db.executemany("INSERT INTO several VALUES (?, ?)", [(a, b) for a, _ in _ROWS[:50] for b in range(9)])
    given = [case for page in pages(db, "SELECT DISTINCT a FROM several", "a", 7) for (case,) in page]
    assert given == [a for a, _ in _ROWS[:50]]


def test_looks_up_where_it_was_and_counts_no_rows_off(db: sqlite3.Connection):
    said: list[str] = []
    db.set_trace_callback(said.append)
    assert sum(map(len, pages(db, _SELECT, "a", 10))) == len(_ROWS)
    assert not [one for one in said if "OFFSET" in one]
    plan = db.execute(f"EXPLAIN QUERY PLAN {said[1]}").fetchone()
    assert "SEARCH t USING PRIMARY KEY" in plan[3]


def test_rows_may_come_and_go_in_between(db: sqlite3.Connection):
    walk = pages(db, _SELECT, "a", 10)
    given = next(walk)
    db.execute("DELETE FROM t WHERE a = ?", given[-1][:1])
    given += next(walk)
    # Counted off, one row was come past that had moved up.
    assert given[-1] == _ROWS[20]
    db.execute("INSERT INTO t VALUES ('0000a', 9, '')")
    assert next(walk)[0] == _ROWS[21]
    db.execute("VACUUM")
    assert next(walk)[0] == _ROWS[31]


@pytest.mark.parametrize("wrong", [b"/", b"9"])
def test_a_damaged_key_hides_no_row(db: sqlite3.Connection, path: Path, wrong: bytes):
    """A key is damaged in the leaves, or above them so that a search for any row after it goes astray."""
    db.close()
    sound, changed = path.read_bytes(), 0
    for a, _ in _ROWS[::3]:
        # Wherever it stands.
        path.write_bytes(sound.replace(a.encode() + b"xxx", wrong + a[1:].encode() + b"xxx"))
        with closing(sqlite3.connect(path)) as again:
            whole = again.execute(f"{_SELECT} ORDER BY a").fetchall()
            changed += whole != _ROWS
            assert [row for page in pages(again, _SELECT, "a", 10) for row in page] == whole
    assert changed == len(_ROWS[::3])


def test_a_key_that_was_damaged_into_another_one_hides_no_row(db: sqlite3.Connection, path: Path):
    """A search for it finds the other row, and would go on behind that."""
    db.close()
    sound, changed = path.read_bytes(), 0
    for a, _ in _ROWS[9:600:30]:
        path.write_bytes(sound.replace(a.encode() + b"xxx", b"0656xxx"))
        with closing(sqlite3.connect(path)) as again:
            whole = again.execute(f"{_SELECT} ORDER BY a").fetchall()
            changed += whole != _ROWS
            assert [row for page in pages(again, _SELECT, "a", 10) for row in page] == whole
    assert changed == len(_ROWS[9:600:30])


def test_gives_those_that_are_there(db: sqlite3.Connection):
    assert among(db, _SELECT, "a", ["0003", "none"]) == [("0003", 1)]
    assert among(db, _SELECT, "a", []) == []
