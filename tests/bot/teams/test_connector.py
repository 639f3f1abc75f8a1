import asyncio
import socket
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.errors import ChannelUnavailable, PostRefused
from bot.ports import ChatReference, PostedActivity
from bot.teams.connector import Connector, path_of
from bot.teams.credentials import ClientCredentials, NoCredentials
from bot.teams.service_url import ServiceUrls
from bot.teams.speaking import TeamsChannel
from dialogs.values import Outgoing
from tests.bot.fakes_teams import ANJA, BOT, BRAM, TENANT, Clock, FakeIdentity, FakeTeams, sample

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "Inhoud van de zaak"}]}
MESSAGE = Outgoing("Weegwijzer: nieuw bericht", card=CARD)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.teams.connector._FIRST_WAIT", 0.0)


@pytest.fixture
def connector(session: aiohttp.ClientSession) -> Connector:
    return Connector(session, ServiceUrls({"127.0.0.1"}), NoCredentials())


@pytest.fixture
def chat(teams: FakeTeams) -> ChatReference:
    return ChatReference(f"{teams.url}/_connector", "personal-chat-id", "user-id-0", BOT, TENANT)


@pytest.fixture
def channel(connector: Connector, chat: ChatReference) -> TeamsChannel:
    return TeamsChannel(connector, "team-cmt-id", "channel-cmt-id")


# --- what goes over the wire: as recorded -------------------------------------------------------


async def test_a_new_thread_in_the_channel_is_posted_as_recorded(
    channel: TeamsChannel, teams: FakeTeams, chat: ChatReference
):
    recorded = sample("from_bot_07_createConversation_channel_dict")
    teams.answers = [(recorded["status"], recorded["response"])]
    posted = await channel.post_in_channel(MESSAGE, chat)
    [call] = teams.calls
    assert (call.method, call.path) == (recorded["method"], recorded["path"])
    assert call.body["isGroup"] is True
    assert call.body["bot"] == {"id": BOT}
    assert call.body["channelData"] == {"channel": {"id": "channel-cmt-id"}, "tenant": {"id": TENANT}}
    assert call.body["activity"]["attachments"] == [
        {"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}
    ]
    assert posted == PostedActivity(
        f"{teams.url}/_connector", "channel-cmt-id;messageid=1795455393944", "1795455393944"
    )


async def test_a_posted_card_is_updated_in_its_thread(channel: TeamsChannel, teams: FakeTeams):
    recorded = sample("from_bot_09_updateActivity_channelCard")
    await channel.update(
        PostedActivity(f"{teams.url}/_connector", "channel-cmt-id;messageid=1795455393944", "1795455393944"), MESSAGE
    )
    [call] = teams.calls
    assert (call.method, call.path) == (recorded["method"], recorded["path"])
    assert call.body["id"] == "1795455393944"
    assert call.body["attachments"][0]["content"] == CARD


async def test_a_message_goes_to_the_private_chat(channel: TeamsChannel, chat: ChatReference, teams: FakeTeams):
    await channel.send_to(chat, MESSAGE)
    [call] = teams.calls
    assert (call.method, call.path) == ("POST", "/_connector/v3/conversations/personal-chat-id/activities")
    assert (call.body["from"], call.body["recipient"]) == ({"id": BOT}, {"id": "user-id-0"})


async def test_a_notification_can_show_nothing_but_the_summary(
    channel: TeamsChannel, chat: ChatReference, teams: FakeTeams
):
    await channel.send_to(chat, MESSAGE)
    await channel.post_in_channel(MESSAGE, chat)
    await channel.update(PostedActivity(chat.service_url, "c;messageid=1", "1"), MESSAGE)
    for call in teams.calls:
        said = call.body.get("activity", call.body)
        assert said["summary"] == "Weegwijzer: nieuw bericht"
        assert not {"text", "speak", "entities", "suggestedActions", "name", "value"} & said.keys()
        assert "name" not in said.get("from", {})


async def test_a_text_is_plain(channel: TeamsChannel, chat: ChatReference, teams: FakeTeams):
    await channel.send_to(chat, Outgoing("kort", text="**Dag** [x](https://evil.example)"))
    assert teams.calls[0].body["textFormat"] == "plain"
    assert teams.calls[0].body["text"] == "**Dag** [x](https://evil.example)"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("conversations", "a/../b"), "v3/conversations/a%2F..%2Fb"),
        (("conversations", "19:x@thread.tacv2;messageid=1"), "v3/conversations/19%3Ax%40thread.tacv2%3Bmessageid%3D1"),
        (("conversations", "a?b#c%2f"), "v3/conversations/a%3Fb%23c%252f"),
    ],
)
def test_an_id_cannot_leave_its_place_in_a_path(path: tuple[str, ...], expected: str):
    assert path_of(*path) == expected


