"""A case in which someone turns out to be involved, in an answer or on the card, at a real desk, in fifteen ways."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bot.outbox import Outbox
from bot.ports import Person, Reply
from bot.store import CaseEntry
from state.codec import read_rows
from state.events import Actor
from state.fold import rebuild
from tests.bot.desk import WORDING, FakeTeams
from tests.casework import Casework
from tests.dialogs.stage import presses
from tests.trust.office import Office, Visitor, in_memory, listed, open_office, retold, words
from tests.trust.standings import CANARY, FRAMEWORK, ME, OTHER, standing

NUMBER = "IL-2025-4242"
THEIR_CANARY = "KANARIE-van-de-overnemer-91c2"
DESCRIPTION = FRAMEWORK.number_of["omschrijving"]
# What is computed from a case: the advice, and the card for the channel.
COMPUTED = ("Advies bij zaak", "Advice on case", "VERTROUWELIJK - uitsluitend CMT", "Ligt voor de hand")


@dataclass
class Story:
    """One case with its people; what was said to `me` is kept from the moment on which they are involved."""

    office: Office
    outbox: Outbox
    teams: FakeTeams
    me: Person
    next: Person
    third: Person
    case: str = field(default_factory=lambda: uuid4().hex)
    forbidden: tuple[str, ...] = COMPUTED
    handles: dict[str, set[str]] = field(default_factory=dict)
    since: int = 0
    told_since: int = 0

    async def take(self, person: Person, said: str | Mapping[str, Any]) -> str:
        """Let someone type or press; give what is said, and do what is owed after it."""
        reply = await self.office.take(Visitor(person), said)
        self._keep_handles(person, reply)
        await self.outbox.work_once()
        return words(reply)

    async def press_card(self, person: Person, verb: str, version: int = 1, round_: int = 0, **data: str) -> str:
        """Let someone press on the channel card of this version and round; give what is said to them."""
        handle = await self.office.put_card(f"card:{version}:{round_}", self.case)
        reply = await self.office.press_card(Visitor(person), verb, handle, **data)
        self._keep_handles(person, reply)
        await self.outbox.work_once()
        return words(reply)

    def _keep_handles(self, person: Person, reply: Reply) -> None:
        found = {data["handle"] for message in reply.messages if message.card for data in presses(message.card)}
        self.handles.setdefault(person.id, set()).update(found)

    async def play(self, work: Casework, *, of_others: bool) -> None:
        """Keep a case that was played in the core, with `me` in the place of who is tried."""
        people = {ME.id: self._actor(self.me), OTHER.id: self._actor(self.third)}
        told = retold(work.transcript, self.case, NUMBER, people)
        await self.office.keep(self.me, rebuild(self.case, told), told)
        if of_others:
            self.forbidden = (*self.forbidden, CANARY)

    def _actor(self, person: Person) -> Actor:
        return Actor(person.id, person.name, person.function, "decider")

    async def involved(self) -> None:
        """From here on nothing of others may reach `me`."""
        self.since = len(self.office.said.get(self.me.id, ()))
        self.told_since = len(self.teams.told)
        self.version = await self.events()

    async def say_involved(self) -> None:
        """Let `me` change the first answer: yes, I am."""
        await self.take(self.me, "wijzig 1")
        await self.take(self.me, "2")
        await self.involved()

    async def say_involved_on_the_card(self) -> None:
        """Let `me` press that they are involved, and say that they are sure."""
        await self.press_card(self.me, "involved")
        assert "Vastgelegd" in await self.press_card(self.me, "involved", answer="yes")
        await self.involved()

    async def events(self) -> int:
        """Give how many events this case has."""
        return len(await self.office.store.load(self.case))

    async def caused(self) -> list[Any]:
        """Give what `me` did in the case since they are involved."""
        recorded = list(read_rows(self.case, await self.office.store.load(self.case)))
        return [one.event for one in recorded[self.version :] if one.actor.id == self.me.id]

    def heard(self) -> str:
        """Give every byte that was said to `me` since: answers, and word that the bot sent by itself."""
        told = [json.dumps([out.summary, out.text, out.card], ensure_ascii=False)
                for user, out in self.teams.told[self.told_since :] if self.me.id in user]  # fmt: skip
        return "\n".join([*self.office.said[self.me.id][self.since :], *told])

    async def _entry(self) -> CaseEntry:
        entry = await self.office.store.entry(self.case)
        assert entry is not None
        return entry

    async def holds(self) -> bool:
        """Tell whether the case is still with `me`."""
        return (await self._entry()).holder == self.me.id

    async def phase(self) -> str:
        """Tell where the case stands."""
        return (await self._entry()).phase


@asynccontextmanager
async def opened() -> AsyncIterator[Story]:
    """Give a story with three people at the desk, whom the bot knows."""
    with in_memory() as folder:
        me, following, third = (listed(name, "decider", "dossier_keeper") for name in ("ik", "opvolger", "derde"))
        office = open_office(folder, [following, me, third])
        teams = FakeTeams()
        outbox = Outbox(
            store=office.store,
            cases=office.cases,
            access=office.access,
            teams=teams,
            wording=WORDING,
            locks=office.desk._locks,
            clock=lambda: office.now,
        )
        found = Story(office, outbox, teams, me, following, third)
        for person in (following, third, me):
            await found.take(person, "hallo")
        yield found
        await office.store.close()


# --- how someone becomes involved ------------------------------------------------------


async def at_the_first_question(story: Story) -> None:
    await story.take(story.me, "nieuw")
    [entry] = await story.office.store.entries(story.me.id)
    story.case = entry.id
    await story.take(story.me, "2")
    await story.involved()


async def by_changing_the_answer(story: Story) -> None:
    await story.play(standing("holder", "weighing", ""), of_others=False)
    for text in ("verder", "advies", "overzicht", "waarom 5", "afwijken", "afwijken 1", "onderwerp"):
        await story.take(story.me, text)
    await story.say_involved()


async def with_the_card_previewed(story: Story) -> None:
    await story.play(standing("holder", "weighing", ""), of_others=False)
    assert "VERTROUWELIJK" in await story.take(story.me, "voorbeeld")
    await story.say_involved()


async def with_the_card_owed_and_posted(story: Story) -> None:
    await story.play(standing("holder", "weighing", ""), of_others=False)
    await story.take(story.me, "voorbeeld")
    reply = await story.office.take(Visitor(story.me), "plaats")
    assert "onderweg" in words(reply)
    # It is owed: now nothing is changed; as soon as it stands there, it can be.
    assert "niet" in words(await story.office.take(Visitor(story.me), "wijzig 1"))
    await story.outbox.work_once()
    await story.say_involved()


async def after_taking_over_from_who_was_involved(story: Story) -> None:
    await story.play(standing("receiver", "offered", ""), of_others=True)
    await story.take(story.me, "overnemen")
    assert CANARY in await story.take(story.me, "overzicht")
    await story.take(story.me, "herhaal")
    await story.take(story.me, "2")
    await story.involved()


async def after_taking_over_without_a_card(story: Story) -> None:
    await story.play(standing("holder", "offered", ""), of_others=False)
    await story.take(story.third, "overnemen")
    story.me, story.third = story.third, story.me
    story.forbidden = (*story.forbidden, CANARY)
    await story.take(story.me, "advies")
    assert CANARY in await story.take(story.me, "overzicht")
    await story.say_involved()


async def while_it_is_offered(story: Story) -> None:
    await after_taking_over_from_who_was_involved(story)
    await story.take(story.me, "overdragen 1")
    await story.involved()


async def when_another_took_it_over(story: Story) -> None:
    await by_changing_the_answer(story)
    assert "aangeboden" in await story.take(story.me, "overdragen 1")
    await story.take(story.next, "overnemen")
    await _write(story, story.next)
    await story.involved()


async def when_the_next_is_involved_too(story: Story) -> None:
    await when_another_took_it_over(story)
    await story.take(story.next, "wijzig 1")
    await story.take(story.next, "2")
    shown = await story.take(story.next, "overdragen")
    assert story.third.name in shown
    assert story.me.name not in shown
    await story.take(story.next, "overdragen 1")
    await story.take(story.third, "overnemen")
    await _write(story, story.third)
    await story.involved()


async def when_nobody_is_left(story: Story) -> None:
    await when_the_next_is_involved_too(story)
    await story.take(story.third, "wijzig 1")
    await story.take(story.third, "2")
    assert "Vraag de beheerder" in await story.take(story.third, "overdragen")
    # The last one cannot press it on somebody who is out of it, either.
    context = f"hand_over:{story.me.id},{story.next.id}"
    handle = await story.office.give_card(Visitor(story.third), context, story.case)
    for answer in ("1", "2"):
        before = await story.events()
        await story.take(story.third, {"verb": "finish", "answer": answer, "handle": handle})
        assert await story.events() == before


async def on_the_card_as_a_member(story: Story) -> None:
    await story.play(standing("outside", "posted", ""), of_others=True)
    for verb in ("card", "decide", "dissent", "involved"):
        await story.press_card(story.me, verb)
    await story.say_involved_on_the_card()


async def on_the_card_as_its_holder(story: Story) -> None:
    await story.play(standing("holder", "posted", ""), of_others=False)
    await story.take(story.me, "advies")
    await story.say_involved_on_the_card()
    assert await story.phase() == "offered"


async def on_the_card_as_who_had_the_case(story: Story) -> None:
    await story.play(standing("former", "asking", "decide"), of_others=False)
    await story.say_involved_on_the_card()
    story.forbidden = (*story.forbidden, CANARY)


async def on_the_card_as_who_was_asked_to_take_over(story: Story) -> None:
    await story.play(standing("receiver", "offered", "decide"), of_others=True)
    assert NUMBER in await story.take(story.me, "verder")
    await story.say_involved_on_the_card()


async def on_the_card_after_which_another_has_the_case(story: Story) -> None:
    await on_the_card_as_its_holder(story)
    [heir] = [one for one in (story.next, story.third) if (await story._entry()).offered_to == one.id]
    await story.take(heir, "overnemen")
    await _write(story, heir)
    await story.involved()


async def _write(story: Story, person: Person) -> None:
    """Let the new assessor answer the first question for themselves, and put in words of their own."""
    await story.take(person, "1")
    await story.take(person, f"wijzig {DESCRIPTION}")
    await story.take(person, THEIR_CANARY)
    assert THEIR_CANARY in await story.take(person, "overzicht")
    story.forbidden = (*story.forbidden, THEIR_CANARY)


SITUATIONS = (
    at_the_first_question,
    by_changing_the_answer,
    with_the_card_previewed,
    with_the_card_owed_and_posted,
    after_taking_over_from_who_was_involved,
    after_taking_over_without_a_card,
    while_it_is_offered,
    when_another_took_it_over,
    when_the_next_is_involved_too,
    when_nobody_is_left,
    on_the_card_as_a_member,
    on_the_card_as_its_holder,
    on_the_card_as_who_had_the_case,
    on_the_card_as_who_was_asked_to_take_over,
    on_the_card_after_which_another_has_the_case,
)
