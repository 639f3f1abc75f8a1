"""E7: presses on cards that are forged, another's, old or repeated: nothing happens, and nobody learns anything."""

import json
import re
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.rates import UNLIMITED
from tests.bot.room import actions_in, data_of
from tests.trust import report
from tests.trust.door import ANJA, BRAM, CHANTAL, FATIMA, Town, fresh_id, town

VERBS = (
    "new", "resume", "choose_case", "answer", "unknown", "skip", "back", "why", "overview", "change", "deviate",
    "subject", "preview", "post", "finish", "pause", "stop", "help", "language", "accept", "hand_over", "withdraw",
    "advice",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, [], {}, ["nee"], {"x": 1}, "", " ", "\u202e", "x" * 30_000, "²",
)  # fmt: skip
ANSWERS = ("niet-bestaand", "ja,nee,x", "onbekend;drop", "-1", "999", "ja_ikzelf,nee", "🂡", "NEE?", "%")
NOT_ON_THIS_CARD = ("answer", "deviate", "subject", "post", "preview", "finish", "accept", "choose_case", "x")
ADDED = ("case", "case_id", "number", "role", "actor", "person", "question", "seq", "version", "state", "user")
HOSTILE = (
    "", "x", "0" * 22, "../", "'; DROP TABLE handle; --", "%00", "\u0000", "é", "x" * 129, "x" * 128, "None", "null",
    "__proto__", "${handle}", "{{handle}}",
)  # fmt: skip
FRESH = re.compile(r'"handle": "[A-Za-z0-9_-]{22}"')
CONTENT = ("cases", "event", "outbox", "card", "keeping", "certificate")


