"""The real program in a process of its own, with everything that it writes kept."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[3]
LAUNCHER = "tests.trust.silence.launcher"
_COMMANDS = "tests.trust.silence.commands"
_START_SECONDS = 60


@dataclass(frozen=True)
class Job:
    """A command's arguments and settings."""

    arguments: list[str]
    env: dict[str, str]


@dataclass
class Program:
    """A run of the program in a folder: where its words go, and what belongs to it."""

    folder: Path
    number: int = 0

    @property
    def data(self) -> Path:
        """Give the data directory."""
        return self.folder / "data"

    @property
    def out(self) -> Path:
        """Give where standard output goes."""
        return self.folder / "heard" / "out"

    @property
    def err(self) -> Path:
        """Give where standard error goes, the log with it."""
        return self.folder / "heard" / "err"

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """Give an environment in which every folder that a program might write to is one of its own."""
        own = {name: str(self.folder / name.lower()) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
        for place in own.values():
            Path(place).mkdir(exist_ok=True, parents=True)
        path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        return {**path, **own, "WEEGWIJZER_DATA_DIR": str(self.data), **more}

    def command(self, *arguments: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end."""
        whole = [sys.executable, "-m", "bot", *arguments]
        return subprocess.run(whole, cwd=self.cwd(), env=self.environment(env), capture_output=True, check=False)

    def commands(self, jobs: Sequence[Job]) -> Iterator[tuple[int, bytes]]:
        """Run commands one after the other, and give exit code and words of each."""
        listed = self.folder / "jobs"
        heard = [f"{listed}.{number}.heard" for number in range(len(jobs))]
        told = [{**asdict(job), "heard": file} for job, file in zip(jobs, heard, strict=True)]
        listed.write_text(json.dumps(told), "utf-8")
        whole = [sys.executable, "-m", _COMMANDS, str(listed)]
        subprocess.run(whole, cwd=self.cwd(), env=self.environment({}), check=True)
        for number, file in enumerate(heard):
            yield int(Path(f"{listed}.{number}").read_text("ascii")), Path(file).read_bytes()

    def cwd(self) -> Path:
        """Give the folder in which the program runs."""
        place = self.folder / "cwd"
        place.mkdir(exist_ok=True)
        return place

    @property
    def core_limit(self) -> str:
        """Give how large a core dump of the running program may be."""
        text = Path(f"/proc/{self.number}/limits").read_text("ascii")
        return next(line for line in text.splitlines() if line.startswith("Max core file size")).split()[4]


@contextmanager
def running(program: Program, port: int, env: Mapping[str, str], module: str = "bot") -> Iterator[None]:
    """Serve while the block runs, allowed to dump as much core as it likes."""
    program.out.parent.mkdir(exist_ok=True, parents=True)
    with program.out.open("ab") as out, program.err.open("ab") as err:
        arguments: Sequence[str] = [sys.executable, "-m", module, "serve"]
        process = subprocess.Popen(
            arguments, cwd=program.cwd(), env=program.environment(env), stdout=out, stderr=err, preexec_fn=_allow_core
        )
        program.number = process.pid
        try:
            _wait(process, port, program)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _allow_core() -> None:
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def _wait(process: subprocess.Popen[bytes], port: int, program: Program) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, program.err.read_text("utf-8")
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return
        time.sleep(0.05)
    raise AssertionError("the program does not listen")