async def test_ids_go_over_the_wire_as_they_were_quoted(connector: Connector, teams: FakeTeams):
    await connector.get(teams.url, path_of("conversations", "a/../../b;c"))
    assert teams.calls[0].path == "/v3/conversations/a%2F..%2F..%2Fb%3Bc"


# --- opening a chat --------------------------------------------------------------------------------


async def test_a_chat_is_opened_with_teams_own_id_of_a_member(
    channel: TeamsChannel, chat: ChatReference, teams: FakeTeams
):
    teams.answers = [
        (200, sample("from_bot_20_getPagedMembers_team")["response"]),
        (201, sample("from_bot_13_createConversation_personal")["response"]),
    ]
    opened = await channel.open_chat(BRAM, chat)
    assert teams.calls[0].path == "/_connector/v3/conversations/team-cmt-id/pagedmembers?pageSize=500"
    assert teams.calls[1].body["members"] == [{"id": "user-id-1"}]
    assert teams.calls[1].body["isGroup"] is False
    assert opened == ChatReference(
        chat.service_url, "f7174328-8aca-48da-a889-e8c48a52ff55@test.user", "user-id-1", BOT, TENANT
    )


@pytest.mark.parametrize("answer", [(403, {}), (200, {"members": []}), (200, {"members": None}), (200, [])])
async def test_a_chat_with_someone_outside_the_team_is_opened_by_entra_id(
    answer: tuple[int, Any], channel: TeamsChannel, chat: ChatReference, teams: FakeTeams
):
    teams.answers = [answer, (201, {"id": "new-chat"})]
    assert (await channel.open_chat(BRAM, chat)).user_id == BRAM


# --- failures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 415, 422])
async def test_a_refusal_is_final_except_for_the_token(
    status: int, channel: TeamsChannel, chat: ChatReference, teams: FakeTeams
):
    teams.answers = [(status, {"error": "geheim"})] * 3
    with pytest.raises((PostRefused, ChannelUnavailable)) as caught:
        await channel.send_to(chat, MESSAGE)
    assert isinstance(caught.value, ChannelUnavailable if status == 401 else PostRefused)
    assert "geheim" not in str(caught.value)
    assert len(teams.calls) == (3 if status == 401 else 1)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_private_message_is_tried_three_times(
    status: int, channel: TeamsChannel, chat: ChatReference, teams: FakeTeams
):
    teams.answers = [(status, {})] * 2
    await channel.send_to(chat, MESSAGE)
    assert len(teams.calls) == 3
    teams.answers = [(status, {})] * 3
    with pytest.raises(ChannelUnavailable) as caught:
        await channel.send_to(chat, MESSAGE)
    assert caught.value.status == status


async def test_an_update_is_tried_again_too(channel: TeamsChannel, chat: ChatReference, teams: FakeTeams):
    teams.answers = [(500, {}), (429, {})]
    await channel.update(PostedActivity(chat.service_url, "c", "1"), MESSAGE)
    assert [call.method for call in teams.calls] == ["PUT"] * 3


@pytest.mark.parametrize(
    ("status", "may_have_arrived"), [(500, True), (502, True), (503, True), (408, True), (429, False), (302, False)]
)
async def test_a_card_is_posted_once_and_says_whether_it_may_have_arrived(
    status: int, may_have_arrived: bool, channel: TeamsChannel, teams: FakeTeams, chat: ChatReference
):
    teams.answers = [(status, {}, {"Location": "/v3/elsewhere"})] * 3
    with pytest.raises(ChannelUnavailable) as caught:
        await channel.post_in_channel(MESSAGE, chat)
    assert (caught.value.status, caught.value.may_have_arrived) == (status, may_have_arrived)
    assert len(teams.calls) == 1


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"id": 1}, {"id": ""}, {"id": "c", "activityId": 1}, {"id": "c", "activityId": None}, "x"]
)
async def test_an_odd_answer_to_a_post_may_have_arrived(
    answer: Any, channel: TeamsChannel, teams: FakeTeams, chat: ChatReference
):
    teams.answers = [(201, answer)]
    with pytest.raises(ChannelUnavailable) as caught:
        await channel.post_in_channel(MESSAGE, chat)
    assert caught.value.may_have_arrived