@dataclass
class Table:
    """Two cases of two people, the cards they were shown, and all presses that were good once."""

    town: Town
    chance: Random
    cards: dict[str, list[Any]] = field(default_factory=dict)
    pressed: list[dict[str, Any]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    async def deal(self) -> None:
        """Open a case for each, answer some questions, and keep every card and press."""
        for user, first in ((ANJA, "nee"), (BRAM, "nee")):
            self.cards[user] = [await self.town.type(user, "nieuw")]
            for answer in (first, *("onbekend",) * 2):
                card = self.cards[user][-1]
                await self.town.press(user, card, "answer", answer=_an_answer(card, answer))
                self.pressed.append(self.town.delivered[-1])
                self.cards[user].append(self.town.last(user))
            # The open question is one of choosing: of a text, whatever is typed would be an answer.
            assert _an_answer(self.cards[user][-1], "")
            assert len({_handle(card) for card in self.cards[user]}) == 4

    def current(self, user: str) -> dict[str, Any]:
        """Give what a good press of the open question would send."""
        return {**data_of(self.cards[user][-1], "answer"), "answer": _an_answer(self.cards[user][-1], "nee")}

    def press(self, user: str, data: Any, **more: Any) -> dict[str, Any]:
        """Give a press as Submit or Execute, as Teams would deliver it."""
        if self.chance.random() < 0.5:
            return self.town.activity(user, id=fresh_id(), value=data, **more)
        value = {"action": {"type": "Action.Execute", "verb": "answer", "data": data}}
        return self.town.activity(user, id=fresh_id(), type="invoke", name="adaptiveCard/action", value=value, **more)


def _handle(card: Any) -> str:
    return str(next(action["data"]["handle"] for action in actions_in(card) if "handle" in action.get("data", {})))


def _an_answer(card: Any, wanted: str) -> str:
    """Give the wanted answer when the card has it, else the first that it has."""
    offered = [action["data"]["answer"] for action in actions_in(card) if "answer" in action.get("data", {})]
    return wanted if wanted in offered or not offered else str(offered[0])


# --- the attacks: each gives a delivery that must not change anything -------------------


def forged(table: Table) -> dict[str, Any]:
    """Give a handle that was never issued."""
    handle = table.chance.choice((*HOSTILE, *[f"{table.chance.getrandbits(128):022x}"] * 20))
    return table.press(ANJA, {**table.current(ANJA), "handle": handle, "verb": table.chance.choice(VERBS)})


def nearly(table: Table) -> dict[str, Any]:
    """Give a good handle with one character changed, taken away or put behind."""
    data = table.current(ANJA)
    handle, at = data["handle"], table.chance.randrange(len(data["handle"]))
    other = "A" if handle[at] != "A" else "B"
    swapped = f"{handle[:at]}{other}{handle[at + 1 :]}"
    changed = (swapped, handle[:at], f"{handle}{other}", handle.swapcase(), f" {handle}")
    return table.press(ANJA, {**data, "handle": table.chance.choice(changed)})


def anothers(table: Table) -> dict[str, Any]:
    """Press another's card, in one's own chat: with a case of one's own, without one, and as nobody."""
    who, whose = table.chance.choice(((ANJA, BRAM), (BRAM, ANJA), (CHANTAL, ANJA), (CHANTAL, BRAM), (FATIMA, ANJA)))
    card = table.chance.choice(table.cards[whose])
    return table.press(who, {"verb": table.chance.choice(VERBS), "handle": _handle(card), "answer": "nee"})


def elsewhere(table: Table) -> dict[str, Any]:
    """Press one's own card in another private chat, as whoever knows the handle could pretend."""
    chat = f"chat-{table.chance.choice(('user-id-1', 'x', 'user-id-0;messageid=1', 'USER-ID-0'))}"
    place = {**table.town.activity(ANJA)["conversation"], "id": chat}
    return table.press(ANJA, table.current(ANJA), conversation=place)


def before_others(table: Table) -> dict[str, Any]:
    """Press one's own card in a group or channel."""
    kind = table.chance.choice(("groupChat", "channel", "meeting", ""))
    place = {**table.town.activity(ANJA)["conversation"], "conversationType": kind}
    return table.press(ANJA, table.current(ANJA), conversation=place)


def replayed(table: Table) -> dict[str, Any]:
    """Deliver a press that was taken once more, with its own id or half a minute later with a new one."""
    again = deepcopy(table.chance.choice(table.pressed))
    return again if table.chance.random() < 0.5 else {**again, "id": fresh_id()}


def old(table: Table) -> dict[str, Any]:
    """Press an answered card, with another answer than it was given."""
    user = table.chance.choice((ANJA, BRAM))
    card = table.chance.choice(table.cards[user][:-1])
    verb = table.chance.choice(("answer", "unknown", "skip", "back", "deviate", "subject", "post"))
    return table.press(
        user, {"verb": verb, "handle": _handle(card), "answer": table.chance.choice(("ja", "ja_ikzelf", "nee"))}
    )


def extra(table: Table) -> dict[str, Any]:
    """Press an answered card with what a client could add: a case, a role, a person, a question, a state."""
    more = {key: table.chance.choice((1, "x", True, [], {}, "decider", None)) for key in table.chance.sample(ADDED, 3)}
    card = table.chance.choice(table.cards[ANJA][:-1])
    return table.press(ANJA, {"verb": "answer", "handle": _handle(card), "answer": "nee", **more})


def mistyped(table: Table) -> dict[str, Any]:
    """Give the open card's press with a wrong type or an impossible answer in one place."""
    data = table.current(ANJA)
    key = table.chance.choice(("verb", "handle", "answer"))
    value = table.chance.choice(ODD)
    return table.press(ANJA, {**data, key: value} if table.chance.random() < 0.9 else value or {"verb": 1})


def unoffered(table: Table) -> dict[str, Any]:
    """Answer the open question with what it does not offer, or press verbs that its card does not have."""
    answer, verb = table.chance.choice(ANSWERS), table.chance.choice(NOT_ON_THIS_CARD)
    return table.press(ANJA, {**table.current(ANJA), "verb": verb, "answer": answer})


ATTACKS = (
    forged, nearly, anothers, elsewhere, before_others, replayed, old, extra, mistyped, unoffered,
)  # fmt: skip


async def press_at_random(table: Table, tried: int) -> None:
    here = table.town
    for number in range(tried):
        attack = table.chance.choice(ATTACKS)
        before = _content(here)
        body = attack(table)
        status, answer = await here.deliver(body)
        assert status == 200, (attack.__name__, status, answer)
        assert _content(here) == before, (attack.__name__, number, json.dumps(body))
        table.kinds[attack.__name__] += 1
        here.delivered.clear()
        here.teams.calls.clear()


def _content(here: Town) -> tuple[Any, ...]:
    """Give all that is kept of cases, to the byte."""
    db = here.opened[-1]._db
    return tuple(tuple(db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()) for table in CONTENT)


# --- what an answer tells ----------------------------------------------------------------


async def says_the_same_of_none_and_not_yours(table: Table) -> int:
    """Press, as someone without a case and as someone with one, cards that never were and cards of others."""
    pairs = ((CHANTAL, ANJA), (CHANTAL, BRAM), (ANJA, BRAM), (BRAM, ANJA))
    compared = list(product(pairs, VERBS, (False, True)))
    for (who, whose), verb, is_invoke in compared:
        heard = {await _heard(table, who, handle, verb, is_invoke) for handle in _handles(table, whose)}
        assert len(heard) == 1, (verb, *heard)
    return len(compared)


def _handles(table: Table, whose: str) -> list[str]:
    """Give a handle that never was, and those of another's first, answered and open card."""
    never = f"{table.chance.getrandbits(128):022x}"
    return [never, *(_handle(table.cards[whose][number]) for number in (0, 2, -1))]


async def _heard(table: Table, who: str, handle: str, verb: str, is_invoke: bool) -> bytes:
    """Give every byte that the presser gets: the HTTP answer, and the messages in the chat."""
    here = table.town
    data = {"verb": verb, "handle": handle, "answer": "nee"}
    body = here.activity(who, id=fresh_id(), value=data)
    if is_invoke:
        value = {"action": {"type": "Action.Execute", "verb": verb, "data": data}}
        body = {**body, "type": "invoke", "name": "adaptiveCard/action", "value": value}
    here.teams.calls.clear()
    status, answer = await here.deliver(body)
    said = [(call.method, call.path, call.body) for call in here.teams.calls if call.method != "GET"]
    # The answer's own buttons have a fresh handle each time: as long as any other, and random.
    return FRESH.sub('"handle": "fresh"', json.dumps([status, answer, said])).encode()


async def test_no_press_that_is_not_ones_own_open_card_has_an_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An attacker with all the time of the world: else most presses would only meet the limit for each person.
    monkeypatch.setattr("bot.app.PRODUCTION", UNLIMITED)
    async with town(tmp_path, monkeypatch) as here:
        table = Table(here, Random(report.SEED))
        await table.deal()
        tried = report.figure(2_000, 100_000)
        await press_at_random(table, tried)
        compared = await says_the_same_of_none_and_not_yours(table)
        # The open cards are still the open ones: all that was refused took nothing from them.
        for user in (ANJA, BRAM):
            before = here.rows(("event",))
            await here.press(user, table.cards[user][-1], "answer", answer=_an_answer(table.cards[user][-1], "nee"))
            assert here.rows(("event",)) > before
    assert set(table.kinds) == {attack.__name__ for attack in ATTACKS}
    report.say(
        "E7",
        f"{tried} forged, foreign, old and repeated presses: 0 effects;"
        f" {compared} times 'not yours' is byte for byte 'does not exist'",
    )
