"""People who answer, press again, press old cards and go on, and remember what they were told.

Every answer carries a word of its own as its remark, so that it can be found again in the transcript.
"""

import asyncio
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.trust.crash.cards import View, is_later, view
from tests.trust.crash.teams import FlakyTeams, card_in

# `one of`: this answer or an earlier one on the same card is in; a second delivery says where the case stands.
OK, ONE_OF, FAILED, UNKNOWN = "ok", "one of", "fail", "unknown"

# A whole case in which a card may be posted; what is not here is skipped.
ANSWERS = {
    "eigen_betrokkenheid": "nee",
    "spoed": "nee",
    "bekend_sinds": "gisteren 14:30",
    "lek_status": "vastgesteld",
    "omschrijving": "Citaat uit een directienota in de krant.",
    "informatiesoort": "vertrouwelijk_intern",
    "persoonsgegevens": "nee",
    "ontvanger": "media",
    "verspreiding": "gepubliceerd",
    "oorzaak": "bewust_vermoed",
    "mogelijke_bron": "geen_aanwijzing",
    "klokkenluider": "nee",
    "schade": "beperkt",
    "strafbaar_vermoeden": "niet_getoetst",
    "onderzoek_wens": "proces",
    "al_gedaan": "niets",
    "raad_betrokken": "vragen_of_toezegging",
}
_NEW_FACT = "wijzig 18"
_UNDER_WAY = 0.03


Answer = tuple[int, Any] | None


@dataclass
class Told:
    """One thing that a person did, when, and what came of it as far as they know.

    `answers` are the statuses of the deliveries, 0 for none; `said` is each message meanwhile, a card in short.
    """

    word: str
    kind: str
    person: str
    begun: int
    ended: int = 0
    outcome: str = UNKNOWN
    question: str = ""
    handle: str = ""
    number: str = ""
    saw: str = ""
    said: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    body: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass
class World:
    """What the people share: the bot's address, Teams, one order of moments, and what everyone was told."""

    teams: FlakyTeams
    session: aiohttp.ClientSession
    address: str
    chance: random.Random
    up: asyncio.Event = field(default_factory=asyncio.Event)
    moments: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    history: list[Told] = field(default_factory=list)
    again: int = 0
    delivered: int = 0

    async def deliver(self, body: dict[str, Any]) -> Answer:
        """Deliver an activity; give status and body of the answer, or None when there was none."""
        self.delivered += 1
        try:
            async with self.session.post(f"{self.address}/api/messages", json=body) as response:
                is_json = response.content_type == "application/json"
                return response.status, await response.json() if is_json else None
        except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError):
            # What a bot that died had handed over still arrives, and belongs to this delivery, not to the next.
            await asyncio.sleep(_UNDER_WAY)
            return None