@pytest.mark.parametrize(
    ("answer", "conversation", "activity"),
    [
        ({"id": "c;messageid=5", "activityId": "5"}, "c;messageid=5", "5"),
        ({"id": "c;messageid=5"}, "c;messageid=5", "5"),
        ({"id": "c", "activityId": "5"}, "c;messageid=5", "5"),
    ],
)
async def test_where_a_card_stands_is_read_from_either_form(
    answer: dict[str, str],
    conversation: str,
    activity: str,
    channel: TeamsChannel,
    teams: FakeTeams,
    chat: ChatReference,
):
    teams.answers = [(201, answer)]
    posted = await channel.post_in_channel(MESSAGE, chat)
    assert (posted.conversation, posted.activity) == (conversation, activity)


async def test_retry_after_is_passed_on_when_it_is_long(channel: TeamsChannel, chat: ChatReference, teams: FakeTeams):
    teams.answers = [(429, {}, {"Retry-After": "30"})]
    with pytest.raises(ChannelUnavailable) as caught:
        await channel.send_to(chat, MESSAGE)
    assert caught.value.retry_after == 30
    assert len(teams.calls) == 1


async def test_retry_after_is_waited_for_when_it_is_short(channel: TeamsChannel, chat: ChatReference, teams: FakeTeams):
    teams.answers = [(429, {}, {"Retry-After": "1"})]
    started = asyncio.get_running_loop().time()
    await channel.send_to(chat, MESSAGE)
    assert asyncio.get_running_loop().time() - started >= 1
    assert len(teams.calls) == 2


@pytest.mark.parametrize("value", ["-1", "1.5", "NaN", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 20, "\u0665"])
async def test_an_odd_retry_after_is_none(value: str, channel: TeamsChannel, teams: FakeTeams, chat: ChatReference):
    teams.answers = [(429, {}, {"Retry-After": value})]
    with pytest.raises(ChannelUnavailable) as caught:
        await channel.post_in_channel(MESSAGE, chat)
    assert caught.value.retry_after is None


async def test_nobody_listening_did_not_arrive(connector: Connector):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ChannelUnavailable) as caught:
        await connector.post_once(url, "v3/conversations", {})
    assert not caught.value.may_have_arrived


async def test_a_time_out_may_have_arrived(connector: Connector, teams: FakeTeams, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.teams.connector._TIMEOUT", aiohttp.ClientTimeout(total=0.05))

    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response()

    teams.answers = [hang]
    with pytest.raises(ChannelUnavailable) as caught:
        await connector.post_once(teams.url, "v3/conversations", {})
    assert caught.value.may_have_arrived


async def test_a_dropped_connection_may_have_arrived(connector: Connector, teams: FakeTeams):
    async def drop(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    teams.answers = [drop]
    with pytest.raises(ChannelUnavailable) as caught:
        await connector.post_once(teams.url, "v3/conversations", {})
    assert caught.value.may_have_arrived


@pytest.mark.parametrize("text", ["no json", "[" * 100_000, " " * (1024 * 1024 + 1)], ids=range(3))
async def test_an_answer_that_is_no_json_or_too_long_is_a_failure(text: str, connector: Connector, teams: FakeTeams):
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text)

    teams.answers = [answer] * 3
    with pytest.raises(ChannelUnavailable):
        await connector.get(teams.url, "v3/x")


async def test_a_redirect_is_followed_by_nobody(connector: Connector, teams: FakeTeams):
    for method in (connector.get, connector.put, connector.send, connector.post_once):
        teams.calls.clear()
        teams.answers = [(307, {}, {"Location": f"{teams.url}/evil"})]
        with pytest.raises(ChannelUnavailable):
            await method(teams.url, "v3/x", *([{}] if method != connector.get else []))
        assert [call.path for call in teams.calls] == ["/v3/x"]


async def test_an_address_that_is_not_listed_is_never_called(
    session: aiohttp.ClientSession, teams: FakeTeams, chat: ChatReference
):
    channel = TeamsChannel(
        Connector(session, ServiceUrls({"smba.trafficmanager.net"}), NoCredentials()), "team", "channel"
    )
    with pytest.raises(PostRefused):
        await channel.send_to(chat, MESSAGE)
    with pytest.raises(PostRefused):
        await channel.post_in_channel(MESSAGE, chat)
    with pytest.raises(PostRefused):
        await channel.update(PostedActivity(chat.service_url, "c", "1"), MESSAGE)
    assert not teams.calls


async def test_one_connection_serves_many_messages(channel: TeamsChannel, chat: ChatReference, teams: FakeTeams):
    for _ in range(50):
        await channel.send_to(chat, MESSAGE)
    assert len(teams.connections) == 1


# --- the bot's own tokens -----------------------------------------------------------------------------


def _credentials(
    identity: FakeIdentity, session: aiohttp.ClientSession, clock: Clock | None = None
) -> ClientCredentials:
    return ClientCredentials(identity.url, TENANT, ANJA, "wacht&woord", session, clock or Clock())


async def test_every_call_carries_the_bots_token_which_is_fetched_once(
    identity: FakeIdentity, teams: FakeTeams, session: aiohttp.ClientSession
):
    connector = Connector(session, ServiceUrls({"127.0.0.1"}), _credentials(identity, session))
    await asyncio.gather(*(connector.get(teams.url, "v3/x") for _ in range(20)))
    assert {call.authorization for call in teams.calls} == {"Bearer bot-token-1"}
    assert identity.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": ANJA,
            "client_secret": "wacht&woord",
            "scope": "https://api.botframework.com/.default",
        }
    ]


