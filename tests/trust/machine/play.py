"""Playing people: every turn goes through here, and everything that holds after a turn is checked here."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.ports import Place, Reply, Turn
from dialogs.answers import LONGEST_TEXT
from dialogs.values import Incoming, Outgoing
from tests.trust.machine.checks import actions_of, question_on, words_of
from tests.trust.machine.model import Model
from tests.trust.machine.world import PEOPLE, WORDING, Someone, World, framework

ONCE = {"answer", "unknown", "skip", "back", "deviate", "subject", "post"}
_TURNED_AWAY = {
    WORDING.say(key, language) for key in ("no_access", "access_unknown") for language in ("nl", "en")
}  # fmt: skip
_NOT_STORED = {WORDING.say("not_stored", language) for language in ("nl", "en")}


@dataclass(slots=True)
class Issued:
    """A card that someone got: its actions, the question it puts, and the case when that is sure."""

    owner: Someone
    actions: tuple[Mapping[str, Any], ...]
    question: str | None
    case: str | None
    preview: int | None
    is_used: bool = False

    @property
    def handle(self) -> str:
        """Give the handle of its buttons."""
        return str(self.actions[0]["handle"])


class Play:
    """People and a bot; what was said, what is known, and how much was done."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.world = World(folder)
        self.model = Model()
        self.cards: list[Issued] = []
        self.latest: dict[str, Issued] = {}
        self.turns: list[Turn] = []
        self.answered: set[tuple[str, str]] = set()
        self.taken: set[tuple[str, str]] = set()
        self.marks = 0
        self.is_sound = True
        self.steps = 0

    def end(self) -> None:
        """Check everything once more, unless something was wrong already, and close."""
        if self.is_sound:
            self.check_all()
        self.runner.run(self.world.stop())
        self.runner.close()

    # --- what people do ----------------------------------------------------------------

    def type(self, who: Someone, text: str, place: Place = Place.PERSONAL) -> Reply:
        """Type a text."""
        return self.take(self.world.turn(who, Incoming(text=text), place), who)

    def press(self, who: Someone, card: Issued, data: Mapping[str, Any], expected: Any = None) -> Reply:
        """Press a button, whose ever card it is."""
        incoming = Incoming(
            verb=data["verb"], handle=card.handle, answer=data.get("answer"), note=data.get("note"), locale="nl"
        )
        return self.take(self.world.turn(who, incoming), who, card, expected)

    def welcome(self, who: Someone) -> Reply:
        """Add the bot to a chat (again)."""
        return self.take(self.world.turn(who, Incoming(), welcome=True), who)

    def card_of(self, handle: str) -> Issued | None:
        """Give the card with this handle."""
        return next((card for card in self.cards if card.handle == handle), None)

    def mark(self) -> str:
        """Give a word that nobody wrote before, to be found again where it does not belong."""
        self.marks += 1
        return f"merkwoord-{self.marks:05d}-einde"

    # --- a turn ------------------------------------------------------------------------

    def take(self, turn: Turn, who: Someone, card: Issued | None = None, expected: Any = None) -> Reply:
        """Let a turn be taken, and check all that must hold after it."""
        self.steps += 1
        self.is_sound = False
        reply = self._take(turn, who, card, expected)
        self.is_sound = True
        return reply

    def _take(self, turn: Turn, who: Someone, card: Issued | None, expected: Any) -> Reply:
        # What was turned away, or could not be stored, had no effect yet.
        key = (turn.chat.conversation, turn.activity_id)
        is_new = key not in self.taken
        may_talk = self.world.may_talk(who) and turn.place is Place.PERSONAL
        before, refusals = self.model.places(), self.world.store.refusals
        reply = self.runner.run(self.world.take(turn))
        changed = self._changes(who.id)
        if turn not in self.turns:
            self.turns.append(turn)
        said = [words_of(message) for message in reply.messages]
        if not may_talk:
            assert not changed
            assert len(said) == 1 and said[0] in _TURNED_AWAY, "someone was not turned away"
            return reply
        if refusals and not reply.stored:
            assert not changed
            assert said[0] in _NOT_STORED
            return reply
        self.taken.add(key)
        self._check_effect(turn, card, changed, is_new=is_new)
        self._check_acknowledged(reply, changed, expected)
        assert said or key in self.answered, "silence"
        self.answered.add(key)
        for words in said:
            self.model.check_seen(who.id, words, before, is_decider="decider" in self.world.roles[who.key])
        self._keep_cards(who, reply.messages, next(iter(changed), None))
        return reply

    def lose_the_answer(self) -> None:
        """Let the answer to the last turn not have arrived."""
        if self.turns:
            self.world.desk.not_said(self.turns[-1])
            self.answered.discard((self.turns[-1].chat.conversation, self.turns[-1].activity_id))

    def _changes(self, sender: str, most: int = 1) -> dict[str, list[str]]:
        """Take the new events of all cases into the model; give their kinds by case."""
        changed: dict[str, list[str]] = {}
        entries = self.runner.run(self.world.store.entries())
        for entry in entries:
            case = self.model.case(entry.id)
            if entry.version == case.size:
                continue
            rows = self.runner.run(self.world.store.load(entry.id))
            changed[entry.id] = [self.model.add(case, row.head, row.body, sender) for row in rows[case.size :]]
            self.rows = rows
            assert (entry.holder, entry.offered_to or "") == (case.holder, case.receiver)
            assert (entry.version, entry.link) == (case.size, case.link)
        self.model.forget_exercises({entry.id for entry in entries})
        assert {entry.id for entry in entries} == self.model.cases.keys()
        assert len(changed) <= most, "a turn changed two cases"
        return changed

    def _check_effect(self, turn: Turn, card: Issued | None, changed: Mapping[str, Any], *, is_new: bool) -> None:
        if not changed:
            return
        assert is_new, "a second delivery had an effect"
        if card is None:
            return
        (case_id, kinds), verb = *changed.items(), turn.incoming.verb
        begins = kinds[0] == "case.opened"
        assert turn.sender.object_id == card.owner.id, "someone else's card had an effect"
        assert not (card.is_used and verb in ONCE), "a card was answered twice"
        assert begins or card.case in (None, case_id) or verb in ("choose_case", "resume", "language")
        if "answer.given" in kinds and verb != "skip":
            assert self.model.cases[case_id].given[-1][0] == card.question, "an answer to another card's question"
        if "card.owed" in kinds:
            assert card.preview is None or f"{card.preview}" == f"{self._preview_before(case_id)}"
        card.is_used = card.is_used or verb in ONCE

    def _preview_before(self, case_id: str) -> int:
        kinds = self.model.cases[case_id].kinds
        return len(kinds) - kinds[::-1].index("preview.shown")

    def _check_acknowledged(self, reply: Reply, changed: Mapping[str, list[str]], expected: Any) -> None:
        """Keep what the bot said to have taken; it says so of every answer, and of nothing else."""
        case_id, kinds = next(iter(changed.items()), ("", []))
        if reply.replace is None:
            assert "answer.given" not in kinds, "an answer was taken without a word"
            return
        assert kinds, "an answer was acknowledged and not kept"
        words = words_of(Outgoing(reply.messages[0].summary, reply.replace))
        assert not list(actions_of(reply.replace))
        if "answer.given" not in kinds:
            return
        question, value = self.model.cases[case_id].given[-1]
        asked = framework().framework.question_by_id[question]
        assert asked.text.nl in words or asked.text.en in words
        for option in value if isinstance(value, list) else [value] * bool(asked.options):
            label = asked.option_by_id[option].label
            assert label.nl in words or label.en in words
        assert expected in (None, value), "another answer was kept than was given"
        assert not isinstance(value, str) or len(value) <= LONGEST_TEXT
        self.model.acknowledged.setdefault(case_id, []).append((question, value))
        self.model.check_kept(case_id, [(row.head, row.body) for row in self.rows])

    def _keep_cards(self, who: Someone, messages: tuple[Outgoing, ...], case_id: str | None) -> None:
        for message in messages:
            actions = tuple(actions_of(message.card)) if message.card else ()
            if not actions or message.card is None:
                continue
            is_preview = case_id is not None and any(one["verb"] == "post" for one in actions)
            preview = self.model.cases[case_id].preview if is_preview and case_id else None
            question = question_on(message.card)
            issued = Issued(who, actions, question, case_id, preview[0] if preview else None)
            assert len({one["handle"] for one in actions}) == 1
            assert len(issued.handle) >= 22
            self.cards.append(issued)
            self.latest[who.key] = issued

    # --- what happens by itself ----------------------------------------------------------

    def work(self, plan: list[str]) -> None:
        """Let the outbox do what is due, while Teams does as planned."""
        self.steps += 1
        before, channel = self.model.places(), self.world.channel
        channel.plan, heard = plan, len(channel.told)
        self.runner.run(self.world.outbox.work_once())
        self._changes("bot", most=len(before))
        channel.plan = []
        by_user = {one.chat.user_id: one for one in PEOPLE.values()}
        for user, outgoing in channel.told[heard:]:
            is_decider = "decider" in self.world.roles[by_user[user].key]
            words = words_of(outgoing)
            self.model.check_seen(by_user[user].id, words, before, is_decider=is_decider, is_told=True)
            assert self.world.roles[by_user[user].key], "word to someone who is not in the access file"
            self._keep_cards(by_user[user], (outgoing,), None)
        self._check_channel()

    def _check_channel(self) -> None:
        """Fail when a case has content in two places, or content that was never owed, or words of a person."""
        places: dict[str, set[str]] = {}
        for activity, content in self.world.channel.all_contents():
            words = words_of(Outgoing(WORDING.say("summary", "nl"), content))
            assert "merkwoord" not in words
            if WORDING.say("channel.withdrawn", "nl") in words:
                continue
            case = next(case for case in self.model.cases.values() if case.number in words)
            assert not case.is_practice, "an exercise in the channel"
            # Beneath what was confirmed: what can be pressed, or when the case was closed.
            body = list(content["body"][:-1])
            while body[-1]["type"] == "ActionSet":
                body.pop()
            assert body in case.cards, "a card that nobody decided to post"
            places.setdefault(case.number, set()).add(activity)
        assert all(len(found) == 1 for found in places.values()), "a case has two cards with content"

    def restart(self) -> None:
        """Close the bot and start it on the same file."""
        self.steps += 1
        self.runner.run(self.world.stop())
        self.world.start()
        self.answered.clear()
        self.check_all()

    def check_all(self) -> None:
        """Compare every case in the store with the model."""
        self._changes("nobody")
        for case_id in self.model.cases:
            rows = self.runner.run(self.world.store.load(case_id))
            self.model.check_kept(case_id, [(row.head, row.body) for row in rows])
