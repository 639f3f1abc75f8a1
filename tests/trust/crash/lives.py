"""Lives of the bot, one after the other, on one data directory."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Parent:
    """The process that forks lives."""

    process: asyncio.subprocess.Process
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    lives: set[int] = field(default_factory=set)

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give the answer to a request."""
        async with self.turn:
            assert self.process.stdin and self.process.stdout
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            async with asyncio.timeout(60):
                line = await self.process.stdout.readline()
        assert line, "the parent of the lives is gone"
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def end(self) -> None:
        """End it, and whatever a test left running or stopped."""
        for pid in self.lives:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self.process.stdin
        self.process.stdin.close()
        await self.process.wait()


@asynccontextmanager
async def a_parent() -> AsyncIterator[Parent]:
    """Run the parent while the block runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.trust.crash.launcher", cwd=ROOT, stdin=-1, stdout=-1, limit=2**20
    )
    parent = Parent(process)
    try:
        yield parent
    finally:
        await parent.end()


@dataclass
class Life:
    """One life of the bot."""

    parent: Parent
    pid: int
    port: int
    home: Path

    async def is_up(self) -> bool:
        """Wait until it listens; tell whether it ever did."""
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return True
            if not self.is_there():
                return False
            await asyncio.sleep(0.002)

    def is_there(self) -> bool:
        """Tell whether the process has not ended; a zombie has."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state not in "ZX"

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    async def kill(self) -> None:
        """End it as the power does, if it is not gone already."""
        self.signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> dict[str, int]:
        """End it as an administrator does, and give what passed through its failpoints."""
        self.signal(signal.SIGTERM)
        assert (await self.ended()) == {"code": 0}
        return self.census()

    def census(self) -> dict[str, int]:
        """Give how often each failpoint was passed in the last life that ended well."""
        return dict(json.loads((self.home / "census.json").read_text("utf-8")))

    async def ended(self) -> dict[str, Any]:
        """Wait until it ended or stopped, and give how."""
        how = await self.parent.ask({"wait": self.pid})
        if "code" in how:
            self.parent.lives.discard(self.pid)
        return how


async def begin(parent: Parent, home: Path, port: int, **request: Any) -> Life:
    """Begin a life in a folder; what it needs of failpoints and limits stands in the launcher."""
    env = {
        "WEEGWIJZER_MODE": "local",
        "WEEGWIJZER_DATA_DIR": str(home / "data"),
        "PORT": str(port),
        **request.pop("env", {}),
    }
    answer = await parent.ask({"home": str(home), "env": env, **request})
    parent.lives.add(answer["pid"])
    return Life(parent, answer["pid"], port, home)
