"""The running program and who is around it: people who weigh, strangers, forgers, and parts that break."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bot.fakes_teams import FakeTeams, fake_identity, fake_teams, jwk, new_key, token
from tests.bot.test_production import environment
from tests.ports import free_port
from tests.trust.silence import hostile
from tests.trust.silence.aviary import Aviary, Person, access_file, know, open_session, person
from tests.trust.silence.canaries import Canaries
from tests.trust.silence.casework import handed_over, to_the_channel
from tests.trust.silence.launcher import BREAKS
from tests.trust.silence.program import LAUNCHER, Program, running

KEY = new_key()


@dataclass
class Stage:
    """Who is there while the program runs."""

    at: Aviary
    program: Program
    people: list[Person]
    metrics_port: int

    @property
    def stranger(self) -> Person:
        """Give someone new who is not in the access file."""
        return person(self.at.canaries)


@asynccontextmanager
async def stage(
    folder: Path, canaries: Canaries, *, is_local: bool, module: str = "bot", **env: str
) -> AsyncIterator[Stage]:
    """Run the program in a folder, with Teams and its identity provider around it."""
    folder.mkdir()  # noqa: ASYNC240  # before anything runs
    roles = [("assessor",)] * 4 + [("assessor", "decider"), ("decider",), ("dossier_keeper",), ("cmt",)]
    people = [person(canaries, *each) for each in roles]
    (folder / "access.yaml").write_text(access_file(people), "utf-8")
    team, channel = f"19:{canaries.word('team id')}", f"19:{canaries.word('channel id')}"
    port, metrics_port = free_port(), free_port()
    own = {
        "PORT": str(port), "WEEGWIJZER_ACCESS_FILE": str(folder / "access.yaml"), "WEEGWIJZER_CMT_TEAM_ID": team,
        "WEEGWIJZER_CMT_CHANNEL_ID": channel, "PYTHONASYNCIODEBUG": "1" if module == LAUNCHER else "", **env,
    }  # fmt: skip
    async with fake_teams() as teams, fake_identity() as identity, open_session() as session:
        identity.keys = [jwk(KEY, "k1")]
        teams.channels = [{"id": channel, "name": canaries.word("channel name"), "channelType": "standard"}]
        for place in (team, channel):
            know(teams, people, place)
        if is_local:
            settings = {"WEEGWIJZER_MODE": "local"}
        else:
            own |= {"WEEGWIJZER_METRICS_PORT": str(metrics_port), "MicrosoftAppPassword": canaries.word("password")}
            settings = environment(folder, teams, identity)
            del settings["WEEGWIJZER_DATA_DIR"]
        program = Program(folder)
        with running(program, port, {**settings, **own}, module):
            at = Aviary(teams, f"http://127.0.0.1:{port}", session, canaries=canaries)
            at.people = {f"user-{number}": one for number, one in enumerate(people)}
            at.bearer = None if is_local else lambda: bearer(teams, canaries)
            yield Stage(at, program, people, port if is_local else metrics_port)


def bearer(teams: FakeTeams, canaries: Canaries, **claims: Any) -> str:
    """Give a token as Teams signs it, with marked words in claims that nobody reads."""
    unread = {name: canaries.word("token claim") for name in ("name", "upn", "sub", canaries.word("token claim"))}
    return f"Bearer {token(KEY, serviceurl=teams.url, **unread, **claims)}"


async def live(here: Stage) -> None:
    """Let people weigh, hand over and be turned away."""
    at = here.at
    await to_the_channel(at, "user-0")
    await handed_over(at, "user-1", "user-5", 2)
    for user in ("user-6", "user-7"):
        for text in ("nieuw", "zaken", "dossiers"):
            await at.deliver(at.activity(user, text=f"{text} {at.canaries.word('typed text')}"))
    for text in ("nieuw", "hallo", *at.canaries.words("typed text", 3)):
        await at.deliver(at.stuffed(here.stranger, text=text))
    for _ in range(2):
        await at.deliver(at.activity("user-2", text=" ".join(at.canaries.words("typed text", 10))))


async def be_hostile(here: Stage) -> None:
    """Send everything that is turned away or does nothing, as a stranger and as someone who is known."""
    at = here.at
    for who in (here.stranger, here.people[3]):
        await hostile.send_changed(at, who)
        await hostile.send_malformed(at, who)
    await hostile.send_no_http(at)


async def forge_tokens(here: Stage) -> None:
    """Send tokens that are refused, with marked words in them."""
    at, word = here.at, here.at.canaries.word
    good = at.bearer
    forged = (
        lambda: f"Bearer {word('token')}.{word('token')}.{word('token')}",
        lambda: f"Basic {word('token')}",
        lambda: bearer(at.teams, at.canaries, aud=word("token claim")),
        lambda: bearer(at.teams, at.canaries, iss=f"https://{word('token claim')}"),
        lambda: f"Bearer {token(KEY, key_id=word('key id'), serviceurl=at.teams.url)}",
        lambda: f"Bearer {token(new_key(), serviceurl=at.teams.url, name=word('token claim'))}",
        lambda: f"Bearer {token(KEY, headers={'jku': 'https://' + word('token header')}, serviceurl=at.teams.url)}",
        lambda: f"Bearer {token(KEY, serviceurl='https://' + word('service url'))}",
    )
    for at.bearer in forged:
        status, _ = await at.post(json.dumps(at.stuffed(here.stranger, text=word("typed text"))).encode())
        assert status in (401, 403)
    at.bearer = good


async def break_down(here: Stage) -> None:
    """Let parts fail inside a turn with the words of who types, and let Teams answer with such words."""
    at = here.at
    for name in BREAKS:
        text = " ".join(at.canaries.words("words of an exception", 4))
        said, logged = len(at.said("user-2")), len(here.program.err.read_bytes())
        await at.deliver(at.activity("user-2", text=f"ontplof {name} {text}"))
        assert len(at.said("user-2")) > said, name
        assert len(here.program.err.read_bytes()) > logged, name
    for status in (400, 403, 404, 429, 500, 502):
        words = {"error": {"code": at.canaries.word("answer of Teams"), "message": at.canaries.word("answer of Teams")}}
        at.teams.answers = [(status, words, {"X-Info": at.canaries.word("answer of Teams")})] * 3
        await at.deliver(at.activity("user-2", text="help"))
        at.teams.answers = []
    broken = f"tenants: [x]\n{at.canaries.word('broken access file')}: 1\n" * 2
    (here.program.folder / "access.yaml").write_text(broken, "utf-8")
    await asyncio.sleep(1.2)
    await at.deliver(at.activity("user-2", text="help"))


async def fill(here: Stage, most: int) -> None:
    """Go on being hostile until so many words were given out."""
    while here.at.canaries.given < most:
        await be_hostile(here)
