from dataclasses import replace
from typing import Any

import pytest

from bot.access.roster import Roster
from bot.errors import AccessUnknown, ChannelUnavailable, NoAccess, PostRefused
from bot.ports import ChatReference, Sender
from tests.bot.fakes_teams import ANJA, BOT, TENANT, Clock

TEAM, CHANNEL = "19:team@thread.tacv2", "19:kanaal@thread.tacv2"
SENDER = Sender(ANJA, "29:anja", TENANT)
CHAT = ChatReference("https://smba.trafficmanager.net/emea", "a:PRIVATE-CHAT", "29:anja", BOT, TENANT)
MEMBER = {"id": "29:anja", "aadObjectId": ANJA, "tenantId": TENANT, "userRole": "user"}

CHANNELS_PATH = "v3/teams/19%3Ateam%40thread.tacv2/conversations"
TEAM_PATH = "v3/conversations/19%3Ateam%40thread.tacv2/members/29%3Aanja"
CHANNEL_PATH = "v3/conversations/19%3Akanaal%40thread.tacv2/members/29%3Aanja"


class Asked:
    """A connector that remembers which paths were asked and answers as told."""

    def __init__(self, member: Any = MEMBER, kind: str = "standard") -> None:
        self.paths: list[str] = []
        self.member = member
        self.channels: Any = {"conversations": [{"id": TEAM}, {"id": CHANNEL, "channelType": kind}]}

    async def get(self, service_url: str, path: str) -> Any:
        self.paths.append(path)
        answer = self.member if "/members/" in path else self.channels
        if isinstance(answer, Exception):
            raise answer
        return answer


def _roster(asked: Asked) -> tuple[Roster, Clock]:
    clock = Clock()
    return Roster(asked, TEAM, CHANNEL, clock), clock


async def test_asks_the_team_and_never_the_private_chat():
    asked = Asked()
    roster, _ = _roster(asked)
    await roster.require_member(SENDER, CHAT)
    assert asked.paths == [CHANNELS_PATH, TEAM_PATH]


@pytest.mark.parametrize("kind", ["private", "shared", "Private"])
async def test_a_private_or_shared_channel_has_its_own_members(kind: str):
    asked = Asked(kind=kind)
    roster, _ = _roster(asked)
    await roster.require_member(SENDER, CHAT)
    assert asked.paths == [CHANNELS_PATH, CHANNEL_PATH]


async def test_the_kind_of_channel_is_also_read_from_type():
    asked = Asked()
    asked.channels = {"conversations": [{"id": CHANNEL, "type": "shared"}]}
    roster, _ = _roster(asked)
    await roster.require_member(SENDER, CHAT)
    assert asked.paths[-1] == CHANNEL_PATH


async def test_a_yes_is_at_most_sixty_seconds_old():
    asked = Asked()
    roster, clock = _roster(asked)
    await roster.require_member(SENDER, CHAT)
    asked.member = PostRefused(404)
    clock.now += 59.9
    await roster.require_member(SENDER, CHAT)
    clock.now += 0.1
    with pytest.raises(NoAccess):
        await roster.require_member(SENDER, CHAT)
    assert asked.paths.count(TEAM_PATH) == 2
    assert asked.paths.count(CHANNELS_PATH) == 1


async def test_the_age_of_a_yes_counts_from_before_the_question():
    asked = Asked()
    roster, clock = _roster(asked)
    slow_get = asked.get

    async def slow(service_url: str, path: str) -> Any:
        clock.now += 20
        return await slow_get(service_url, path)

    asked.get = slow
    await roster.require_member(SENDER, CHAT)
    clock.now += 20
    await roster.require_member(SENDER, CHAT)
    assert asked.paths.count(TEAM_PATH) == 2


async def test_a_no_is_asked_again_after_seconds():
    asked = Asked(member=PostRefused(404))
    roster, clock = _roster(asked)
    for _ in range(2):
        with pytest.raises(NoAccess) as caught:
            await roster.require_member(SENDER, CHAT)
        assert type(caught.value) is NoAccess
    asked.member = MEMBER
    clock.now += 5
    await roster.require_member(SENDER, CHAT)


async def test_someone_elses_yes_is_not_mine():
    asked = Asked()
    roster, _ = _roster(asked)
    await roster.require_member(SENDER, CHAT)
    with pytest.raises(NoAccess):
        await roster.require_member(Sender("33333333-3333-4333-8333-333333333331", "29:anja", TENANT), CHAT)


