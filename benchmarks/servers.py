"""What is measured: how each server is started, and who talks to it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.assessor import Assessor
from benchmarks.connector import Connector
from benchmarks.identity import identity_provider, production
from benchmarks.load import CLOSED, EVERY
from benchmarks.people import write_access_file
from benchmarks.players import QUESTIONS, EchoPlayer, Player, WaterfallPlayer, WrongReply, chance_of
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
    loads: tuple[str, ...] = EVERY
    # How many turns the conversations are apart when measuring begins: about as long as they are.
    spread: int = 1
    # How many seconds the identity provider takes; None: without tokens.
    identity: float | None = None

    @property
    def is_installed(self) -> bool:
        """Tell whether its packages are there."""
        return Path(self.command[0]).exists()


def _assessor(teams: Connector, user: str) -> Player:
    return Assessor(teams, user, chance_of(0, user))


def _anchor(name: str, venv: Path | None = VENV) -> tuple[str, ...]:
    return (python(venv), str(ANCHORS / f"{name}.py"))


OURS = Server("weegwijzer", "", "this bot", _assessor, (python(), "-m", "bot", "serve"), is_ours=True, spread=30)
_TOKENS = replace(OURS, name="tokens", about="this bot with tokens", loads=(CLOSED,), identity=0.0)

SERVERS: Mapping[str, Server] = {
    server.name: server
    for server in (
        OURS,
        _TOKENS,
        replace(_TOKENS, name="slow-tokens", about="the same, identity provider 60 ms", identity=0.06),
        Server("echo", "a", "botbuilder 4.17.1 echo", EchoPlayer, _anchor("echo")),
        Server(
            "waterfall",
            "c",
            "botbuilder WaterfallDialog, SQLite",
            WaterfallPlayer,
            _anchor("waterfall"),
            spread=QUESTIONS + 1,
        ),
        Server("agents", "d", "Microsoft 365 Agents SDK 1.9 echo", EchoPlayer, _anchor("agents")),
        Server("bare", "f", "bare limit: aiohttp, 1 commit, 1 reply", EchoPlayer, _anchor("bare", None)),
    )
}


@asynccontextmanager
async def started(server: Server, teams: Connector, home: Path, **settings: str) -> AsyncIterator[Running]:
    """Run a server in a folder of its own while the block runs; `settings` come on top."""
    async with AsyncExitStack() as stack:
        provider, env = None, environment(teams, home) if server.is_ours else {}
        if server.identity is not None:
            provider = await stack.enter_async_context(identity_provider(server.identity))
            env |= production(provider, teams, home)
        running = await stack.enter_async_context(serving(server.command, {**env, **settings}, home))
        if provider is not None:
            running.headers = provider.bearer(teams)
        try:
            yield running
        except WrongReply as wrong:
            raise WrongReply(f"{server.name}: {wrong}\nThe last words of its log:\n{tail(home)}") from None
        running.tokens_given = provider.tokens_given if provider else 0


def environment(teams: Connector, home: Path) -> dict[str, str]:
    """Give this bot's settings: local mode, so that no tokens are needed."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "WEEGWIJZER_MODE": "local",
        "WEEGWIJZER_DATA_DIR": str(home / "data"),
        "WEEGWIJZER_ACCESS_FILE": str(write_access_file(home / "access.json", dict(teams.people))),
    }
