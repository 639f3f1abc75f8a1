"""Real PostgreSQL servers on loopback, each with a folder of its own that is gone after the test."""

import ctypes
import itertools
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg

from tests.ports import free_port
from tests.postgres.programs import as_account, give_away, programs, run

OWNER = "weegwijzer"
ADMIN = "postgres"
_PATIENCE = 60.0
_IPC_RMID = 0

# Small, and as careful as a server comes: what was committed is on disk.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # A path for a socket may be too long, and nobody needs one.
    "unix_socket_directories": "",
    # In a folder that goes away, also after SIGKILL.
    "dynamic_shared_memory_type": "mmap",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_wal_size": "64MB",
    "min_wal_size": "8MB",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %u@%d ",
}


@dataclass
class Server:
    """A server of one test: it can be killed, and started again on what is on its disk."""

    home: Path
    port: int
    password: str
    settings: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def data(self) -> Path:
        """Give the data directory."""
        return self.home / "data"

    @property
    def log(self) -> str:
        """Give what the server said."""
        return (self.home / "log").read_text("utf-8", "replace")

    def url(self, database: str, user: str = OWNER) -> str:
        """Give the address of a database."""
        return f"postgresql://{user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Give the address of a new empty database, which belongs to who may do nothing else."""
        name = f"weegwijzer_{next(self.names)}"
        # Five times as fast as what the server does by itself, through its log.
        self.ask(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0 STRATEGY file_copy")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Delete a database, also when somebody still holds it."""
        self.ask(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def ask(self, statement: str, database: str = ADMIN) -> list[tuple[Any, ...]]:
        """Let the administrator say something, and give the rows of the answer."""
        with psycopg.connect(self.url(database, ADMIN), autocommit=True, connect_timeout=10) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    # --- its life ----------------------------------------------------------------------

    def start(self) -> None:
        """Start it and wait until it takes connections; after a kill it recovers first."""
        options = {**_SETTINGS, **self.settings, "port": str(self.port)}
        lines = (f"{name} = '{value}'" for name, value in options.items())
        settings = self.data / "weegwijzer.conf"
        settings.write_text("\n".join(lines) + "\n", "utf-8")
        # The bot, where a test runs it in this process, lets nobody else read what is written after it.
        settings.chmod(0o644)
        command = [str(programs() / "postgres"), "-D", str(self.data)]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.home, stdin=-3, stdout=log, stderr=log, **as_account())
        self._until_up()

    def _until_up(self) -> None:
        end = monotonic() + _PATIENCE
        while not self._answers():
            if self.process is None or self.process.poll() is not None or monotonic() > end:
                raise RuntimeError(f"the server does not start:\n{self.log}")
            sleep(0.02)

    def _answers(self) -> bool:
        try:
            return bool(self.ask("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def kill(self) -> None:
        """End it as the power does: every process of it at once."""
        self._signal_all(signal.SIGKILL)
        self._is_over()

    def freeze(self) -> None:
        """Stop every process of it where it is: connections stay and nothing answers."""
        self._signal_all(signal.SIGSTOP)
        while any(_state(pid) not in "T" for pid in self._processes()):
            sleep(0.005)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal_all(signal.SIGCONT)

    def stop(self) -> None:
        """End it as an administrator does, without waiting for who is connected."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self._is_over()

    def remove(self) -> None:
        """End it however it stands, and leave nothing behind."""
        if self.process is not None:
            self.kill()
        _forget_shared_memory(self.data / "postmaster.pid")
        shutil.rmtree(self.home)

    def _is_over(self) -> None:
        assert self.process is not None
        self.process.wait(_PATIENCE)
        while self._processes():
            self._signal_all(signal.SIGKILL)
            sleep(0.005)
        self.process = None

    def _signal_all(self, number: signal.Signals) -> None:
        # The postmaster first: it starts new ones.
        if self.process is not None:
            self.process.send_signal(number)
        for pid in self._processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _processes(self) -> list[int]:
        """Give what works in the data directory: each process of a server does, and outlives it for a moment."""
        numbers = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal()]
        return [pid for pid in numbers if _place(pid) == self.data and _state(pid) not in "ZX"]


def _place(pid: int) -> Path | None:
    # Gone meanwhile, or another account's.
    with suppress(OSError):
        return Path(f"/proc/{pid}/cwd").readlink()
    return None


def _state(pid: int) -> str:
    """Give what a process does, in the letter of the system; Z for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def _forget_shared_memory(file: Path) -> None:
    """Give back the few bytes of shared memory that a killed server kept for the one after it."""
    with suppress(OSError, ValueError, IndexError):
        number = int(file.read_text("ascii").splitlines()[6].split()[1])
        ctypes.CDLL(None).shmctl(number, _IPC_RMID, None)


def _home() -> Path:
    """Give a new folder that the account owns and can reach."""
    for place in (None, "/tmp"):
        home = Path(tempfile.mkdtemp(prefix="weegwijzer-postgres-", dir=place)).resolve()
        give_away(home)
        if (
            subprocess.run(["/bin/ls", str(home)], cwd="/", capture_output=True, check=False, **as_account()).returncode
            == 0
        ):
            return home
        home.rmdir()
    raise RuntimeError("there is no temporary folder that the server's account can reach")


def made(settings: Mapping[str, str]) -> Server:
    """Give a server with a folder of its own and nothing in it."""
    return Server(_home(), free_port(), secrets.token_hex(8), settings)


def _lay_out(server: Server) -> None:
    """Make the data directory: connections over loopback alone, and by password."""
    words = server.home / "password"
    words.write_text(server.password, "ascii")
    give_away(words)
    run(
        server.home,
        "initdb",
        *("--pgdata", str(server.data), "--username", ADMIN, "--pwfile", str(words)),
        *("--auth-local=reject", "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        *("--wal-segsize=1", "--no-sync", "--no-instructions"),
    )
    with (server.data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("include 'weegwijzer.conf'\n")


@contextmanager
def a_server(**settings: str) -> Iterator[Server]:
    """Run a new server while the block runs."""
    server = made(settings)
    try:
        _lay_out(server)
        server.start()
        server.ask(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{server.password}'")
        yield server
    finally:
        server.remove()
