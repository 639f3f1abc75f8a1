from pathlib import Path

import pytest

from bot.access.directory import Directory
from bot.access.people import AccessFile
from bot.access.roster import Roster
from bot.errors import AccessUnknown, NoAccess
from bot.ports import ChatReference, Role, Sender
from bot.teams.connector import Connector, open_session
from bot.teams.credentials import NoCredentials
from bot.teams.service_url import ServiceUrls
from tests.bot.fakes_teams import ANJA, BOT, BRAM, TENANT, Clock, FakeTeams, fake_teams, sample
from tests.bot.test_access_people import GOOD

FATIMA = "33333333-3333-4333-8333-333333333335"


@pytest.fixture
def file(tmp_path: Path) -> AccessFile:
    path = tmp_path / "access.yaml"
    path.write_text(GOOD)
    return AccessFile(path)


async def _admit(file: AccessFile, teams: FakeTeams, object_id: str, tenant: str = TENANT) -> str:
    """Ask through real HTTP, as the running bot does."""
    session = open_session()
    connector = Connector(session, ServiceUrls({"127.0.0.1"}), NoCredentials())
    directory = Directory(file, Roster(connector, "team-cmt-id", "channel-cmt-id", Clock()))
    chat = ChatReference(f"{teams.url}/_connector", "personal-chat-id", "user-id-1", BOT, tenant)
    try:
        return (await directory.admit(Sender(object_id, "user-id-1", tenant), chat)).name
    finally:
        await session.close()


def _with_members(teams: FakeTeams) -> FakeTeams:
    member = sample("from_bot_16_getMember_team")["response"]
    teams.members["conversations/team-cmt-id/members/user-id-1"] = {**member, "aadObjectId": ANJA}
    teams.channels = sample("from_bot_22_getTeamChannels")["response"]["conversations"]
    return teams


async def test_who_is_listed_and_in_the_team_now_is_admitted(file: AccessFile):
    async with fake_teams() as teams:
        assert await _admit(file, _with_members(teams), ANJA) == "Anja de Vries"
        assert [call.path for call in teams.calls] == [
            "/_connector/v3/teams/team-cmt-id/conversations",
            "/_connector/v3/conversations/team-cmt-id/members/user-id-1",
        ]


async def test_who_is_listed_but_left_the_team_is_not(file: AccessFile):
    async with fake_teams() as teams:
        _with_members(teams).members.clear()
        with pytest.raises(NoAccess):
            await _admit(file, teams, ANJA)


async def test_a_member_of_the_college_need_not_be_in_the_channel(file: AccessFile):
    async with fake_teams() as teams:
        assert await _admit(file, teams, BRAM.upper()) == "Bram Jansen"
        assert not teams.calls


@pytest.mark.parametrize(
    ("object_id", "tenant"), [(FATIMA, TENANT), ("", TENANT), (ANJA, "99999999-9999-4999-8999-999999999999")]
)
async def test_who_is_not_listed_or_from_elsewhere_is_not_even_asked_about(
    object_id: str, tenant: str, file: AccessFile
):
    async with fake_teams() as teams:
        with pytest.raises(NoAccess):
            await _admit(file, _with_members(teams), object_id, tenant)
        assert not teams.calls


@pytest.mark.parametrize(
    "answer", [(500, {}), (403, {}), (200, {}), (302, {}, {"Location": "/_connector/v3/elsewhere"})]
)
async def test_teams_that_does_not_answer_lets_nobody_in(
    answer: tuple[int, object], file: AccessFile, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.teams.connector._FIRST_WAIT", 0.0)
    async with fake_teams() as teams:
        _with_members(teams).answers = [answer] * 6
        with pytest.raises(AccessUnknown):
            await _admit(file, teams, ANJA)
        assert not [call for call in teams.calls if "elsewhere" in call.path]


def test_people_are_found_by_role_and_by_id(file: AccessFile):
    directory = Directory(file, Roster(None, "t", "c"))
    assert [person.name for person in directory.people_with(Role.DECIDER)] == ["Anja de Vries", "Bram Jansen"]
    assert [person.name for person in directory.people_with(Role.ASSESSOR)] == ["Anja de Vries"]
    assert directory.person(ANJA.upper()) is not None
    assert directory.person(FATIMA) is None
    assert directory.tenants() == {TENANT}
