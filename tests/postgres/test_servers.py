"""The servers that the other tests stand on: what one says to have kept is there after it was killed."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import psycopg
import pytest

from tests.postgres.pairs import a_pair
from tests.postgres.servers import Server, a_server


def rows(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM kept ORDER BY id")]


def keep(url: str, *numbers: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        for number in numbers:
            connection.execute("INSERT INTO kept VALUES (%s)", (number,))


def test_what_was_committed_is_there_after_a_kill_and_nothing_else() -> None:
    with a_server() as server:
        url = server.new_database()
        keep(url, 1, 2)
        under_way = psycopg.connect(url)
        under_way.execute("INSERT INTO kept VALUES (3)")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            under_way.commit()
        with pytest.raises(psycopg.OperationalError):
            rows(url)
        server.start()
        assert rows(url) == [1, 2]
        home = server.home
    assert not home.exists()


def test_after_the_primary_is_killed_the_promoted_standby_has_what_was_committed() -> None:
    with a_pair() as pair:
        url = pair.new_database()
        keep(url, 1, 2)
        assert pair.standby.is_read_only()
        pair.primary.kill()
        with pytest.raises(psycopg.OperationalError):
            rows(url)
        pair.standby.promote()
        # The same address, now answered by the other.
        assert rows(url) == [1, 2]
        keep(url, 3)
        assert rows(url) == [1, 2, 3]
        homes = [server.home for server in pair]
    assert not any(home.exists() for home in homes)


def test_the_primary_says_nothing_is_kept_that_the_standby_has_not() -> None:
    with a_pair() as pair, ThreadPoolExecutor() as threads:
        url = pair.new_database()
        keep(url, 1)
        pair.standby.kill()
        kept = threads.submit(keep, url, 2)
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        while not kept.done() and pair.primary.ask(waiting) != [(1,)]:
            sleep(0.01)
        assert not kept.done()
        pair.standby.start()
        kept.result(60)
        pair.primary.kill()
        pair.standby.promote()
        assert rows(url) == [1, 2]


def test_a_database_is_closed_to_who_does_not_know_the_password_and_to_other_machines(postgres: Server) -> None:
    url = postgres.new_database()
    with pytest.raises(psycopg.OperationalError, match="password"):
        rows(url.replace(postgres.password, "guess"))
    listening = Path("/proc/net/tcp").read_text("ascii") + Path("/proc/net/tcp6").read_text("ascii")
    hosts = [line.split()[1] for line in listening.splitlines() if f":{postgres.port:04X} " in line and " 0A " in line]
    assert hosts == [f"0100007F:{postgres.port:04X}"]


def test_databases_know_nothing_of_each_other_and_can_be_deleted(postgres: Server) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    keep(first, 1)
    with pytest.raises(psycopg.errors.UndefinedTable):
        rows(second)
    with psycopg.connect(first):
        postgres.drop(first)
    with pytest.raises(psycopg.OperationalError):
        rows(first)


def test_a_frozen_server_goes_on_where_it_was(postgres: Server) -> None:
    url = postgres.new_database()
    keep(url, 1)
    postgres.freeze()
    try:
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            psycopg.connect(url, connect_timeout=2)
    finally:
        postgres.thaw()
    assert rows(url) == [1]


def test_the_server_is_not_run_by_root(postgres: Server) -> None:
    assert postgres.process is not None
    assert Path(f"/proc/{postgres.process.pid}").stat().st_uid == (os.getuid() or postgres.data.stat().st_uid)
    assert postgres.data.stat().st_uid != 0
