"""A person who changes one answer of one case to and fro: turns that are alike, however long the case is."""

from dataclasses import dataclass
from typing import Any

from benchmarks.cards import Card, read_card
from benchmarks.connector import Connector, activity
from benchmarks.players import WrongReply

_CHANGE = "wijzig 2"
_ANSWERS = ("onbekend", "nee")


@dataclass
class Reviser:
    """Asks for the second question again, answers it, and asks again."""

    teams: Connector
    user: str
    turns: int = 0
    card: Card | None = None
    heading: str = ""
    awaits_word: bool = False

    def next(self) -> dict[str, Any]:
        """Give the next activity."""
        self.turns += 1
        if self.card is None:
            return activity(self.teams, self.user, self.turns, text=_CHANGE, textFormat="plain")
        button = self.card.button("answer", _ANSWERS[self.turns // 2 % 2])
        if button is None:
            raise WrongReply(f"{self.user}: the question cannot be answered: {self.card.texts[:3]}")
        action = {"type": "Action.Execute", "verb": "answer", "data": button.data}
        more = {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": action}}
        return activity(self.teams, self.user, self.turns, **more)

    def hear(self, status: int, body: bytes, message: Any) -> None:
        """Check that the question comes when it was asked for, and another one after its answer."""
        card = read_card(message)
        if status >= 300 or card is None or card.kind != "question":
            raise WrongReply(f"{self.user}: heard {status} {card.texts[:3] if card else message.get('text')!r}")
        self.heading = self.heading or card.headings[0]
        is_asked = self.card is None
        if (card.headings[0] == self.heading) is not is_asked:
            raise WrongReply(f"{self.user}: is asked {card.headings[0]!r} now")
        self.card = card if is_asked else None

    def hear_word(self, message: Any) -> None:
        """Refuse what nobody asked for."""
        raise WrongReply(f"{self.user}: heard {str(message)[:200]}, and asked nothing")
