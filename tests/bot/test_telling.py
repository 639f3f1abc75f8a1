"""Word of a case that comes while another one is open: it says so, and asks nothing that would be answered there."""

import asyncio
from dataclasses import replace

import pytest

from bot.ports import ChatReference, Person, Place, Sender, Turn
from bot.store import Owed, Write
from bot.turn import FrontDesk
from dialogs.values import Incoming
from tests.bot.desk import ANJA, TENANT, WORDING, Desk, FakeAccess, words
from tests.bot.test_outbox import opened, owing_a_card
from tests.bot.test_outbox_beside import left, running

OTHER, OPEN = "IL-2026-0042", "IL-2026-0043"


async def word_of_a_posted_card(desk: Desk) -> str:
    await desk.after(0)
    await desk.after(0)
    [(to, told)] = desk.teams.told
    assert to == ANJA.id
    return words(told)


async def test_word_of_the_open_case_says_only_where_it_stands(desk: Desk) -> None:
    await desk.keep(opened(1))
    await desk.keep(owing_a_card())
    told = await word_of_a_posted_card(desk)
    assert "met een andere zaak bezig" not in told
    assert OTHER in told


async def test_word_of_another_case_says_that_it_is_of_another(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    await desk.keep(opened(1))
    told = await word_of_a_posted_card(desk)
    assert f"Dit gaat over zaak {OTHER}. U bent nu met een andere zaak bezig" in told
    chat = await desk.store.chat_of(ANJA.id)
    assert chat is not None
    assert (chat.active_case, OPEN in told) == (opened(1).case.id, False)


def word(n: int = 0) -> Write:
    """Give word owed to Anja of a case in which a question is open."""
    return Write(owed=(Owed("tell", opened(n).case.id, {"to": ANJA.id, "by": ANJA.id}),))


async def test_a_question_of_another_case_is_not_put_under_the_hands_of_who_types(desk: Desk) -> None:
    await desk.keep(opened())
    await desk.keep(opened(1))
    await desk.store.commit(word())
    await desk.after(0)
    [(_, told)] = desk.teams.told
    assert f"zaak {OTHER}" in words(told)
    assert "wacht op uw antwoord op een vraag" in words(told)
    assert await desk.store.register() == ()
    assert '"verb": "answer"' not in words(told)


async def test_a_question_of_the_open_case_is_asked_again(desk: Desk) -> None:
    await desk.keep(opened(1))
    await desk.keep(opened())
    await desk.store.commit(word())
    await desk.after(0)
    [(_, told)] = desk.teams.told
    assert '"verb": "answer"' in words(told)
    assert OTHER in words(told)
    assert [entry.action for entry in await desk.store.register()] == ["read"]


async def test_a_turn_that_goes_on_while_word_is_prepared_keeps_its_open_case(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.keep(opened(1))
    await desk.keep(opened())
    await desk.store.commit(word())
    admit = FakeAccess.admit

    async def while_a_turn_goes_on(access: FakeAccess, sender: Sender, chat: ChatReference) -> Person:
        known = await desk.store.chat_of(ANJA.id)
        assert known is not None
        await desk.store.commit(Write(chat=replace(known, active_case=opened(1).case.id)))
        return await admit(access, sender, chat)

    monkeypatch.setattr(FakeAccess, "admit", while_a_turn_goes_on)
    await desk.after(0)
    known = await desk.store.chat_of(ANJA.id)
    assert known is not None
    assert known.active_case == opened(1).case.id
    [(_, told)] = desk.teams.told
    assert '"verb": "answer"' not in words(told)


async def test_an_answer_to_a_turn_stands_below_word_that_was_on_its_way(slow_desk: Desk) -> None:
    await slow_desk.keep(opened())
    await slow_desk.store.commit(word())
    async with running(slow_desk) as teams:
        await teams.until(lambda: len(teams.inside) == 1)
        # Where it does not wait, it is at the person's before the word is.
        teams.passes = lambda said: "· vraag 1," not in said
        answering = asyncio.create_task(answered(slow_desk, "nee"))
        await asyncio.wait({answering}, timeout=0.5)
        teams.gate.set()
        await answering
        await teams.until(lambda: len(teams.told) == 2)
    first, last = (words(message) for _, message in teams.told)
    assert ("· vraag 1," in first, "· vraag 2," in last) == (True, True)


async def test_who_answers_does_not_wait_for_ever_for_word_that_teams_does_not_take(
    slow_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telling._LONGEST_WAIT", 0.05)
    await slow_desk.keep(opened())
    await slow_desk.store.commit(word())
    async with running(slow_desk) as teams:
        await teams.until(lambda: len(teams.inside) == 1)
        teams.passes = lambda said: "· vraag 1," not in said
        async with asyncio.timeout(5):
            await answered(slow_desk, "nee")
        teams.gate.set()
        await left(slow_desk, 0)
    assert ["· vraag 2," in words(message) for _, message in teams.told] == [True, False]


async def test_word_that_is_cut_off_by_a_stop_is_not_said_afterwards(slow_desk: Desk) -> None:
    await slow_desk.keep(opened())
    await slow_desk.store.commit(word())
    async with running(slow_desk) as teams:
        await teams.until(lambda: len(teams.inside) == 1)
    teams.gate.set()
    await asyncio.sleep(0.05)
    assert (teams.told, await slow_desk.store.owed()) == ([], 1)


async def answered(desk: Desk, text: str) -> None:
    """Take a turn in which Anja types, and say what the bot answers."""
    front = FrontDesk(
        store=desk.store,
        cases=desk.cases,
        access=FakeAccess(),
        wording=WORDING,
        locks=desk.locks,
        clock=lambda: desk.now,
        wake_outbox=desk.outbox.wake,
    )
    chat = await desk.store.chat_of(ANJA.id)
    assert chat is not None
    sender = Sender(ANJA.id, ANJA.id, TENANT)
    reply = await front.take_turn(
        Turn(sender=sender, chat=chat.reference, place=Place.PERSONAL, incoming=Incoming(text=text), activity_id="1")
    )
    for message in reply.messages:
        await desk.teams.send_to(chat.reference, message)
