"""`weegwijzer db` and `keys backup`: what the tables need, and moving a store, with files and a real PostgreSQL."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.storage import postgres_schema, schema
from bot.storage.keyfile import keys_path
from tests.bot.cli.test_store import path, running, weegwijzer
from tests.postgres.servers import Server

__all__ = ["path"]

AWAY = "postgresql://weegwijzer:geheim@127.0.0.1:1/weegwijzer"


def test_tells_which_form_the_tables_have_and_need(path: Path, capsys: pytest.CaptureFixture[str]):
    code, out, _ = weegwijzer(capsys, "db", "check")
    assert (code, out) == (0, f"The tables have form {schema.VERSION}, which this version needs.\n")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 4")
    code, out, _ = weegwijzer(capsys, "db", "check")
    assert code == 1
    assert "run `weegwijzer db upgrade`" in out
    assert weegwijzer(capsys, "db", "upgrade")[:2] == (0, "The tables had form 4 and have form 5 now.\n")
    assert weegwijzer(capsys, "db", "upgrade")[1].startswith("Nothing to do")
    assert json.loads(weegwijzer(capsys, "db", "check", "--json")[1]) == {"found": 5, "needed": 5}


def test_says_what_to_do_where_there_are_no_tables_and_where_they_are_newer(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    for action in ("check", "upgrade"):
        code, out, err = weegwijzer(capsys, "db", action)
        assert code == (1 if action == "check" else 2)
        assert "install that version" in out + err
    monkeypatch.setenv("WEEGWIJZER_DATA_DIR", str(path.parent / "nothing"))
    for action in ("check", "upgrade"):
        assert "the first start makes them" in weegwijzer(capsys, "db", action)[1]


def test_moves_a_store_to_postgres_and_back(path: Path, capsys: pytest.CaptureFixture[str], postgres: Server):
    there, back = postgres.new_database(), f"sqlite:///{path.parent / 'back.sqlite'}"
    for source, target in ((f"sqlite:///{path}", there), (there, back)):
        code, out, err = weegwijzer(capsys, "db", "copy", source, target)
        assert (code, err) == (0, "")
        assert out.startswith("1 cases with 3 events")
        assert "kanarie" not in out
    with psycopg.connect(there) as db:
        assert db.execute("SELECT max(version) FROM weegwijzer.form").fetchone() == (postgres_schema.VERSION,)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("mysql://a/b", AWAY, "this is no database address"),
        ("sqlite:///data/weegwijzer.sqlite", "sqlite:///data/weegwijzer.sqlite", "cannot be copied to where it is"),
        ("sqlite:///data/weegwijzer.sqlite", AWAY, "the database server cannot be reached"),
        (AWAY, "sqlite:///data/new.sqlite", "the database server cannot be reached"),
    ],
)
def test_what_cannot_be_copied_is_refused_in_one_line_without_the_password(
    path: Path, capsys: pytest.CaptureFixture[str], source: str, target: str, said: str
):
    code, out, err = weegwijzer(capsys, "db", "copy", source, target)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert "geheim" not in err
    assert not Path("data/new.sqlite").exists()


async def test_a_store_in_use_is_not_copied_and_its_keys_are(path: Path, capsys: pytest.CaptureFixture[str]):
    async with running(path):
        copied = await asyncio.to_thread(weegwijzer, capsys, "db", "copy", f"sqlite:///{path}", "sqlite:///new.sqlite")
        assert copied[0] == 2
        assert "stop the other Weegwijzer first" in copied[2]
        assert (await asyncio.to_thread(weegwijzer, capsys, "keys", "backup", "kept.sqlite"))[0] == 0
    with closing(sqlite3.connect("kept.sqlite")) as kept, closing(sqlite3.connect(keys_path(path))) as keys:
        rows = "SELECT name, wrapped FROM wrapped ORDER BY name"
        assert kept.execute(rows).fetchall() == keys.execute(rows).fetchall()


def test_where_no_cases_are_the_commands_say_so_and_begin_nothing(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, postgres: Server
):
    url = postgres.new_database()
    monkeypatch.setenv("WEEGWIJZER_DATABASE_URL", url)
    for command in (["check"], ["dossier", "list"], ["backup", "kept.sqlite"], ["keys", "show"], ["prints"]):
        code, out, err = weegwijzer(capsys, *command)
        assert (code, out) == (2, "")
        assert "the database has no schema weegwijzer with cases: name the right one, and its database" in err
        assert err.count("\n") == 1
    assert not Path("kept.sqlite").exists()
    with psycopg.connect(url) as db:
        assert db.execute("SELECT to_regnamespace('weegwijzer')").fetchone() == (None,)


def test_the_commands_read_a_store_in_postgres_while_no_bot_runs(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, postgres: Server
):
    shown = weegwijzer(capsys, "keys", "show")
    url = postgres.new_database()
    assert weegwijzer(capsys, "db", "copy", f"sqlite:///{path}", url)[0] == 0
    monkeypatch.setenv("WEEGWIJZER_DATABASE_URL", url)
    # Each opens the store by itself, as the first thing that it does.
    assert weegwijzer(capsys, "keys", "show") == shown
    for command in (["check"], ["dossier", "list"], ["backup", "kept.sqlite"], ["keys", "backup", "keys"], ["prints"]):
        assert weegwijzer(capsys, *command)[::2] == (0, "")


def test_a_user_without_rights_is_told_who_has_them(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, postgres: Server
):
    url = postgres.new_database()
    monkeypatch.setenv("WEEGWIJZER_DATABASE_URL", url)
    assert weegwijzer(capsys, "db", "copy", f"sqlite:///{path}", url)[0] == 0
    postgres.ask(f"CREATE ROLE poor LOGIN PASSWORD '{postgres.password}'")
    poor = url.replace("weegwijzer:", "poor:", 1)
    monkeypatch.setenv("WEEGWIJZER_DATABASE_URL", poor)
    for command in (["check"], ["db", "check"], ["db", "copy", f"sqlite:///{path}", poor]):
        code, out, err = weegwijzer(capsys, *command)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "InsufficientPrivilege 42501: the user in the database's address must own the database" in err


def test_what_is_no_database_is_not_said_to_be_a_new_one(path: Path, capsys: pytest.CaptureFixture[str]):
    path.write_bytes(b"geen databank " * 500)
    for action in ("check", "upgrade"):
        code, out, err = weegwijzer(capsys, "db", action)
        assert (code, out) == (2, "")
        assert "is not a database, or its beginning is damaged" in err
