"""Presses on the channel card: real HTTP, real SQLite, the real framework."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StoreUnavailable
from bot.storage.sqlite import SqliteStore
from state.codec import read_rows
from state.events import DecisionRecorded, DissentRecorded, MemberInvolved, Recorded
from tests.bot.playing import ANJA, BRAM, CHANTAL, DIRK, ELS, FATIMA, post, settled
from tests.bot.room import Room, actions_in, data_of, room, shown
from tests.ports import free_port
from tests.stores import open_store


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Room]:
    async with room(tmp_path, free_port()) as opened:
        yield opened


async def transcripts(data_dir: Path) -> list[list[Recorded]]:
    """Give the events of every case, once the bot has ended."""
    store = open_store(data_dir / "weegwijzer.sqlite")
    cases = [read_rows(entry.id, await store.load(entry.id)) for entry in await store.entries()]
    await store.close()
    return cases


def inputs(card: Any) -> dict[str, Any]:
    """Give the inputs of a form by id."""
    found: dict[str, Any] = {}
    if isinstance(card, dict):
        if str(card.get("type", "")).startswith("Input."):
            found[card["id"]] = card
        card = list(card.values())
    if isinstance(card, list):
        for one in card:
            found |= inputs(one)
    return found


def first_steps(form: Any) -> list[str]:
    return [name.removeprefix("decided.") for name in inputs(form) if name.startswith("decided.")]


async def test_a_decision_opens_in_the_card_and_then_stands_on_it(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        card = await post(here, ANJA, "C15")
        form = await here.press_card(ANJA, card, "decide")
        steps = first_steps(form)
        assert steps
        assert "klokkenluidersregeling" not in steps
        for step in steps:
            assert inputs(form)[f"decided.{step}"]["value"] == "open"
        decided = {f"decided.{steps[0]}": "yes", f"decided.{steps[1]}": "later"}
        reasons = {f"reason.{step}": "Omdat." for step in steps[:2]}
        now = await here.press_card(ANJA, form, "record", **decided, **reasons)
        assert "Het besluit is vastgelegd." in shown(now)
        await settled(here)
        standing = here.channel_cards()[-1]
        assert "Besloten" in shown(standing)
        assert "Omdat." not in shown(standing)
        assert "Het besluit is vastgelegd." not in shown(standing)
        # Nobody was told in the channel: the card itself is what changed.
        assert len([call for call in here.teams.calls if call.path.endswith("/v3/conversations")]) == 1
    (transcript,) = await transcripts(tmp_path)
    (event,) = [one.event for one in transcript if isinstance(one.event, DecisionRecorded)]
    assert [(one.step, one.decided) for one in event.decisions] == [(steps[0], "yes"), (steps[1], "later")]
    assert all(one.competent for one in event.decisions)


async def test_deviating_needs_a_reason_and_keeps_what_was_filled_in(here: Room) -> None:
    card = await post(here, ANJA, "C15")
    form = await here.press_card(ANJA, card, "decide")
    choices = {f"decided.{step}": "no" for step in first_steps(form)}
    again = await here.press_card(ANJA, form, "record", **choices, review="over 2 weken")
    assert "wijkt u af" in shown(again)
    assert {name: inputs(again)[name]["value"] for name in choices} == choices
    assert inputs(again)["review"]["value"] == "over 2 weken"
    lacking = [name for name, field in inputs(again).items() if field.get("label") == "Reden (nodig)"]
    assert lacking
    now = await here.press_card(
        ANJA, again, "record", **choices, review="over 2 weken", **dict.fromkeys(lacking, "Het is al geregeld.")
    )
    assert "Het besluit is vastgelegd." in shown(now)
    assert "Afwijkend van wat het kader aangeeft" in shown(now)
    assert "Het is al geregeld." not in shown(now)
    assert "Opnieuw bekijken op" in shown(now)


async def test_who_is_no_decider_says_that_the_competent_ones_decided(here: Room) -> None:
    card = await post(here, ANJA, "C15")
    form = await here.press_card(BRAM, card, "decide")
    step = next(name for name, field in inputs(form).items() if name.startswith("decided."))
    chosen = {step: "later", step.replace("decided", "reason"): "Eerst overleg."}
    refused = await here.press_card(BRAM, form, "record", **chosen, vouched="false")
    assert "U bent geen beslisser." in shown(refused)
    assert inputs(refused)[step]["value"] == "later"
    now = await here.press_card(BRAM, refused, "record", **chosen, vouched="true")
    assert "besloten door wie bevoegd is" in shown(now)


async def test_fifty_presses_at_once_give_one_decision(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        card = await post(here, ANJA, "C15")
        form = await here.press_card(ANJA, card, "decide")
        step = first_steps(form)[0]
        fields = {f"decided.{step}": "later", f"reason.{step}": "Eerst overleg.", "vouched": "true"}
        people = [ANJA, BRAM, CHANTAL]
        answers = await asyncio.gather(*(here.press_card(people[n % 3], form, "record", **fields) for n in range(50)))
        told = [shown(answer) for answer in answers]
        assert sum("Het besluit is vastgelegd." in one for one in told) == 1
        assert sum("Iemand was u net voor" in one for one in told) == 49
        # Every one of them sees the decision.
        assert all("Besloten" in one for one in told)
        await settled(here)
    (transcript,) = await transcripts(tmp_path)
    assert len([one for one in transcript if isinstance(one.event, DecisionRecorded)]) == 1


async def test_a_dissent_is_kept_in_the_dossier_and_not_on_the_card(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        card = await post(here, ANJA, "C15")
        form = await here.press_card(BRAM, card, "dissent")
        again = await here.press_card(BRAM, form, "dissent", answer="record", note="  ")
        assert "Schrijf op waarom u het niet eens bent." in shown(again)
        for _ in range(2):  # a double click
            now = await here.press_card(BRAM, again, "dissent", answer="record", note="Te vroeg.")
            assert "niet op de kaart" in shown(now)
        await settled(here)
        assert all("Te vroeg." not in shown(card) for card in (now, *here.channel_cards()))
    (transcript,) = await transcripts(tmp_path)
    (kept,) = [one for one in transcript if isinstance(one.event, DissentRecorded)]
    assert kept.event == DissentRecorded(1, "Te vroeg.")
    assert kept.actor.name == "Bram Jansen"


async def test_who_is_involved_gets_nothing_more_and_the_card_goes_without_a_word(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        await here.type(ANJA, "hallo")
        card = await post(here, BRAM, "C15")
        form = await here.press_card(CHANTAL, card, "involved")
        said = await here.press_card(CHANTAL, form, "involved", answer="yes")
        assert said.startswith("Vastgelegd.")
        await settled(here)
        # First a neutral card without content, then the deletion.
        neutral = here.channel_cards()[-1]
        assert "IL-" not in shown(neutral)
        assert actions_in(neutral) == []
        methods = [call.method for call in here.teams.calls if "activities/17" in call.path]
        assert methods[-2:] == ["PUT", "DELETE"]
        # The case is offered to a decider, in private.
        assert "wordt u aangeboden" in shown(here.last(ANJA))
        assert "uit het CMT-kanaal gehaald" in shown(here.last(BRAM))
        for verb in ("decide", "dissent", "involved"):
            assert "niets meer zien" in await here.press_card(CHANTAL, card, verb)
        assert len([call for call in here.teams.calls if call.path.endswith("/v3/conversations")]) == 1
    (transcript,) = await transcripts(tmp_path)
    (event,) = [one for one in transcript if isinstance(one.event, MemberInvolved)]
    assert event.actor.name == "Chantal Bakker"


async def test_an_older_version_of_the_card_gets_the_newer_one(here: Room) -> None:
    first = await post(here, ANJA, "C15")
    await settled(here)
    puts = len(here.channel_cards())
    await here.type(ANJA, "wijzig 4")
    await here.press(ANJA, here.last(ANJA), "answer", answer="gerucht")
    await here.type(ANJA, "plaats")
    await here.type(ANJA, "plaats")
    second = await here.channel_card(puts)
    assert "Kaart v2" in shown(second)
    await settled(here)
    now = await here.press_card(ANJA, first, "decide")
    assert "eerdere versie" in shown(now)
    assert "Kaart v2" in shown(now)


async def test_a_client_without_execute_gets_the_form_in_private(here: Room) -> None:
    await here.type(BRAM, "hallo")
    card = await post(here, ANJA, "C15")
    await settled(here)
    said = len(here.said(ANJA))
    status, _ = await here.deliver(here.on_card(BRAM, value=data_of(card, "decide"), text=None))
    assert status == 200
    await settled(here)
    assert not [call for call in here.teams.calls if call.method == "POST" and "channel-cmt-id" in call.path]
    form = here.last(BRAM)
    assert "Besluit vastleggen" in shown(form)
    step = first_steps(form)[0]
    chosen = {f"decided.{step}": "later", f"reason.{step}": "Eerst overleg.", "vouched": "true"}
    pressed = here.activity(BRAM, value={**data_of(form, "record"), **chosen})
    assert (await here.deliver(pressed))[0] == 200
    assert here.last(BRAM) == "Het besluit is vastgelegd."
    await settled(here)
    assert "Besloten" in shown(here.channel_cards()[-1])
    assert len(here.said(ANJA)) == said


# --- bad presses -----------------------------------------------------------------------


async def no_effect(here: Room, body: dict[str, Any], tries: int = 1) -> list[Any]:
    """Deliver a press and see that nothing in the channel changed; give what was answered."""
    await settled(here)
    before = len(here.channel_cards())
    answers = []
    for _ in range(tries):
        status, answer = await here.deliver(body)
        assert status in (200, 400), (status, answer)
        answers.append(answer)
    await settled(here)
    assert len(here.channel_cards()) == before
    return answers


def press(here: Room, user: str, data: Any, **more: Any) -> dict[str, Any]:
    value = {"action": {"type": "Action.Execute", "verb": "x", "data": data}}
    return here.on_card(user, type="invoke", name="adaptiveCard/action", value=value, **more)


@pytest.mark.parametrize("user", [ELS, FATIMA, DIRK])
async def test_who_may_not_decide_changes_nothing(tmp_path: Path, user: str) -> None:
    async with room(tmp_path, free_port()) as here:
        card = await post(here, BRAM, "C15")
        form = await here.press_card(ANJA, card, "decide")
        data = {**data_of(form, "record"), f"decided.{first_steps(form)[0]}": "yes"}
        # Dirk is a decider who is not in the channel; whoever presses there is, so he may.
        if user != DIRK:
            (answer,) = await no_effect(here, press(here, user, data))
            assert isinstance(answer["value"], str)
    (transcript,) = await transcripts(tmp_path)
    assert not [one for one in transcript if isinstance(one.event, DecisionRecorded)]


FORGED: list[Any] = [
    None,
    {},
    [],
    "record",
    {"verb": "record"},
    {"verb": "record", "handle": ""},
    {"verb": "record", "handle": "A" * 22},
    {"verb": "record", "handle": 7},
    {"verb": "record", "handle": "\ud800"},
    {"verb": "involved", "handle": "A" * 22, "answer": "yes"},
    {"verb": ["record"], "handle": "A" * 22},
    {"verb": "post", "handle": "A" * 22},
]


@pytest.mark.parametrize("data", FORGED, ids=str)
async def test_forged_and_missing_data_change_nothing(here: Room, data: Any) -> None:
    await post(here, ANJA, "C15")
    await no_effect(here, press(here, ANJA, data))


async def test_forged_fields_of_a_form_are_not_looked_at(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        card = await post(here, ANJA, "C15")
        form = await here.press_card(ANJA, card, "decide")
        forged = {
            "decided.klokkenluidersregeling": "yes",
            "decided.": "yes",
            f"decided.{first_steps(form)[0]}": "maybe",
            "review": {"a": 1},
            "decided.ordemaatregel": "no",
            "x" * 70: "yes",
        }
        again = await here.press_card(ANJA, form, "record", **forged)
        assert "U koos niets nieuws." in shown(again)
    (transcript,) = await transcripts(tmp_path)
    assert not [one for one in transcript if isinstance(one.event, DecisionRecorded)]


async def test_a_press_that_is_delivered_twice_decides_once(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        card = await post(here, ANJA, "C15")
        form = await here.press_card(ANJA, card, "decide")
        step = first_steps(form)[0]
        data = {**data_of(form, "record"), f"decided.{step}": "later", f"reason.{step}": "Eerst overleg."}
        body = press(here, ANJA, data)
        for _ in range(3):
            status, answer = await here.deliver(body)
            assert status == 200
            assert "Besloten" in shown(answer)
        # The same press half a minute later under another id, as Teams does (botbuilder-dotnet#5005).
        status, answer = await here.deliver({**body, "id": "another"})
        assert "Iemand was u net voor" in shown(answer)
    (transcript,) = await transcripts(tmp_path)
    assert len([one for one in transcript if isinstance(one.event, DecisionRecorded)]) == 1


async def test_a_card_of_another_case_decides_nothing_here(tmp_path: Path) -> None:
    async with room(tmp_path, free_port()) as here:
        card = await post(here, ANJA, "C15")
        body = press(here, ANJA, {**data_of(card, "decide")})
        # The handle belongs to its own thread.
        body["conversation"]["id"] = "channel-cmt-id;messageid=99"
        (answer,) = await no_effect(here, body)
        assert "verlopen" in answer["value"]
        private = here.activity(
            ANJA, type="invoke", name="adaptiveCard/action", value={"action": {"data": data_of(card, "decide")}}
        )
        status, answer = await here.deliver(private)
        assert status == 200
        assert "decided." not in shown(answer)


async def test_a_closed_case_decides_nothing(here: Room) -> None:
    card = await post(here, ANJA, "C15")
    form = await here.press_card(ANJA, card, "decide")
    await settled(here)
    await here.type(ANJA, "afronden")
    await settled(here)
    for verb in ("record", "card"):
        said = await here.press_card(ANJA, form, verb, **{f"decided.{first_steps(form)[0]}": "yes"})
        assert "gesloten" in said
    assert actions_in(here.channel_cards()[-1]) == [] or "decide" not in shown(here.channel_cards()[-1])


async def test_a_removed_member_decides_nothing(here: Room) -> None:
    card = await post(here, ANJA, "C15")
    await settled(here)
    here.teams.members.pop(f"conversations/team-cmt-id/members/{CHANTAL}")
    (answer,) = await no_effect(here, press(here, CHANTAL, data_of(card, "decide")))
    assert isinstance(answer["value"], str)


async def test_while_nothing_can_be_stored_nothing_is_decided_and_it_is_said(
    here: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await post(here, ANJA, "C15")
    form = await here.press_card(ANJA, card, "decide")
    step = first_steps(form)[0]
    chosen = {f"decided.{step}": "later", f"reason.{step}": "Eerst overleg."}
    await settled(here)

    async def full(*_: object) -> None:
        raise StoreUnavailable("SQLITE_FULL")

    with monkeypatch.context() as outage:
        outage.setattr(SqliteStore, "commit", full)
        assert (await here.press_card(ANJA, form, "record", **chosen)).startswith("NIET OPGESLAGEN.")
        assert (await here.press_card(ANJA, card, "decide")).startswith("NIET OPGESLAGEN.")
    assert "Besloten" not in shown(here.channel_cards()[-1])
    # What was filled in stands on the form still: the same press decides now.
    assert "Het besluit is vastgelegd." in shown(await here.press_card(ANJA, form, "record", **chosen))


@pytest.mark.parametrize("verb", ["resume", "post", "", "x" * 32])
async def test_another_button_on_a_cards_handle_is_past(here: Room, verb: str) -> None:
    await here.type(BRAM, "hallo")
    card = await post(here, ANJA, "C15")
    await here.deliver(here.on_card(BRAM, value=data_of(card, "decide"), text=None))
    await settled(here)
    form = here.last(BRAM)
    status, _ = await here.deliver(here.activity(BRAM, value={**data_of(form, "record"), "verb": verb}))
    assert status == 200
    assert here.last(BRAM).startswith("Deze kaart is verlopen.")


@pytest.mark.parametrize("verb", ["record", "card"])
async def test_a_client_without_execute_is_never_answered_before_everyone(here: Room, verb: str) -> None:
    card = await post(here, ANJA, "C15")
    await settled(here)
    forged = {"verb": verb, "handle": "A" * 22}
    for data in ({**data_of(card, "decide"), "verb": verb}, forged):
        assert (await here.deliver(here.on_card(BRAM, value=data, text=None)))[0] == 200
    await settled(here)
    assert not [call for call in here.teams.calls if call.method == "POST" and "channel-cmt-id" in call.path]
