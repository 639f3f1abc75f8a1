"""Activities as the Playground sends them, over real HTTP, to turns at a fake desk and back."""

import asyncio
import logging
from typing import Any

import pytest

from bot.ports import ChatReference, Place, Reply, Sender
from dialogs.values import Incoming, Outgoing
from tests.bot.fakes_teams import ANJA, BOT, TENANT, Running, activity

CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [], "actions": []}
HANDLE = "x" * 22


def _submit(value: Any, **changes: Any) -> dict[str, Any]:
    return {**activity("to_bot_04_submit_personal", **changes), "value": value}


def _execute(value: Any, **changes: Any) -> dict[str, Any]:
    return {**activity("to_bot_05_execute_personal", **changes), "value": value}


def _action(data: Any, **more: Any) -> dict[str, Any]:
    return {"action": {"type": "Action.Execute", "title": "Kies", "data": data, **more}}


# --- in ---------------------------------------------------------------------------------------------


async def test_what_was_typed_becomes_a_turn(bot: Running):
    assert await bot.deliver(activity()) == (200, None)
    [turn] = bot.desk.turns
    assert turn.activity_id == "3b80bb9f-6e55-4900-b999-110544cf1f80"
    assert turn.sender == Sender(ANJA, "user-id-0", TENANT)
    assert turn.place is Place.PERSONAL
    assert turn.chat == ChatReference(f"{bot.teams.url}/_connector", "personal-chat-id", "user-id-0", BOT, TENANT)
    assert turn.incoming == Incoming(text=activity()["text"], locale="en-US")
    assert not turn.is_invoke
    assert not turn.welcome


async def test_a_submit_and_an_execute_with_the_same_data_are_the_same_press(bot: Running):
    data = {"verb": "answer", "handle": HANDLE, "answer": "ja", "note": "Toelichting"}
    await bot.deliver(_submit(data))
    await bot.deliver(_execute(_action(data, verb="something else")))
    pressed = Incoming(verb="answer", handle=HANDLE, answer="ja", note="Toelichting", locale="en-US")
    assert [turn.incoming for turn in bot.desk.turns] == [pressed, pressed]
    assert [turn.is_invoke for turn in bot.desk.turns] == [False, True]


async def test_the_verb_of_an_execute_itself_does_not_count(bot: Running):
    await bot.deliver(_execute(_action({"handle": HANDLE}, verb="answer")))
    assert bot.desk.turns[0].incoming == Incoming(verb="", locale="en-US")


async def test_a_press_without_a_handle_keeps_its_verb(bot: Running):
    await bot.deliver(_submit({"verb": "help"}))
    assert bot.desk.turns[0].incoming == Incoming(verb="help", locale="en-US")


_ODD: list[Any] = [
    "text",
    1,
    0,
    True,
    False,
    [],
    ["answer"],
    {},
    {"do": "answer"},
    {"verb": None},
    {"verb": 1},
    {"verb": ["answer"]},
    {"verb": {"a": 1}},
    {"verb": "answer", "handle": 1},
    {"verb": "answer", "handle": ["x"]},
    {"verb": "answer", "handle": {}},
    {"verb": "answer", "handle": HANDLE, "answer": 1},
    {"verb": "answer", "handle": HANDLE, "answer": True},
    {"verb": "answer", "handle": HANDLE, "answer": ["ja"]},
    {"verb": "answer", "handle": HANDLE, "answer": {"a": 1}},
    {"verb": "answer", "handle": HANDLE, "note": 1},
    {"verb": "a" * 33},
    {"verb": "answer", "handle": "h" * 129},
    {"verb": "answer", "handle": HANDLE, "answer": "x" * 20_001},
    {"verb": "answer", "handle": HANDLE, "note": "x" * 20_001},
]


@pytest.mark.parametrize("value", _ODD, ids=lambda value: repr(value)[:40])
async def test_an_odd_press_is_a_press_of_nothing_and_never_an_answer(value: Any, bot: Running):
    assert (await bot.deliver(_submit(value)))[0] == 200
    assert (await bot.deliver(_execute(_action(value))))[0] == 200
    nothing = Incoming(verb="", locale="en-US")
    assert [turn.incoming for turn in bot.desk.turns] == [nothing, nothing]


@pytest.mark.parametrize(
    "value", [None, 1, "x", [], {}, {"action": None}, {"action": []}, {"action": {}}, {"action": {"data": None}}]
)
async def test_an_execute_without_data_is_a_press_of_nothing(value: Any, bot: Running):
    status, body = await bot.deliver(_execute(value))
    assert status == 200
    assert body["type"] == "application/vnd.microsoft.activity.message"
    assert bot.desk.turns[0].incoming.verb == ""


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("to_bot_12_message_channel_mention", Place.CHANNEL),
        ("to_bot_22_message_group_mention", Place.GROUP),
        ("to_bot_23_execute_group", Place.GROUP),
        ("to_bot_16_execute_channel_on_proactive_card", Place.CHANNEL),
    ],
)
async def test_the_desk_is_told_where_it_happened(name: str, place: Place, bot: Running):
    await bot.deliver(activity(name))
    assert bot.desk.turns[0].place is place


