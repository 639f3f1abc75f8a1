"""A server in a process of its own, on a core of its own, and what the system says of it."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from compileall import compile_dir
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 120.0
_STOP_PATIENCE = 30.0


class ServerFailed(Exception):
    """A server did not start, or ended by itself."""


@cache
def cores() -> tuple[int | None, int | None]:
    """Give the core of the load generator and that of the server; None where there is only one."""
    # Asked once: from then on this process has one core.
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    known = sorted(os.sched_getaffinity(0))
    return (known[0], known[-1]) if len(known) > 1 else (None, None)


@dataclass
class Running:
    """A server that listens; `started_in` is in seconds from its command to its first open port.

    `headers` go with every request; `tokens_given` is what its identity provider gave it, once it has ended.
    """

    process: asyncio.subprocess.Process
    port: int
    started_in: float
    headers: str = ""
    tokens_given: int = 0

    def cpu(self) -> float:
        """Give the seconds of CPU it used until now, in user space and kernel."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def rss(self) -> float:
        """Give its resident memory in MiB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@asynccontextmanager
async def serving(command: Sequence[str], env: Mapping[str, str], home: Path) -> AsyncIterator[Running]:
    """Run a server while the block runs; it finds its port in PORT, and writes to `home/log`."""
    compile_bot()
    port = free_port()
    begun = perf_counter()
    with _log_in(home) as log, _on_servers_core():
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**_environment(), **env, "PORT": str(port)},
            cwd=home,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        await _until_open(process, port, home)
        yield Running(process, port, perf_counter() - begun)
        if process.returncode is not None:
            raise ServerFailed(f"{command} ended by itself:\n{tail(home)}")
    finally:
        await _end(process)


def compile_bot() -> None:
    """Compile what was edited in the bot, as an installer has done with the packages of all servers.

    Servers leave no files, and so each start would compile it anew (36 edited files: 120 ms of 1000).
    """
    for package in ("bot", "dialogs", "state"):
        compile_dir(ROOT / package, quiet=1)


def _log_in(home: Path) -> IO[bytes]:
    home.mkdir(parents=True, exist_ok=True)
    return (home / "log").open("wb")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


@contextmanager
def _on_servers_core() -> Iterator[None]:
    """Be on the servers' core for a moment: a process that is made now stays there."""
    core = cores()[1]
    if core is None:
        yield
        return
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)


def pin_generator() -> None:
    """Keep this process, the load generator, away from the server's core."""
    core = cores()[0]
    if core is not None:
        os.sched_setaffinity(0, {core})


async def _until_open(process: asyncio.subprocess.Process, port: int, home: Path) -> None:
    deadline = perf_counter() + _PATIENCE
    while perf_counter() < deadline:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        if process.returncode is not None:
            break
        await asyncio.sleep(0.005)
    raise ServerFailed(f"the server did not start:\n{tail(home)}")


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP_PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def tail(home: Path) -> str:
    """Give the last words of a server's log."""
    return (home / "log").read_text("utf-8", "replace")[-2000:]


def free_port() -> int:
    """Give a port of loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Bystanders:
    """What other jobs use of the machine, from when this is made."""

    def __init__(self) -> None:
        self._begun = self._now()

    def part(self) -> float:
        """Give the part of all cores that other jobs used until now; servers count as ours once they have ended."""
        total, busy, own = (now - then for now, then in zip(self._now(), self._begun, strict=True))
        return max(0.0, busy - own) / total if total else 0.0

    def _now(self) -> tuple[float, float, float]:
        """Give the seconds of all cores, the busy ones of these, and our own."""
        ticks = [int(word) for word in Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:9]]
        idle = ticks[3] + ticks[4]
        return sum(ticks) / _TICKS, (sum(ticks) - idle) / _TICKS, sum(os.times()[:4])


def python(venv: Path | None = None) -> str:
    """Give the interpreter of a virtual environment, this one's by default."""
    return str(venv / "bin" / "python") if venv else sys.executable
