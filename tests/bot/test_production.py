"""The whole bot as a municipality runs it: real tokens, real keys, a port of its own for the figures."""

import base64
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import running
from bot.errors import SettingsError
from bot.settings import DEMO_ACCESS_FILE, read_settings
from tests.bot.fakes_teams import (
    ANJA,
    APP_ID,
    BOT,
    TENANT,
    FakeIdentity,
    FakeTeams,
    fake_identity,
    fake_teams,
    jwk,
    new_key,
    token,
)
from tests.ports import free_port

KEY = new_key()


@dataclass
class Town:
    """A running bot in production mode, and who is around it."""

    teams: FakeTeams
    identity: FakeIdentity
    port: int
    metrics_port: int
    session: aiohttp.ClientSession

    async def deliver(self, text: str, **headers: str) -> int:
        """Deliver a message as Teams does, and give the status."""
        body = {
            "type": "message",
            "id": os.urandom(8).hex(),
            "channelId": "msteams",
            "serviceUrl": self.teams.url,
            "from": {"id": "29:anja", "aadObjectId": ANJA},
            "recipient": {"id": f"28:{BOT}"},
            "conversation": {"id": "a:chat", "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            "text": text,
        }
        address = f"http://127.0.0.1:{self.port}/api/messages"
        async with self.session.post(address, json=body, headers=headers) as response:
            return response.status

    def bearer(self, **claims: Any) -> str:
        """Give a token as Teams signs it."""
        return f"Bearer {token(KEY, serviceurl=self.teams.url, **claims)}"

    async def get(self, port: int, path: str) -> int:
        """Give the status of a page."""
        async with self.session.get(f"http://127.0.0.1:{port}{path}") as response:
            return response.status


def environment(folder: Path, teams: FakeTeams, identity: FakeIdentity, **more: str) -> dict[str, str]:
    """Give the settings of a town; the key file is made as the README says."""
    key = folder / "weegwijzer.key"
    key.write_bytes(base64.b64encode(os.urandom(32)))
    key.chmod(0o600)
    host = teams.url.removeprefix("http://")
    return {
        "MicrosoftAppId": APP_ID,
        "MicrosoftAppPassword": "wachtwoord",
        "MicrosoftAppTenantId": TENANT,
        "MicrosoftAppType": "SingleTenant",
        "WEEGWIJZER_ACCESS_FILE": str(DEMO_ACCESS_FILE),
        "WEEGWIJZER_DATA_KEY_FILE": str(key),
        "WEEGWIJZER_CMT_TEAM_ID": "team-cmt-id",
        "WEEGWIJZER_CMT_CHANNEL_ID": "channel-cmt-id",
        "WEEGWIJZER_DATA_DIR": str(folder / "data"),
        "WEEGWIJZER_ALLOWED_SERVICE_URLS": host,
        "WEEGWIJZER_LOGIN_URL": identity.url,
        "WEEGWIJZER_OPENID_METADATA_URL": identity.metadata_url,
        **more,
    }


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with fake_teams() as teams, fake_identity() as identity, aiohttp.ClientSession() as session:
        identity.keys = [jwk(KEY, "k1")]
        teams.channels = [{"id": "channel-cmt-id", "channelType": "private"}]
        teams.members["conversations/channel-cmt-id/members/29%3Aanja"] = {
            "id": "29:anja",
            "aadObjectId": ANJA,
            "tenantId": TENANT,
            "userRole": "user",
        }
        port, metrics_port = free_port(), free_port()
        ports = {"PORT": str(port), "WEEGWIJZER_METRICS_PORT": str(metrics_port)}
        async with running(read_settings(environment(tmp_path, teams, identity, **ports), None)):
            yield Town(teams, identity, port, metrics_port, session)


async def test_a_message_with_teams_own_token_is_answered_with_the_bots(town: Town) -> None:
    assert await town.deliver("nieuw", Authorization=town.bearer()) == 200
    answer = [call for call in town.teams.calls if call.method == "POST"][-1]
    assert answer.authorization == "Bearer bot-token-1"
    assert "Bent u zelf" in str(answer.body)


@pytest.mark.parametrize(
    "claims", [{"aud": "another"}, {"iss": "https://sts.windows.net/x/"}, {"exp": 1}, {"serviceurl": "https://x"}]
)
async def test_a_token_of_someone_else_opens_nothing(town: Town, claims: dict[str, Any]) -> None:
    bearer = f"Bearer {token(KEY, **{'serviceurl': town.teams.url, **claims})}"
    assert await town.deliver("nieuw", Authorization=bearer) in (401, 403)
    assert not town.teams.calls


async def test_without_a_token_nothing_is_read(town: Town) -> None:
    assert await town.deliver("nieuw") == 401
    assert not town.teams.calls


async def test_the_members_of_a_private_channel_are_asked_for_there(town: Town) -> None:
    town.teams.members.clear()
    assert await town.deliver("nieuw", Authorization=town.bearer()) == 200
    assert "IL-" not in str([call.body for call in town.teams.calls])


async def test_figures_are_on_a_port_of_their_own(town: Town) -> None:
    assert await town.get(town.port, "/healthz") == 200
    assert await town.get(town.port, "/readyz") == 200
    assert await town.get(town.port, "/metrics") == 404
    assert await town.get(town.metrics_port, "/metrics") == 200


@pytest.mark.parametrize(
    "name",
    [
        "MicrosoftAppId",
        "MicrosoftAppPassword",
        "MicrosoftAppTenantId",
        "WEEGWIJZER_ACCESS_FILE",
        "WEEGWIJZER_DATA_KEY_FILE",
        "WEEGWIJZER_CMT_TEAM_ID",
        "WEEGWIJZER_CMT_CHANNEL_ID",
    ],
)
def test_it_does_not_start_without_what_it_needs_and_says_which(tmp_path: Path, name: str) -> None:
    given = environment(tmp_path, FakeTeams(url="http://127.0.0.1:1"), FakeIdentity(url="http://127.0.0.1:1"))
    with pytest.raises(SettingsError, match=f"^{name}: missing"):
        read_settings({key: value for key, value in given.items() if key != name}, None)


async def test_a_port_that_is_taken_is_said(tmp_path: Path, town: Town) -> None:
    more = {"PORT": str(town.port), "WEEGWIJZER_DATA_DIR": str(tmp_path / "2")}
    taken = environment(tmp_path, town.teams, town.identity, **more)
    with pytest.raises(SettingsError, match="choose another PORT"):
        async with running(read_settings(taken, None)):
            pass