@pytest.mark.parametrize(
    "change",
    [
        {"userRole": "guest"},
        {"userRole": "Guest"},
        {"userRole": "anonymous"},
        {"tenantId": "99999999-9999-4999-8999-999999999999"},
        {"aadObjectId": "33333333-3333-4333-8333-333333333331"},
    ],
)
async def test_a_guest_a_stranger_and_someone_else_are_no_members(change: dict[str, str]):
    roster, _ = _roster(Asked(member={**MEMBER, **change}))
    with pytest.raises(NoAccess) as caught:
        await roster.require_member(SENDER, CHAT)
    assert type(caught.value) is NoAccess


async def test_the_object_id_may_be_called_otherwise():
    member = {key: value for key, value in MEMBER.items() if key != "aadObjectId"}
    roster, _ = _roster(Asked(member={**member, "objectId": ANJA.upper()}))
    await roster.require_member(SENDER, CHAT)


_UNKNOWN: list[Any] = [
    ChannelUnavailable(500),
    ChannelUnavailable(None),
    ChannelUnavailable(302),
    ChannelUnavailable(429, retry_after=30),
    PostRefused(403),
    PostRefused(400),
    None,
    [],
    "lid",
    {},
    [MEMBER],
    {"id": "29:anja"},
    {**MEMBER, "userRole": None},
    {**MEMBER, "tenantId": 1},
    {**MEMBER, "aadObjectId": ["x"]},
]


@pytest.mark.parametrize("answer", _UNKNOWN, ids=str)
async def test_what_teams_does_not_say_clearly_lets_nobody_in(answer: Any):
    asked = Asked(member=answer)
    roster, _ = _roster(asked)
    with pytest.raises(AccessUnknown):
        await roster.require_member(SENDER, CHAT)
    asked.member = MEMBER
    await roster.require_member(SENDER, CHAT)  # nothing was remembered of it


@pytest.mark.parametrize(
    "answer",
    [
        ChannelUnavailable(503),
        PostRefused(403),
        None,
        {},
        {"conversations": None},
    ],
    ids=str,
)
async def test_a_channel_that_cannot_be_found_lets_nobody_in(answer: Any):
    asked = Asked()
    asked.channels = answer
    roster, _ = _roster(asked)
    with pytest.raises(AccessUnknown):
        await roster.require_member(SENDER, CHAT)
    assert not [path for path in asked.paths if "/members/" in path]


@pytest.mark.parametrize("status", [404, 405])
async def test_a_client_on_this_machine_without_a_list_of_channels_has_the_team_alone(status: int):
    local = replace(CHAT, service_url="http://127.0.0.1:56150/_connector")
    asked = Asked()
    asked.channels = PostRefused(status)
    roster, clock = _roster(asked)
    await roster.require_member(SENDER, local)
    assert asked.paths == [CHANNELS_PATH, TEAM_PATH]
    asked.channels = {"conversations": [{"id": CHANNEL, "channelType": "private"}]}
    clock.now += 60
    await roster.require_member(SENDER, local)
    assert asked.paths[2:] == [CHANNELS_PATH, CHANNEL_PATH]


@pytest.mark.parametrize("status", [400, 403, 404, 405])
async def test_without_the_list_of_channels_teams_itself_lets_nobody_in(status: int):
    asked = Asked()
    asked.channels = PostRefused(status)
    roster, _ = _roster(asked)
    with pytest.raises(AccessUnknown):
        await roster.require_member(SENDER, CHAT)
    assert asked.paths == [CHANNELS_PATH]


async def test_a_channel_that_is_not_listed_has_its_own_members():
    asked = Asked()
    asked.channels = {"conversations": [{"id": TEAM}]}
    roster, _ = _roster(asked)
    await roster.require_member(SENDER, CHAT)
    assert asked.paths == [CHANNELS_PATH, CHANNEL_PATH]


async def test_what_is_remembered_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.access.roster._REMEMBERED", 3)
    asked = Asked(member=PostRefused(404))
    roster, _ = _roster(asked)
    for number in range(5):
        with pytest.raises(NoAccess):
            await roster.require_member(Sender(ANJA, f"29:{number}", TENANT), CHAT)
    assert len(roster._known) == 3