@dataclass
class Person:
    """Someone with a case."""

    world: World
    user: str
    versions: int = 0
    left: Told | None = None
    old: list[View] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    # By case and question, since it was asked: of several presses one is the answer.
    pressed: dict[tuple[str, str], list[Told]] = field(default_factory=dict)

    async def live(self) -> None:
        """Go on until cancelled, whenever the bot is there."""
        while True:
            await self.world.up.wait()
            await self.step()

    async def steps(self, count: int) -> None:
        """Do some things, one after the other."""
        for _ in range(count):
            await self.step()

    async def step(self) -> None:
        """Do one thing."""
        if self.left is not None:
            await self._after_silence(self.left)
        else:
            await self._step()

    def sees(self) -> View:
        """Give the newest card of the chat."""
        cards = (card_in(message) for message in reversed(self.world.teams.chats[f"chat-{self.user}"]))
        return view(next((card for card in cards if card is not None), None))

    async def _step(self) -> None:
        seen, chance = self.sees(), self.world.chance
        if seen.kind == "question":
            if self.old and chance.random() < 0.05:
                await self._press_answer(chance.choice(self.old), is_old=True)
            await self._press_answer(seen)
        elif seen.kind == "advice":
            verb = "preview" if self._has(seen, "preview") else "subject"
            await self._press(seen, verb, {})
        elif seen.kind == "subject":
            await self._press(seen, "subject", {"answer": "1"})
        elif seen.kind == "preview":
            await self._press(seen, "post", {})
        elif seen.kind == "posted" and self.versions < 2:
            self.versions += 1
            self.pressed.clear()
            await self.type(_NEW_FACT)
        else:
            await self._begin_or_wait(seen)

    async def _begin_or_wait(self, seen: View) -> None:
        if seen.kind == "posting":
            await asyncio.sleep(0.02)
        is_new = seen.kind == "posted" or (seen.kind in ("nothing", "posting") and self.world.chance.random() < 0.5)
        if is_new:
            self.versions = 0
        await self.type("nieuw" if is_new or seen.kind == "nothing" else "verder")

    def _has_doubt(self, told: Told) -> bool:
        """Tell whether an earlier press may be the answer that what is shown comes from, on this card or another."""
        earlier = self.pressed.get((told.number, told.question), ())
        return any(one.outcome != FAILED for one in earlier if one is not told)

    def _has(self, seen: View, verb: str) -> bool:
        return f"'verb': '{verb}'" in str(seen.card)

    # --- one thing ---------------------------------------------------------------------

    async def _press_answer(self, seen: View, *, is_old: bool = False) -> None:
        answer = ANSWERS.get(seen.about)
        verb = "skip" if answer is None else "answer"
        told = self._tell("old" if is_old else verb)
        told.question, told.handle, told.number = seen.about, seen.handle, seen.number
        if not is_old:
            # Asked again after a kill it stands on another card, and either of the two presses counts.
            same = self.pressed.setdefault((told.number, told.question), [])
            same.append(told)
            told.handle = same[0].handle
        data = {"verb": verb, "handle": seen.handle, "note": told.word}
        await self._do(told, self._pressed(told, data if answer is None else {**data, "answer": answer}))
        if told.outcome == OK:
            self.old.append(seen)
            del self.old[:-5]

    async def _press(self, seen: View, verb: str, more: dict[str, str]) -> None:
        told = self._tell(verb)
        told.number = seen.number
        await self._do(told, self._pressed(told, {"verb": verb, "handle": seen.handle, **more}))

    async def type(self, text: str) -> None:
        """Type a text."""
        told = self._tell("text")
        await self._do(told, self.world.teams.activity(self.user, told.word, text=text, textFormat="plain"))

    def _tell(self, kind: str) -> Told:
        begun = next(self.world.moments)
        told = Told(f"w{begun:07d}", kind, self.user, begun)
        self.world.history.append(told)
        return told

    def _pressed(self, told: Told, data: dict[str, str]) -> dict[str, Any]:
        """Give a press as either kind of button sends it."""
        activity = self.world.teams.activity
        if self.world.chance.random() < 0.5:
            return activity(self.user, told.word, value=data)
        action = {"type": "Action.Execute", "verb": data["verb"], "data": data}
        value = {"action": action}
        return activity(self.user, told.word, type="invoke", name="adaptiveCard/action", value=value)

    # --- what came of it ---------------------------------------------------------------

    async def _do(self, told: Told, body: dict[str, Any]) -> None:
        """Deliver it, in one of ten cases twice at once, and hear."""
        told.body = body
        chat = self.world.teams.chats[f"chat-{self.user}"]
        before = len(chat)
        if self.world.chance.random() < 0.1:
            self.world.again += 1
            answers = await asyncio.gather(self.world.deliver(body), self.world.deliver(body))
        else:
            answers = [await self.world.deliver(body)]
        told.answers = [answer[0] if answer else 0 for answer in answers]
        told.said = [_in_short(message) for message in chat[before:]]
        self._hear(told, _plainest(answers), [card_in(message) for message in chat[before:]])
        if told.outcome == UNKNOWN and told.kind != "old":
            self.left = told
        elif self.taken and self.world.chance.random() < 0.05:
            # Teams delivers again what was answered long ago.
            self.world.again += 1
            await self.world.deliver(self.world.chance.choice(self.taken[-20:]))
        if told.outcome == OK:
            self.taken.append(body)

    def _hear(self, told: Told, answer: Answer, new: list[Any]) -> None:
        """Take as said what the answer or a new card says."""
        if _is_replaced(answer):
            told.outcome = OK
        elif further := further_of(told, new):
            told.saw = further[-1].about or further[-1].kind
            # Who heard all of one answer to one delivery would have heard that the card is past.
            is_whole = len(told.answers) == 1 and 200 <= told.answers[0] < 300
            told.outcome = ONE_OF if self._has_doubt(told) and not is_whole else OK
        elif answer is not None and answer[0] < 300:
            told.outcome = FAILED
        told.ended = next(self.world.moments)

    async def _after_silence(self, told: Told) -> None:
        """Deliver again as Teams does, or do what a person does: press again, or ask where they were."""
        self.left = None
        choice = self.world.chance.random()
        if choice < 0.5:
            await self._deliver_again(told)
        elif choice < 0.7:
            await self.type("verder")

    async def _deliver_again(self, told: Told) -> None:
        chat = self.world.teams.chats[f"chat-{self.user}"]
        before, self.world.again = len(chat), self.world.again + 1
        answer = await self.world.deliver(told.body)
        told.answers.append(answer[0] if answer else 0)
        told.said += [_in_short(message) for message in chat[before:]]
        new = [card_in(message) for message in chat[before:]]
        # Where the case stands tells whether the answer is in: nothing else happened in this chat meanwhile.
        if _is_replaced(answer):
            told.outcome = OK
        elif further_of(told, new):
            told.outcome = ONE_OF if self._has_doubt(told) else OK
        elif answer is None or answer[0] >= 500:
            self.left = told
        told.ended = next(self.world.moments)