@pytest.mark.parametrize("kind", [None, "", "Personal", "meeting", "x"])
async def test_what_is_not_called_a_private_chat_is_none(kind: str | None, bot: Running):
    conversation = {"id": "c", "tenantId": TENANT, "conversationType": kind}
    await bot.deliver(activity(conversation=conversation))
    assert bot.desk.turns[0].place is Place.GROUP


async def test_a_sender_without_an_entra_id_is_nobody(bot: Running):
    await bot.deliver(activity(**{"from": {"id": "29:bot"}}))
    assert bot.desk.turns[0].sender.object_id == ""


# --- welcome --------------------------------------------------------------------------------------------


async def test_one_installation_is_one_welcome(bot: Running):
    for name in ("to_bot_01_installationUpdate_add_personal", "to_bot_02_conversationUpdate_personal"):
        assert await bot.deliver(activity(name)) == (200, None)
    [turn] = bot.desk.turns
    assert turn.welcome
    assert turn.incoming == Incoming(locale="en-US")
    assert len(bot.teams.calls) == 1


async def test_both_at_once_are_one_welcome_too(bot: Running):
    names = ("to_bot_02_conversationUpdate_personal", "to_bot_01_installationUpdate_add_personal")
    await asyncio.gather(*(bot.deliver(activity(name)) for name in names))
    assert len(bot.desk.turns) == 1


@pytest.mark.parametrize("removed", ["to_bot_32_botRemoved_personal", "to_bot_49"])
async def test_who_removes_and_adds_the_bot_is_welcomed_again(removed: str, bot: Running):
    leave = (
        activity(removed)
        if removed != "to_bot_49"
        else activity("to_bot_01_installationUpdate_add_personal", action="remove")
    )
    for body in (activity("to_bot_31_botAdded_personal"), leave, activity("to_bot_31_botAdded_personal")):
        assert await bot.deliver(body) == (200, None)
    assert len(bot.desk.turns) == 2


@pytest.mark.parametrize(
    "body",
    [
        activity("to_bot_10_installationUpdate_add_channel"),
        activity("to_bot_11_conversationUpdate_channel_botAdded"),
        activity("to_bot_20_installationUpdate_add_group"),
        activity("to_bot_44_channelCreated"),
        activity("to_bot_01_installationUpdate_add_personal", action="add-upgrade"),
        activity("to_bot_02_conversationUpdate_personal", membersAdded=[{"id": "user-id-0"}]),
        activity("to_bot_02_conversationUpdate_personal", membersAdded=None),
    ],
    ids=range(7),
)
async def test_the_bot_is_silent_where_it_was_not_added_to_a_private_chat(body: dict[str, Any], bot: Running):
    assert await bot.deliver(body) == (200, None)
    assert not bot.desk.turns
    assert not bot.teams.calls


async def test_a_welcome_that_was_not_stored_may_come_again(bot: Running):
    bot.desk.reply = Reply(stored=False)
    assert (await bot.deliver(activity("to_bot_31_botAdded_personal")))[0] == 503
    bot.desk.reply = Reply()
    assert (await bot.deliver(activity("to_bot_31_botAdded_personal")))[0] == 200
    assert len(bot.desk.turns) == 2


async def test_remembered_welcomes_do_not_grow_without_end(bot: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.teams.handler._REMEMBERED", 1)
    for chat in ("a", "b", "a"):
        conversation = {"id": chat, "conversationType": "personal"}
        await bot.deliver(activity("to_bot_31_botAdded_personal", conversation=conversation))
    assert len(bot.desk.turns) == 3


# --- out --------------------------------------------------------------------------------------------------


async def test_a_reply_is_sent_before_the_delivery_is_answered(bot: Running):
    bot.desk.reply = Reply((Outgoing("een", card=CARD), Outgoing("twee", text="Dag.")))
    await bot.deliver(activity())
    assert [call.body.get("summary") for call in bot.teams.calls] == ["een", "twee"]
    assert bot.teams.calls[0].path == "/_connector/v3/conversations/personal-chat-id/activities"
    assert bot.teams.calls[0].body == {
        "type": "message",
        "summary": "een",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}],
        "from": {"id": BOT},
        "recipient": {"id": "user-id-0"},
        "conversation": {"id": "personal-chat-id"},
    }


async def test_an_execute_is_answered_with_the_card_that_replaces_the_pressed_one(bot: Running):
    bot.desk.reply = Reply((Outgoing("volgende", card=CARD),), replace={**CARD, "body": [{"type": "TextBlock"}]})
    status, body = await bot.deliver(activity("to_bot_05_execute_personal"))
    assert status == 200
    assert body == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.card.adaptive",
        "value": {**CARD, "body": [{"type": "TextBlock"}]},
    }
    assert len(bot.teams.calls) == 1


