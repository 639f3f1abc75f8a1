"""E20: where the bot connects to: a whole case in a process whose every connection is noted, and hostile addresses."""

import asyncio
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.setting_values import MICROSOFT_LOGIN, MICROSOFT_OPENID, TEAMS_HOST
from bot.settings import read_settings
from tests.bot.fakes_teams import FakeIdentity, FakeTeams, listening
from tests.bot.room import actions_in
from tests.bot.teams.test_gate import _HOSTILE
from tests.bot.test_production import environment
from tests.bot.test_whole_case import CASES, play, scenario
from tests.trust import report
from tests.trust.door import ANJA, Town, fresh_id, town

# Every way in which Python reaches out, as it tells an audit hook (PEP 578).
_OUT = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen")
# Hosts that look like the one listed; with those of the unit tests more than 60 in all.
HOSTILE = (
    *_HOSTILE,
    f"https://{TEAMS_HOST}.:443/",
    f"https://{TEAMS_HOST}\uff0eevil.example/",
    f"https://{TEAMS_HOST}\u2024evil.example/",
    f"https://{TEAMS_HOST}\u200b/",
    f"https://{TEAMS_HOST}/\u202e",
    "https://smba.trafficmanager.net\uff0f@evil.example/",
    "https://smba.trafficmanager.xn--net-/",
    "http://0/",
    "http://[::]/",
    "http://[0:0:0:0:0:ffff:7f00:1]/",
    "http://localhost.localdomain/",
    "http://127.0.0.1.nip.io/",
)


@dataclass
class Seen:
    """What a process did: where it connected, and how its requests were answered."""

    went: set[str] = field(default_factory=set)
    known: list[str] = field(default_factory=list)
    posted: int = 0
    statuses: list[int] = field(default_factory=list)
    heard_elsewhere: int = 0
    effects: int = 0

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Note where something goes; the hook of the process."""
        if event in _OUT:
            place = args[1] if event in ("socket.connect", "socket.sendto") else args[:2]
            self.went.add(f"{event} {place[0]}:{place[1]}")


async def whole_case(here: Town) -> int:
    """Play a case from its beginning to the card in the channel, and give the number of cards there."""
    await play(here, ANJA, scenario(CASES[0])["answers"])
    preview = await here.type(ANJA, "onderwerp 1")
    assert any(action["data"]["verb"] == "post" for action in actions_in(preview) if "data" in action)
    await here.press(ANJA, preview, "post")
    posted = len(await here.posted())
    # The post is noted after it was made; what follows must find nothing owed.
    # What waits for a moment of a term is not owed yet.
    while await here.opened[-1].owed():  # noqa: ASYNC110 - its worker tells nobody
        await asyncio.sleep(0.02)
    return posted


async def hostile(here: Town) -> list[int]:
    """Deliver what would open a case, with each address in the activity and in a good token; give the statuses."""
    statuses = []
    for url in HOSTILE:
        body = here.activity(ANJA, text="nieuw", id=fresh_id(), serviceUrl=url)
        headers = {"Authorization": here.bearer(serviceurl=url)}
        async with here.session.post(f"{here.address}/api/messages", json=body, headers=headers) as response:
            statuses.append(response.status)
    return statuses


async def redirected(here: Town) -> int:
    """Let Teams send the bot elsewhere with every redirect; give how often something was heard there."""
    heard: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.json_response({"id": "1"}, status=201)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", listen)
    async with listening(application) as url:
        for status in (301, 302, 303, 307, 308):
            here.teams.answers = [(status, {}, {"Location": f"{url}/evil"})]
            await here.deliver(here.activity(ANJA, text="help", id=fresh_id()))
    return len(heard)


async def watched(folder: Path) -> Seen:
    """Do all of it in this process, with its every way out noted."""
    seen = Seen()
    sys.addaudithook(seen.hear)
    with pytest.MonkeyPatch.context() as watch:
        async with town(folder, watch, hosts=TEAMS_HOST) as here:
            known = (here.address, here.figures, here.teams.url, here.identity.url)
            seen.known = [address.removeprefix("http://") for address in known]
            seen.posted = await whole_case(here)
            before = here.did()
            seen.statuses = await hostile(here)
            seen.effects = int(here.did() != before)
            # A redirect would be followed to a port that is not known: it would stand in `went`.
            seen.heard_elsewhere = await redirected(here)
    return seen


def test_the_bot_connects_to_loopback_alone_and_to_no_hostile_address(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.trust.test_e20_egress", str(tmp_path)]
    done = subprocess.run(command, cwd=report.ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    seen = Seen(**json.loads(done.stdout))
    assert seen.posted == 1
    connected = {place.removeprefix("socket.connect ") for place in seen.went if place.startswith("socket.connect ")}
    assert set(seen.known) >= connected
    assert {seen.known[0], seen.known[2], seen.known[3]} <= connected
    # Nothing is looked up, started or sent past the connections.
    assert {place for place in seen.went if not place.startswith("socket.connect ")} <= _own_lookups(seen)
    assert set(seen.statuses) <= {400, 403}
    assert (len(seen.statuses), seen.effects, seen.heard_elsewhere) == (len(HOSTILE), 0, 0)
    assert len(HOSTILE) >= 60
    report.say(
        "E20",
        f"a whole case connected to 127.0.0.1 alone; {len(HOSTILE)} hostile service URLs and 5 redirects:"
        " 0 outgoing calls",
    )


def _own_lookups(seen: Seen) -> set[str]:
    """Give the look-ups of what listens in this test itself: an address, never a name."""
    ports = [place.rpartition(":")[2] for place in seen.known]
    return {f"socket.getaddrinfo 127.0.0.1:{port}" for port in (*ports, "0")}


def test_production_knows_three_hosts_of_microsoft(tmp_path: Path) -> None:
    given = environment(tmp_path, FakeTeams(url="http://127.0.0.1:1"), FakeIdentity(url="http://127.0.0.1:1"))
    loopback = ("WEEGWIJZER_ALLOWED_SERVICE_URLS", "WEEGWIJZER_LOGIN_URL", "WEEGWIJZER_OPENID_METADATA_URL")
    settings = read_settings({name: value for name, value in given.items() if name not in loopback}, None)
    assert settings.service_hosts == {TEAMS_HOST} == {"smba.trafficmanager.net"}
    assert settings.login_url == MICROSOFT_LOGIN == "https://login.microsoftonline.com"
    assert settings.openid_metadata_url == MICROSOFT_OPENID
    assert MICROSOFT_OPENID.startswith("https://login.botframework.com/")


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    found = asyncio.run(watched(place))
    sys.stdout.write(json.dumps({**vars(found), "went": sorted(found.went)}))
