"""E6: membership is asked of the CMT team or channel, and what is not a clear yes of now lets nobody in."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.access.roster import Roster
from tests.bot.fakes_teams import Answerer, Call, Clock, FakeTeams, listening
from tests.bot.room import PEOPLE, TENANT
from tests.trust import report
from tests.trust.door import ANJA, BRAM, CHAT_TABLES, DIRK, Town, town

CHANNELS = "/v3/teams/team-cmt-id/conversations"
TEAM, CHANNEL = (f"/v3/conversations/{one}/members/" for one in ("team-cmt-id", "channel-cmt-id"))
STRANGE_TENANT = "99999999-9999-4999-8999-999999999999"
MEMBER = {"id": ANJA, "aadObjectId": PEOPLE[ANJA], "tenantId": TENANT, "userRole": "user"}


@dataclass
class Office:
    """A bot whose roster has a clock of its own, and what Teams answers to questions about members."""

    town: Town
    clock: Clock
    answers: dict[str, Answerer] = field(default_factory=dict)

    async def tries(self, user: str = ANJA) -> bool:
        """Type something, and tell whether it was taken; else it was refused without a trace of it."""
        before = self.town.rows(CHAT_TABLES), self.town.rows()
        assert await self.town.type(user, "help")
        was_taken = (self.town.rows(CHAT_TABLES), self.town.rows()) != before
        refused = self.town.last(user) in (
            "U kunt Weegwijzer hier niet gebruiken. Dat kan alleen in een privéchat, door wie op de lijst staat. "
            "Vraag de beheerder wie dat zijn.",
            "Ik kan nu niet nagaan of u Weegwijzer mag gebruiken. Probeer het over een minuut opnieuw.",
        )
        assert was_taken is not refused
        return was_taken

    def asked(self) -> list[str]:
        """Give the questions about members and channels since the last time."""
        paths = [call.path for call in self.town.teams.calls if call.method == "GET"]
        self.town.teams.calls.clear()
        return paths


@pytest.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    clock = Clock()
    monkeypatch.setattr("bot.app.Roster", lambda connector, team, channel: Roster(connector, team, channel, clock))
    monkeypatch.setattr("bot.teams.connector._FIRST_WAIT", 0.0)
    answers: dict[str, Answerer] = {}
    usual = FakeTeams._take

    async def take(self: FakeTeams, request: web.Request) -> web.StreamResponse:
        key = "members" if "/members/" in request.path else "channels" if request.raw_path == CHANNELS else ""
        if key not in answers:
            return await usual(self, request)
        self.calls.append(Call(request.method, request.raw_path, None, request.headers.get("Authorization")))
        return await answers[key](request)

    monkeypatch.setattr(FakeTeams, "_take", take)
    async with town(tmp_path, monkeypatch) as here:
        yield Office(here, clock, answers)


def says(value: Any, status: int = 200, **headers: str) -> Answerer:
    async def answer(_: web.Request) -> web.StreamResponse:
        if isinstance(value, str):
            return web.Response(text=value, status=status, headers=headers)
        return web.json_response(value, status=status, headers=headers)

    return answer


async def silent(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        for _ in range(40):
            await response.write(b" " * 65_536)
    except ConnectionError:
        pass
    return response


# --- what is no yes --------------------------------------------------------------------

ANY: dict[str, Answerer] = {
    **{f"{status}": says({"error": {"code": "x"}}, status) for status in (
        301, 400, 401, 402, 403, 405, 408, 409, 410, 412, 418, 500, 501, 502, 503, 504,
    )},
    "429": says({}, 429, **{"Retry-After": "60"}),
    "no answer": silent,
    "a broken connection": cut,
    "an answer without end": endless,
    "no JSON": says("<html>lid</html>"),
    "nothing": says(""),
    "null": says(None),
    "true": says(True),
    "a text": says("yes"),
    "a list": says([MEMBER]),
    "a number": says(1),
    "an empty object": says({}),
    "an error with 200": says({"error": {"code": "BotNotInConversationRoster"}}),
}  # fmt: skip
NO_MEMBER: dict[str, Answerer] = {
    "404": says({"error": {"code": "MemberNotFoundInConversation"}}, 404),
    **{f"a member whose {key} is {value!r}": says({**MEMBER, key: value}) for key, value in (
        ("userRole", "guest"), ("userRole", "anonymous"), ("userRole", ""), ("userRole", None), ("userRole", ["user"]),
        ("userRole", "federated"), ("tenantId", STRANGE_TENANT), ("tenantId", ""), ("tenantId", None), ("tenantId", 1),
        ("aadObjectId", PEOPLE[BRAM]), ("aadObjectId", ""), ("aadObjectId", None), ("aadObjectId", {}),
    )},
}  # fmt: skip
NO_CHANNELS: dict[str, Answerer] = {
    "the team is gone": says({"error": {}}, 400),
    "a list of texts": says({"conversations": "channel-cmt-id"}),
    "no list": says({"value": []}),
    "null for a list": says({"conversations": None}),
}


async def refuses_what_is_no_yes(office: Office, watch: pytest.MonkeyPatch) -> int:
    """Give every odd answer to the question who is a member, and to the one which channels there are."""
    # One answer never comes; and a 401 takes the bot's own token away, which is fetched again at once here.
    watch.setattr("bot.teams.connector._TIMEOUT", aiohttp.ClientTimeout(total=2))
    watch.setattr("bot.teams.credentials._PAUSE", 0.0)
    tried = 0
    # 405 for the list is what the Playground says, and is believed of a service on loopback alone.
    channels = {name: answer for name, answer in {**ANY, **NO_CHANNELS}.items() if name != "405"}
    for place, answers in (("members", {**ANY, **NO_MEMBER}), ("channels", channels)):
        for name, answer in answers.items():
            office.answers[place] = answer
            office.clock.now += 7200.0
            assert not await office.tries(), (place, name)
            tried += 1
        office.answers.clear()
    office.clock.now += 7200.0
    assert await office.tries()
    return tried


async def follows_no_redirect(office: Office) -> None:
    """Let Teams send the bot elsewhere: nobody there hears of it, and the yes of there is none."""
    heard: list[str | None] = []

    async def confirm(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Authorization"))
        return web.json_response(MEMBER)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", confirm)
    async with listening(application) as url:
        for place, status in itertools.product(("members", "channels"), (301, 302, 303, 307, 308)):
            office.answers.clear()
            office.answers[place] = says({}, status, Location=f"{url}/yes")
            office.clock.now += 7200.0
            assert not await office.tries()
    office.answers.clear()
    assert heard == []


# --- who is asked ----------------------------------------------------------------------


async def asks_the_team_or_the_channel(office: Office) -> None:
    """Ask for the members of a standard channel in the team, of any other in the channel; never in the chat."""
    teams = office.town.teams
    for kind, place in (("standard", TEAM), ("private", CHANNEL), ("shared", CHANNEL), ("unknownFuture", TEAM)):
        teams.channels = [{"id": "channel-cmt-id", "channelType": kind}]
        teams.members["conversations/channel-cmt-id/members/" + ANJA] = MEMBER
        office.clock.now += 7200.0
        office.asked()
        assert await office.tries()
        assert office.asked() == [CHANNELS, place + ANJA], kind
    teams.channels = [{"id": "another", "channelType": "standard"}]
    office.clock.now += 7200.0
    assert await office.tries()
    assert office.asked() == [CHANNELS, CHANNEL + ANJA]
    # A member of the team who is not in the private channel is no member of the CMT.
    assert not await office.tries(BRAM)
    teams.channels = [{"id": "channel-cmt-id", "channelType": "standard"}]
    office.clock.now += 7200.0
    # College members need not be in the channel: nobody is asked.
    office.asked()
    assert await office.tries(DIRK)
    assert office.asked() == []


async def notices_within_a_minute_who_left(office: Office) -> int:
    """Take someone out of the team in the middle of a case: from 60 seconds on every turn is refused."""
    here = office.town
    office.clock.now += 7200.0
    card = await here.type(ANJA, "nieuw")
    membership = here.teams.members.pop(f"conversations/team-cmt-id/members/{ANJA}")
    events = here.rows(("event",))
    office.clock.now += 60.0
    for text in ("1", "verder", "overzicht", "nieuw"):
        assert not await office.tries()
        assert isinstance(await here.type(ANJA, text), str)
    answer = await here.press(ANJA, card, "answer", answer="nee")
    assert "Bent u" not in str(answer)
    assert here.rows(("event",)) == events
    here.teams.members[f"conversations/team-cmt-id/members/{ANJA}"] = membership
    office.clock.now += 5.0
    assert "Bent u zelf" in str(await here.type(ANJA, "verder"))
    return 9


async def test_only_a_member_of_now_gets_in(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await asks_the_team_or_the_channel(office)
    left = await notices_within_a_minute_who_left(office)
    await follows_no_redirect(office)
    tried = await refuses_what_is_no_yes(office, monkeypatch)
    report.say(
        "E6",
        f"the CMT's own roster asked in 5 kinds of channel, {tried + 10} answers that are no clear yes refused,"
        f" {left} turns refused within 60 s of leaving the team",
    )
