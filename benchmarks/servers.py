"""What is measured: how each server is started, and who talks to it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.assessor import Assessor
from benchmarks.connector import Connector
from benchmarks.people import write_access_file
from benchmarks.players import EchoPlayer, Player, WaterfallPlayer, WrongReply, chance_of
from benchmarks.process import ROOT, Running, python, serving, tail

ANCHORS = Path(__file__).resolve().parent / "anchors"
VENV = ROOT / ".venv-bench"

Invite = Callable[[Connector, str], Player]


@dataclass(frozen=True, slots=True)
class Server:
    """A kind of server; `letter` is its place in the tables."""

    name: str
    letter: str
    about: str
    invite: Invite
    command: tuple[str, ...]
    is_ours: bool = False

    @property
    def is_installed(self) -> bool:
        """Tell whether its packages are there."""
        return Path(self.command[0]).exists()


def _assessor(teams: Connector, user: str) -> Player:
    return Assessor(teams, user, chance_of(0, user))


def _anchor(name: str, venv: Path | None = VENV) -> tuple[str, ...]:
    return (python(venv), str(ANCHORS / f"{name}.py"))


SERVERS: Mapping[str, Server] = {
    server.name: server
    for server in (
        Server("weegwijzer", "", "this bot", _assessor, (python(), "-m", "bot", "serve"), is_ours=True),
        Server("echo", "a", "botbuilder 4.17.1 echo", EchoPlayer, _anchor("echo")),
        Server("waterfall", "c", "botbuilder WaterfallDialog, SQLite", WaterfallPlayer, _anchor("waterfall")),
        Server("agents", "d", "Microsoft 365 Agents SDK 1.9 echo", EchoPlayer, _anchor("agents")),
        Server("bare", "f", "bare limit: aiohttp, 1 commit, 1 reply", EchoPlayer, _anchor("bare", None)),
    )
}


@asynccontextmanager
async def started(server: Server, teams: Connector, home: Path, **settings: str) -> AsyncIterator[Running]:
    """Run a server in a folder of its own while the block runs; `settings` come on top."""
    env = {**(environment(teams, home) if server.is_ours else {}), **settings}
    async with serving(server.command, env, home) as running:
        try:
            yield running
        except WrongReply as wrong:
            raise WrongReply(f"{server.name}: {wrong}\nThe last words of its log:\n{tail(home)}") from None


def environment(teams: Connector, home: Path) -> dict[str, str]:
    """Give this bot's settings: local mode, so that no tokens are needed."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "WEEGWIJZER_MODE": "local",
        "WEEGWIJZER_DATA_DIR": str(home / "data"),
        "WEEGWIJZER_ACCESS_FILE": str(write_access_file(home / "access.json", dict(teams.people))),
    }