async def test_no_token_goes_to_an_address_that_is_not_listed(
    identity: FakeIdentity, teams: FakeTeams, session: aiohttp.ClientSession
):
    connector = Connector(session, ServiceUrls({"smba.trafficmanager.net"}), _credentials(identity, session))
    with pytest.raises(PostRefused):
        await connector.get(teams.url, "v3/x")
    assert not teams.calls
    assert not identity.forms


async def test_local_mode_sends_no_token(connector: Connector, teams: FakeTeams):
    await connector.get(teams.url, "v3/x")
    assert teams.calls[0].authorization is None


async def test_a_token_is_replaced_ahead_of_its_end_while_nobody_waits(
    identity: FakeIdentity, session: aiohttp.ClientSession
):
    clock = Clock()
    credentials = _credentials(identity, session, clock)
    assert await credentials.token() == "bot-token-1"
    clock.now += 3299
    assert await credentials.token() == "bot-token-1"
    clock.now += 1
    assert await credentials.token() == "bot-token-1"  # the next one is on its way
    clock.now += 300
    assert await credentials.token() == "bot-token-2"
    assert len(identity.forms) == 2
    await credentials.close()


async def test_a_short_token_is_not_fetched_over_and_over(identity: FakeIdentity, session: aiohttp.ClientSession):
    async def short(_: web.Request) -> web.Response:
        return web.json_response({"access_token": "kort", "expires_in": 100})

    identity.on_token = short
    clock = Clock()
    credentials = _credentials(identity, session, clock)
    for _ in range(49):
        assert await credentials.token() == "kort"
        assert credentials._fetching is not None
        await credentials._fetching
        clock.now += 1
    assert len(identity.forms) == 1
    await credentials.close()


async def test_a_token_that_teams_does_not_take_is_replaced(
    identity: FakeIdentity, teams: FakeTeams, session: aiohttp.ClientSession
):
    clock = Clock()
    connector = Connector(session, ServiceUrls({"127.0.0.1"}), _credentials(identity, session, clock))
    await connector.get(teams.url, "v3/x")
    clock.now += 60
    teams.answers = [(401, {})]
    await connector.get(teams.url, "v3/x")
    assert [call.authorization for call in teams.calls[1:]] == ["Bearer bot-token-1", "Bearer bot-token-2"]


_BAD_TOKENS: list[Any] = [
    (400, {"error": "invalid_client"}),
    (500, {}),
    (302, {}),
    (200, []),
    (200, {}),
    (200, {"access_token": 1, "expires_in": 1}),
    (200, {"access_token": "x\r\nHost: evil", "expires_in": 3600}),
    (200, {"access_token": "\u00e9", "expires_in": 3600}),
    (200, {"access_token": "x", "expires_in": "soon"}),
    (200, {"access_token": "x"}),
]


@pytest.mark.parametrize("answer", _BAD_TOKENS, ids=range(len(_BAD_TOKENS)))
async def test_without_a_token_nothing_is_said(
    answer: tuple[int, Any], identity: FakeIdentity, teams: FakeTeams, session: aiohttp.ClientSession
):
    async def on_token(_: web.Request) -> web.Response:
        return web.json_response(answer[1], status=answer[0], headers={"Location": "/elsewhere"})

    identity.on_token = on_token
    connector = Connector(session, ServiceUrls({"127.0.0.1"}), _credentials(identity, session))
    with pytest.raises(ChannelUnavailable) as caught:
        await connector.send(teams.url, "v3/x", {})
    assert not caught.value.may_have_arrived
    assert not teams.calls
    assert len(identity.forms) == 1  # a provider that fails is not hammered


async def test_an_old_token_goes_on_while_the_provider_is_down(identity: FakeIdentity, session: aiohttp.ClientSession):
    async def down(_: web.Request) -> web.Response:
        return web.Response(status=503)

    clock = Clock()
    credentials = _credentials(identity, session, clock)
    await credentials.token()
    identity.on_token = down
    clock.now += 3590
    assert await credentials.token() == "bot-token-1"
    await credentials.close()