def further_of(told: Told, new: Sequence[Any]) -> list[View]:
    """Give what of new cards shows that an answer was taken; nothing where one says that what was pressed is past.

    Word that was owed can come beside that one, and show what an earlier answer led to.
    """
    seen = [view(card) for card in new]
    return [] if any(one.kind == "past" for one in seen) else [one for one in seen if is_further(told, one)]


def is_further(told: Told, seen: View) -> bool:
    """Tell whether a card shows that an answer was taken: it is about what comes after it, in the same case.

    Word of another case can come in between, of its own card in the channel.
    """
    if seen.number != told.number:
        return False
    if told.kind in ("answer", "skip"):
        # An earlier question is of a card that was under way when the bot was killed: it says nothing of this answer.
        return seen.kind == "advice" or (seen.kind == "question" and is_later(seen.about, told.question))
    return told.kind == "post" and seen.kind in ("posting", "posted")


def _in_short(message: Mapping[str, Any]) -> str:
    """Give the text of a message, or what its card is."""
    seen = view(card_in(message))
    return message.get("text", "") or " ".join((seen.kind, seen.about, seen.number, seen.handle))


def _is_replaced(answer: Answer) -> bool:
    """Tell whether the pressed card was put in its answered form."""
    if answer is None or answer[0] != 200 or not isinstance(answer[1], dict):
        return False
    return str(answer[1].get("type", "")).endswith("card.adaptive")


def _plainest(answers: Sequence[Answer]) -> Answer:
    """Give which of two answers to one activity says most: that it was taken, then that it failed."""
    taken = [answer for answer in answers if _is_replaced(answer)]
    silent = [answer for answer in answers if answer is None or answer[0] >= 500]
    return (taken or silent or answers)[0]


async def all_of(people: list[Person], world: World) -> None:
    """Let everyone live until cancelled."""
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*(person.live() for person in people))
