"""Two servers of which the second has everything that the first one says to have kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import NamedTuple

from tests.postgres.programs import run
from tests.postgres.servers import ADMIN, OWNER, Server, a_server, made

_NAME = "standby"
_PATIENCE = 60.0


class Standby(Server):
    """A server that follows another one until it is promoted."""

    def promote(self) -> None:
        """Make it the primary, and wait until it takes writes."""
        assert self.ask("SELECT pg_promote(true, 60)") == [(True,)]

    def is_read_only(self) -> bool:
        """Tell whether it still follows."""
        return self.ask("SELECT pg_is_in_recovery()") == [(True,)]


class Pair(NamedTuple):
    """A primary, and a standby without which it acknowledges nothing."""

    primary: Server
    standby: Standby

    def url(self, database: str) -> str:
        """Give the address of a database at whichever of the two takes writes."""
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self)
        return f"postgresql://{OWNER}:{self.primary.password}@{hosts}/{database}?target_session_attrs=read-write"

    def new_database(self) -> str:
        """Give the address of a new empty database on both."""
        return self.url(self.primary.new_database().rpartition("/")[2])


def _follower_of(primary: Server) -> Standby:
    one = made(primary.settings)
    return Standby(one.home, one.port, primary.password, primary.settings)


def _follow(standby: Standby, primary: Server) -> None:
    """Copy the primary, and follow it from there."""
    source = f"host=127.0.0.1 port={primary.port} user={ADMIN} application_name={_NAME}"
    run(
        standby.home,
        "pg_basebackup",
        *("--dbname", source, "--pgdata", str(standby.data), "--write-recovery-conf", "--wal-method=stream"),
        *("--checkpoint=fast", "--no-sync", "--create-slot", "--slot", _NAME),
        PGPASSWORD=primary.password,
    )
    standby.start()
    # Only now: without a standby the primary would wait with everything that it is asked.
    primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{_NAME}'")
    primary.ask("SELECT pg_reload_conf()")
    end = monotonic() + _PATIENCE
    while primary.ask("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
        assert monotonic() < end, f"the standby does not follow:\n{standby.log}"
        sleep(0.02)


@contextmanager
def a_pair(**settings: str) -> Iterator[Pair]:
    """Run a primary and its synchronous standby while the block runs."""
    with a_server(**settings) as primary:
        standby = _follower_of(primary)
        try:
            _follow(standby, primary)
            yield Pair(primary, standby)
        finally:
            standby.remove()
