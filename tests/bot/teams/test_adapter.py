"""The SDK's own ways of speaking, through our adapter."""

import json
import subprocess
import sys
from typing import Any

import aiohttp
import pytest
from botbuilder.core import TurnContext
from botbuilder.schema import Activity, Attachment

from bot.errors import PostRefused
from bot.teams.adapter import WeegwijzerAdapter
from bot.teams.connector import Connector
from bot.teams.credentials import NoCredentials
from bot.teams.gate import Gate
from bot.teams.handler import TeamsHandler
from bot.teams.incoming import to_activity
from bot.teams.service_url import ServiceUrls
from bot.teams.speaking import TeamsChannel
from tests.bot.fakes_teams import BOT, TENANT, FakeDesk, FakeTeams, activity


@pytest.fixture
def adapter(session: aiohttp.ClientSession) -> WeegwijzerAdapter:
    channel = TeamsChannel(Connector(session, ServiceUrls({"127.0.0.1"}), NoCredentials()), "team", "channel")
    return WeegwijzerAdapter(channel, TeamsHandler(FakeDesk(), lambda _, reference: reference))


def _clean(teams: FakeTeams, name: str = "to_bot_03_message_personal") -> dict[str, Any]:
    body = activity(name, serviceUrl=f"{teams.url}/_connector")
    gate = Gate(lambda: frozenset({TENANT}), ServiceUrls({"127.0.0.1"}))
    return gate.admit(json.dumps(body).encode(), None) or {}


@pytest.fixture
def context(adapter: WeegwijzerAdapter, teams: FakeTeams) -> TurnContext:
    return TurnContext(adapter, to_activity(_clean(teams)))


async def test_the_sdks_context_speaks_through_the_pooled_client(context: TurnContext, teams: FakeTeams):
    response = await context.send_activity("Dag")
    assert response is not None
    assert response.id == "18"
    assert teams.calls[0].body["text"] == "Dag"
    assert teams.calls[0].body["from"] == {"id": BOT}


async def test_the_sdks_context_updates_through_the_pooled_client(context: TurnContext, teams: FakeTeams):
    card = Attachment(content_type="application/vnd.microsoft.card.adaptive", content={"type": "AdaptiveCard"})
    await context.update_activity(Activity(type="message", id="7", summary="s", attachments=[card]))
    [call] = teams.calls
    assert (call.method, call.path) == ("PUT", "/_connector/v3/conversations/personal-chat-id/activities/7")
    assert call.body["attachments"][0]["content"] == {"type": "AdaptiveCard"}


async def test_nothing_is_taken_back(context: TurnContext, teams: FakeTeams):
    with pytest.raises(NotImplementedError):
        await context.delete_activity("7")
    assert not teams.calls


async def test_middleware_of_the_sdk_runs(adapter: WeegwijzerAdapter, teams: FakeTeams):
    seen: list[str] = []

    class Middleware:
        async def on_turn(self, context: TurnContext, logic: Any) -> None:
            seen.append(context.activity.type)
            await logic()

    adapter.use(Middleware())
    answer = await adapter.process(_clean(teams))
    assert (answer.status, answer.outcome, seen) == (200, "answered", ["message"])


async def test_a_service_url_that_was_slipped_in_is_not_called(context: TurnContext, teams: FakeTeams):
    context.activity.service_url = "https://evil.example"
    with pytest.raises(PostRefused):
        await context.send_activity("Dag")
    assert not teams.calls


def test_no_storage_state_or_dialogs_of_the_sdk_are_used():
    """The SDK's stores can execute code from a changed row (threat model F14); none of them is imported."""
    script = (
        "import sys, bot.teams.routes, bot.teams.adapter\n"
        "print([name for name in sys.modules if name.startswith(('botbuilder.dialogs', 'botbuilder.azure'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
