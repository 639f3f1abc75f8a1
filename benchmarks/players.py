"""Who talks to a server: what they say next, and whether the answer to it is right."""

import json
import random
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.connector import Connector, activity

QUESTIONS = 12


class WrongReply(Exception):
    """A reply was wrong, missing, late or double: the run counts for nothing."""


class Player(Protocol):
    """One person in one private chat."""

    user: str

    def next(self) -> dict[str, Any]:
        """Give the activity to deliver now."""
        ...

    def hear(self, status: int, body: bytes, message: Any) -> None:
        """Check the answer to the last activity and the message that came with it; raises WrongReply."""
        ...

    @property
    def awaits_word(self) -> bool:
        """Tell whether the bot will say something of itself before the next turn."""
        ...

    def hear_word(self, message: Any) -> None:
        """Take what the bot said of itself; raises WrongReply when it was not awaited."""
        ...


@dataclass
class _Anchored:
    """What the players of anchors share: they type, and hear a text."""

    teams: Connector
    user: str
    said: int = 0
    text: str = ""

    def next(self) -> dict[str, Any]:
        """Give the next words, which were never said before."""
        self.said += 1
        self.text = f"{self.user} zegt {self.said}"
        return activity(self.teams, self.user, self.said, text=self.text, textFormat="plain")

    def _expect(self, status: int, message: Any, text: str) -> None:
        if status >= 300 or message.get("text") != text:
            raise WrongReply(f"{self.user}: said {self.text!r}, heard {status} {message.get('text')!r}, not {text!r}")

    @property
    def awaits_word(self) -> bool:
        """Tell that anchors say nothing of themselves."""
        return False

    def hear_word(self, message: Any) -> None:
        """Refuse what nobody asked for."""
        raise WrongReply(f"{self.user}: heard {message.get('text')!r}, and asked nothing")


class EchoPlayer(_Anchored):
    """Wants to hear the same."""

    def hear(self, status: int, body: bytes, message: Any) -> None:
        """Check the echo."""
        self._expect(status, message, f"Echo: {self.text}")


class WaterfallPlayer(_Anchored):
    """Answers twelve questions, again and again, and wants all answers back."""

    def __init__(self, teams: Connector, user: str) -> None:
        super().__init__(teams, user)
        self._given: list[str] = []
        self._asked = 0

    def hear(self, status: int, body: bytes, message: Any) -> None:
        """Check that the next question comes, and at the end the sum."""
        if self._asked:
            self._given.append(self.text)
        if len(self._given) == QUESTIONS:
            self._expect(status, message, f"Klaar: {json.dumps(self._given)}")
            self._given, self._asked = [], 0
            return
        self._asked += 1
        self._expect(status, message, f"Vraag {self._asked} van {QUESTIONS}?")


def chance_of(seed: int, user: str) -> random.Random:
    """Give a person's own draws, the same in every run with the seed."""
    return random.Random(f"{seed} {user}")  # noqa: S311  # which answer is given needs no secret
