"""A person who weighs whole cases with the bot, at random, by reading its cards."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.cards import Button, Card, read, read_card
from benchmarks.connector import Connector, activity
from benchmarks.players import WrongReply

# What may come after what was done, beside the same again.
_ONWARD = {"question", "advice", "involved"}
_FOLLOWS: dict[str, set[str]] = {
    "begin": {"question"},
    "answer": _ONWARD,
    "skip": _ONWARD,
    "unknown": _ONWARD,
    "why": {"under way"},
    "back": {"question"},
    "resume": _ONWARD | {"preview", "subject", "posted", "under way"},
    "overview": {"overview", "under way"},
    "change": {"question"},
    "subject": {"subject", "preview"},
    "preview": {"preview"},
    "post": {"under way", "posted"},
    "finish": {"closed"},
    "stop": {"closed"},
}
_REPLACED = frozenset({"answer", "skip", "unknown"})
_WHY, _BACK, _UNKNOWN = 0.03, 0.05, 0.5


@dataclass
class Assessor:
    """Weighs one case after the other; what stands on the newest card decides what can be done."""

    teams: Connector
    user: str
    chance: random.Random
    turns: int = 0
    cases: int = 0
    card: Card = field(default_factory=Card)
    done: str = ""
    pressed: Button | None = None
    asked: Card | None = None
    label: str = ""
    # Of the case that is open: what was answered, by the question's words.
    given: dict[str, str] = field(default_factory=dict)
    looked: bool = False
    # A case of this person is open already.
    resumes: bool = False
    awaits_word: bool = False

    def next(self) -> dict[str, Any]:
        """Give the next activity."""
        self.turns += 1
        step: Callable[[], dict[str, Any]] = getattr(self, f"_at_{self.card.kind.replace(' ', '_')}", self._begin)
        return step()

    # --- what is done ------------------------------------------------------------------

    def _begin(self) -> dict[str, Any]:
        if self.resumes:
            self.resumes = False
            return self._type("resume", "verder")
        self.given, self.looked = {}, False
        self.cases += 1
        return self._type("begin", "nieuw")

    def _at_question(self) -> dict[str, Any]:
        draw = self.chance.random()
        if draw < _WHY:
            return self._press("why")
        if draw < _BACK and self.card.button("back"):
            return self._press("back")
        # An answer that stands is kept: another one may make others lapse.
        if self.card.button("skip") and (self._heading() in self.given or self.chance.random() < 0.2):
            return self._press("skip")
        if self.card.button("unknown") and self.chance.random() < _UNKNOWN:
            return self._press("unknown")
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        choices = [one for one in self.card.buttons if one.verb == "answer" and one.answer is not None]
        if choices:
            button = self.chance.choice(choices)
            self.label = button.says.partition(": ")[2]
            return self._send(button, {})
        send, entry = self.card.button("answer"), next(one for one in self.card.fields if one.name == "answer")
        if send is None:
            raise WrongReply(f"{self.user}: a question that cannot be answered")
        if entry.options:
            value, words = self.chance.choice(entry.options)
            self.label = words.partition(" · ")[2]
        else:
            value = entry.hint or f"Feit {self.chance.randrange(10**6)} van {self.user}."
            # A moment is shown otherwise than it was typed.
            self.label = "" if entry.hint else value
        return self._send(send, {"answer": value})

    def _at_involved(self) -> dict[str, Any]:
        self.given.clear()
        return self._press("change")

    def _at_advice(self) -> dict[str, Any]:
        if not self.looked:
            self.looked = True
            return self._press("overview")
        for verb in ("subject", "preview"):
            if self.card.button(verb):
                return self._press(verb)
        # A case without a card is finished; one that another must end is broken off.
        finish = next((one for one in self.card.buttons if one.verb == "finish" and one.answer is None), None)
        return self._press("finish") if finish else self._type("stop", "stop ja")

    def _at_overview(self) -> dict[str, Any]:
        return self._press("resume")

    _at_under_way = _at_overview

    def _at_subject(self) -> dict[str, Any]:
        choices = [one for one in self.card.buttons if one.answer is not None]
        return self._send(self.chance.choice(choices), {})

    def _at_preview(self) -> dict[str, Any]:
        return self._press("post")

    def _at_posted(self) -> dict[str, Any]:
        return self._press("finish")

    def _press(self, verb: str) -> dict[str, Any]:
        button = self.card.button(verb)
        if button is None:
            raise WrongReply(f"{self.user}: no button {verb!r} on a card with {sorted(self.card.verbs)}")
        self.label = ""
        return self._send(button, {})

    def _send(self, button: Button, filled: dict[str, str]) -> dict[str, Any]:
        self.done, self.pressed, self.asked = button.verb, button, self.card
        data = {**button.data, **(filled if button.takes_inputs else {})}
        if not button.is_execute:
            return activity(self.teams, self.user, self.turns, value=data)
        action = {"type": "Action.Execute", "verb": button.verb, "data": data}
        more = {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": action}}
        return activity(self.teams, self.user, self.turns, **more)

    def _type(self, done: str, text: str) -> dict[str, Any]:
        self.done, self.pressed, self.asked = done, None, self.card
        return activity(self.teams, self.user, self.turns, text=text, textFormat="plain")

    # --- what comes of it --------------------------------------------------------------

    def hear(self, status: int, body: bytes, message: Any) -> None:
        """Check the answer and the new card, and look at the card."""
        card = read_card(message)
        if status >= 300 or card is None:
            raise self._wrong(f"heard {status} {message.get('text')!r}")
        if card.kind not in _FOLLOWS[self.done]:
            raise self._wrong(f"came to {card.kind!r}: {card.texts[:3]}")
        if card.handle == self.card.handle:
            raise self._wrong("heard the same card again")
        if self.pressed is not None and self.pressed.is_execute:
            self._check_replaced(body)
        if self.done in _REPLACED:
            self._take_answer(card)
        if self.done == "overview":
            self._check_overview(card)
        self.awaits_word = self.done == "post"
        self.card = card

    def hear_word(self, message: Any) -> None:
        """Take that the card stands in the channel, after which the case can be finished."""
        card = read_card(message)
        # The two may have overtaken each other.
        if not self.awaits_word or card is None or {card.kind, self.card.kind} != {"posted", "under way"}:
            raise self._wrong(f"said of itself {card.texts[:3] if card else message.get('text')!r}")
        self.card = card if card.kind == "posted" else self.card
        self.awaits_word = False

    def _heading(self) -> str:
        return self.card.headings[0] if self.card.headings else ""

    def _check_replaced(self, body: bytes) -> None:
        """Check that the pressed card was put in its answered form, with what was chosen."""
        answer = json.loads(body) if body else {}
        if answer.get("type") != "application/vnd.microsoft.card.adaptive":
            raise self._wrong(f"was answered {str(answer)[:300]}")
        replaced = read(answer["value"])
        if not replaced.shows(self._heading()) or not replaced.shows(self.label):
            raise self._wrong(f"{self.label!r} is not on the answered card: {replaced.texts}")

    def _take_answer(self, card: Card) -> None:
        if card.kind == "question" and card.headings[0] == self._heading():
            raise self._wrong(f"is asked again: {self._heading()}")
        if self.done == "answer":
            self.given[self._heading()] = self.label

    def _check_overview(self, card: Card) -> None:
        """Check that all that was answered in this case is there."""
        lost = [f"{question} {label}" for question, label in self.given.items() if not _has(card, question, label)]
        if lost:
            raise self._wrong(f"of the case is lost: {lost}")

    def _wrong(self, what: str) -> WrongReply:
        return WrongReply(f"{self.user}, turn {self.turns}, after {self.done!r} on a {self.card.kind!r} card: {what}")


def _has(card: Card, question: str, label: str) -> bool:
    # A mark stands for every way to say that it is not known.
    return any(
        question in asked and (label in answered or answered.startswith("?"))
        for asked, answered in zip(card.texts, card.texts[1:], strict=False)
    )
