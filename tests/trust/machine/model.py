"""What must be true of the cases, kept apart from the bot: from the bytes that are stored and from what was said.

Nothing of `state` or `dialogs` is used here. Rights are those of docs/access.md, in the machine's own words.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

MARK = re.compile(r"merkwoord-[0-9]+-einde")
CONFLICT, SELF = "betrokken", "ja_ikzelf"
_START = "0" * 64
# What the bot does by itself, in nobody's turn.
_BOT = {"card.posted", "card.refused", "card.gone", "reminder.owed"}
# All that an involved holder may cause; the questions among it are about their involvement alone.
_WHEN_INVOLVED = {
    "question.asked", "answer.given", "case.offered", "offer.ended", "case.paused", "case.resumed", "answers.lapsed",
    # Their answer takes the card out of the channel.
    "card.withdrawn",
}  # fmt: skip


@dataclass
class Dossier:
    """A case as its stored events tell it."""

    id: str
    number: str = ""
    size: int = 0
    link: str = _START
    holder: str = ""
    receiver: str = ""
    involved: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    open_question: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    given: list[tuple[str, Any]] = field(default_factory=list)
    preview: tuple[int, str, datetime] | None = None
    owed: str | None = None
    cards: list[Any] = field(default_factory=list)
    stands: bool = False
    is_closed: bool = False
    kinds: list[str] = field(default_factory=list)

    @property
    def is_practice(self) -> bool:
        """Tell whether this is an exercise: never in the channel, and gone without a trace."""
        return self.number.startswith("OEFEN-")

    @property
    def is_involved(self) -> bool:
        """Tell whether the holder said to be involved."""
        return self.answers.get(CONFLICT) == SELF

    def add(self, head: bytes, body: bytes, sender: str) -> str:
        """Take one more stored event, caused by this sender; fails when it may not be there. Give its kind."""
        told, said = json.loads(head), json.loads(body)
        assert (told["seq"], told["prev"], told["case"]) == (self.size + 1, self.link, self.id)
        assert told["body"] == sha256(body).hexdigest()
        kind, actor, data = told["kind"], said["actor"]["id"], said["data"]
        self._check(kind, actor, data, sender)
        self.size, self.link = self.size + 1, sha256(head).hexdigest()
        self.kinds.append(kind)
        self._apply(kind, actor, data, datetime.fromisoformat(told["at"]))
        return str(kind)

    def _check(self, kind: str, actor: str, data: Mapping[str, Any], sender: str) -> None:
        assert not self.is_closed, f"{kind} in a closed case"
        # In an exercise nothing is posted: what its holder does ends there.
        if kind in _BOT and not (self.is_practice and kind == "card.posted"):
            assert actor == "bot", f"{kind} by {actor}"
            assert sender in ("bot", "nobody"), f"{kind} in a turn of {sender}"
            return
        assert actor == sender, f"{kind} by {actor} in a turn of {sender}"
        if kind == "case.opened":
            assert self.size == 0
        elif kind == "case.accepted":
            assert actor == self.receiver
            assert actor not in self.involved
        elif kind == "offer.ended":
            assert actor in (self.receiver, self.holder) or self._may_relieve(actor), "an offer was ended by another"
        elif kind == "case.offered" and actor != self.holder:
            assert data["because"] == "relieved"
            assert not self.receiver, "a case was offered twice"
            assert self._may_relieve(actor), "a case was offered by another"
        elif kind == "term.met" and actor != self.holder:
            # A decider who was reminded of a term on the card.
            assert self.stands, "a term of a case without a card was met by another"
            assert actor not in self.involved
        elif self.receiver:
            # Ending an offer puts the open question again, whoever ended it.
            assert self.kinds[-1] == "offer.ended"
        else:
            assert actor == self.holder or self.kinds[-1] == "offer.ended", f"{kind} by someone who is not the holder"
        if self.is_involved and kind != "case.accepted":
            assert kind in _WHEN_INVOLVED, f"{kind} by someone who is involved"
            assert data.get("question", CONFLICT) == CONFLICT
        if kind in ("preview.shown", "card.owed"):
            assert not self.involved, "a card after someone was involved"

    def _may_relieve(self, actor: str) -> bool:
        """Tell whether this is a decider who was told the number of the case, by a reminder, and is not involved."""
        return actor in self.told - self.involved

    def _apply(self, kind: str, actor: str, data: Mapping[str, Any], at: datetime) -> None:
        match kind:
            case "case.opened":
                self.number, self.holder = data["number"], actor
            case "question.asked":
                self.open_question, self.preview = data["question"], None
            case "answer.given":
                assert data["question"] == self.open_question, "an answer to a question that is not open"
                self.answers[data["question"]], self.open_question = data["value"], None
                self.given.append((data["question"], data["value"]))
            case "answers.lapsed":
                self.answers = {key: value for key, value in self.answers.items() if key not in data["questions"]}
            case "advice.given":
                self.open_question = self.preview = None
            case "subject.chosen":
                self.preview = None
            case "preview.shown":
                self.preview = (self.size, data["card"], at)
            case "card.owed":
                self._owe(data, at)
            case "card.posted":
                assert data["version"] == len(self.cards), "not the card that was owed last"
                assert not self.involved, "a card after someone was involved"
                self.owed, self.stands = None, not self.is_practice
            case "card.withdrawn":
                assert self.stands or self.is_practice, "a card that does not stand is withdrawn"
                self.owed, self.stands, self.preview = None, False, None
            case "card.refused":
                assert data["version"] == len(self.cards)
                self.owed = None
            case _:
                self._hand_over(kind, actor, data)

    def _owe(self, data: Mapping[str, Any], at: datetime) -> None:
        assert self.preview is not None, "a card that nobody saw"
        assert data["card"] == self.preview[1]
        assert at - self.preview[2] <= timedelta(hours=1), "a card that was seen too long ago"
        assert self.owed is None
        self.owed, self.preview = data["card"], None
        self.cards.append(json.loads(data["card"])["body"])

    def _hand_over(self, kind: str, actor: str, data: Mapping[str, Any]) -> None:
        match kind:
            case "case.offered":
                assert data["to"]["id"] not in {*self.involved, self.holder}
                self.receiver, self.open_question = data["to"]["id"], None
            case "offer.ended":
                self.receiver = ""
            case "case.accepted":
                self.involved |= {self.holder} if data["involved"] else set()
                self.holder, self.receiver = actor, ""
            case "case.finished" | "case.stopped":
                self.is_closed = True


@dataclass
class Model:
    """All cases, what was acknowledged in each, and who wrote which marked words."""

    cases: dict[str, Dossier] = field(default_factory=dict)
    acknowledged: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)
    marks: dict[str, tuple[str, str]] = field(default_factory=dict)

    def case(self, case_id: str) -> Dossier:
        """Give a case, a new one when it was not seen before."""
        return self.cases.setdefault(case_id, Dossier(case_id))

    def forget_exercises(self, left: Collection[str]) -> None:
        """Take it that exercises which are not there any more were thrown away; no other case may be gone."""
        gone = [case.id for case in self.cases.values() if case.is_practice and case.id not in left]
        for case_id in gone:
            del self.cases[case_id]
            self.acknowledged.pop(case_id, None)
            self.marks = {mark: found for mark, found in self.marks.items() if found[0] != case_id}

    def add(self, case: Dossier, head: bytes, body: bytes, sender: str) -> str:
        """Take one more stored event, and whose marked words are in it first; give its kind."""
        kind = case.add(head, body, sender)
        for mark in MARK.findall(body.decode()):
            self.marks.setdefault(mark, (case.id, sender))
        return kind

    def check_seen(
        self, person: str, words: str, before: Mapping[str, tuple[str, str]], *, is_decider: bool, is_told: bool = False
    ) -> None:
        """Fail when a person is shown what is not theirs to see; `before` are holder and receiver before the turn.

        Deciders are told of terms of a case whose card stands in the channel, where its number can be read; from there
        they can let someone else take it over.
        """
        for case in self.cases.values():
            theirs = {case.holder, case.receiver, *before.get(case.id, ())}
            if is_told and is_decider and case.stands and case.number in words:
                case.told.add(person)
            is_known = is_decider and person in case.told - case.involved
            assert case.number not in words or person in theirs or is_known, "the number of a case of others"
        for mark, (case_id, author) in self.marks.items():
            if mark in words:
                case = self.cases[case_id]
                assert person in (case.holder, before.get(case_id, ("", ""))[0]), "the words of a case of others"
                assert not (case.is_involved and person == case.holder and author != person), "words of others"

    def places(self) -> dict[str, tuple[str, str]]:
        """Give the holder and the receiver of every case."""
        return {case.id: (case.holder, case.receiver) for case in self.cases.values()}

    def check_kept(self, case_id: str, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Fail unless the stored chain is whole and holds each acknowledged answer, in order and nothing else."""
        link, given, size = _START, [], 0
        for head, body in rows:
            told = json.loads(head)
            assert (told["prev"], told["body"]) == (link, sha256(body).hexdigest())
            link, size = sha256(head).hexdigest(), size + 1
            if told["kind"] == "answer.given":
                data = json.loads(body)["data"]
                given.append((data["question"], data["value"]))
        case = self.cases[case_id]
        assert (size, link) == (case.size, case.link)
        assert given == self.acknowledged.get(case_id, [])