async def test_an_execute_without_a_new_card_is_answered_with_words(bot: Running):
    status, body = await bot.deliver(activity("to_bot_05_execute_personal"))
    assert (status, body["type"], body["value"]) == (200, "application/vnd.microsoft.activity.message", "Dag.")
    bot.desk.reply = Reply()
    status, body = await bot.deliver(activity("to_bot_05_execute_personal"))
    assert (status, body["value"]) == (200, "OK")


@pytest.mark.parametrize("name", ["to_bot_16_execute_channel_on_proactive_card", "to_bot_23_execute_group"])
async def test_a_press_before_others_is_answered_to_who_pressed(name: str, bot: Running):
    status, body = await bot.deliver(activity(name))
    assert (status, body["value"]) == (200, "Dag.")
    assert not bot.teams.calls


@pytest.mark.parametrize(
    "name", ["composeExtension/query", "task/fetch", "fileConsent/invoke", "signin/verifyState", "x", "", None]
)
async def test_another_invoke_has_no_effect(name: str | None, bot: Running):
    assert await bot.deliver(activity("to_bot_05_execute_personal", name=name)) == (200, None)
    assert not bot.desk.turns


# --- failures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["to_bot_03_message_personal", "to_bot_05_execute_personal"])
async def test_who_was_told_that_nothing_was_stored_is_told_the_truth(name: str, bot: Running):
    bot.desk.reply = Reply((Outgoing("s", text="NIET OPGESLAGEN"),), stored=False)
    # Not 503: Teams would deliver it again, and then it might be stored after all.
    assert (await bot.deliver(activity(name)))[0] == 200
    assert bot.teams.calls[0].body["text"] == "NIET OPGESLAGEN"


@pytest.mark.parametrize("name", ["to_bot_03_message_personal", "to_bot_05_execute_personal"])
async def test_what_was_not_stored_and_could_not_be_said_is_delivered_again(
    name: str, bot: Running, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.teams.connector._FIRST_WAIT", 0.0)
    bot.desk.reply = Reply((Outgoing("s", text="NIET OPGESLAGEN"),), stored=False)
    bot.teams.answers = [(500, {})] * 3
    assert (await bot.deliver(activity(name)))[0] == 503


@pytest.mark.parametrize("name", ["to_bot_03_message_personal", "to_bot_05_execute_personal"])
async def test_what_teams_does_not_take_is_delivered_again(name: str, bot: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.teams.connector._FIRST_WAIT", 0.0)
    bot.teams.answers = [(500, {})] * 3
    assert (await bot.deliver(activity(name)))[0] == 503
    assert bot.desk.unsaid == bot.desk.turns


async def test_what_teams_refuses_for_good_is_not_delivered_again(bot: Running):
    bot.teams.answers = [(403, {"error": {"code": "BotNotInConversationRoster"}})]
    assert await bot.deliver(activity()) == (200, None)
    assert len(bot.teams.calls) == 1


async def test_an_unexpected_error_gives_the_person_the_reference_that_stands_in_the_log(
    bot: Running, caplog: pytest.LogCaptureFixture
):
    bot.desk.error = ValueError("geheim: Anja de Vries, IL-2026-1234")
    with caplog.at_level(logging.ERROR):
        assert await bot.deliver(activity()) == (200, None)
    [record] = caplog.records
    assert record.message == "turn_failed"
    said = bot.teams.calls[0].body
    assert said["text"] == f"Er ging iets mis (en-US): {record.reference}"
    assert "geheim" not in str(said)


async def test_an_unexpected_error_in_a_press_is_told_in_its_answer(bot: Running):
    bot.desk.error = ValueError("geheim")
    status, body = await bot.deliver(activity("to_bot_05_execute_personal"))
    assert status == 200
    assert body["value"].startswith("Er ging iets mis (en-US): ")
    assert not bot.teams.calls


async def test_an_error_that_cannot_be_told_is_delivered_again(bot: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.teams.connector._FIRST_WAIT", 0.0)
    bot.desk.error = ValueError("geheim")
    bot.teams.answers = [(500, {})] * 3
    assert (await bot.deliver(activity()))[0] == 503


async def test_outcomes_are_counted(bot: Running):
    await bot.deliver(activity())
    await bot.deliver(activity(type="typing"))
    await bot.deliver(activity("to_bot_44_channelCreated"))
    bot.desk.reply = Reply((Outgoing("s", text="NIET OPGESLAGEN"),), stored=False)
    await bot.deliver(activity())
    bot.desk.error = ValueError()
    await bot.deliver(activity())
    await bot.deliver(b"{")
    text = bot.metrics.text().decode()
    for line in (
        'weegwijzer_turns_total{outcome="answered"} 1.0',
        'weegwijzer_turns_total{outcome="ignored"} 2.0',
        'weegwijzer_turns_total{outcome="not_stored"} 1.0',
        'weegwijzer_turns_total{outcome="failed"} 1.0',
        'weegwijzer_refused_requests_total{code="json"} 1.0',
        "weegwijzer_turn_seconds_count 5.0",
    ):
        assert line in text
