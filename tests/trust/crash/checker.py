"""Decides whether anything was lost, doubled or halved: from what people were told and what stands in the end.

It knows the dossier format and nothing of the bot: no line of the bot's code is used here.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, pairwise
from typing import Any

# What a turn may leave in a case: whole sequences of events. The bot's own work (no key) is one event each.
_WHOLE = (
    ("case.opened", "question.asked"),
    ("question.asked",),
    ("answer.given", "question.asked"),
    ("answer.given", "advice.given"),
    ("answer.given", "answers.lapsed", "question.asked"),
    ("answer.given", "answers.lapsed", "advice.given"),
    ("question.skipped", "question.asked"),
    ("question.skipped", "advice.given"),
    # An answer that stands is left as it is.
    ("advice.given",),
    ("subject.chosen", "preview.shown"),
    ("preview.shown",),
    ("subject.chosen",),
    ("card.owed",),
    ("deviation.recorded",),
)
_BY_THE_BOT = (("card.posted",), ("card.refused",))
_NO_KEY = "0" * 64


@dataclass
class Findings:
    """What was found, each with a word that says which."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)
    acknowledged: int = 0
    unknown: int = 0
    posted: int = 0
    spare: int = 0

    @property
    def all(self) -> list[str]:
        """Give everything that is wrong."""
        kinds = ("lost", "doubled", "out_of_order", "half", "untrue", "broken", "cards")
        return [f"{kind}: {what}" for kind in kinds for what in getattr(self, kind)]


@dataclass(frozen=True)
class Event:
    """An event as it was exported."""

    case: str
    seq: int
    kind: str
    key: str
    at: str
    data: Mapping[str, Any]


def check(
    told: Iterable[Mapping[str, Any]],
    cases: Mapping[str, Sequence[Sequence[str]]],
    channel: Mapping[str, Sequence[Any]],
) -> Findings:
    """Compare what people were told with the cases (number to head and body of each event) and the channel."""
    findings, told = Findings(), list(told)
    events = check_record(told, cases, findings)
    _check_posts(told, events, findings)
    _check_cards(events, channel, findings)
    return findings


def check_record(
    told: Iterable[Mapping[str, Any]], cases: Mapping[str, Sequence[Sequence[str]]], findings: Findings
) -> dict[str, list[Event]]:
    """Compare what people were told with the cases alone, and give their events."""
    events = {number: list(_read(number, rows, findings)) for number, rows in cases.items()}
    _check_answers(list(told), events, findings)
    for number, transcript in events.items():
        _check_turns(number, transcript, findings)
    return events


def _read(number: str, rows: Sequence[Sequence[str]], findings: Findings) -> Iterator[Event]:
    """Give the events, after checking that each is bound to the one before it."""
    prev = "0" * 64
    last = ""
    for seq, (head_text, body_text) in enumerate(rows, 1):
        head = json.loads(head_text)
        digest = hashlib.sha256(body_text.encode()).hexdigest()
        if (head["prev"], head["seq"], head["body"]) != (prev, seq, digest):
            findings.broken.append(f"{number}, event {seq}")
        if head["at"] < last:
            findings.broken.append(f"{number}, event {seq} is earlier than the one before it")
        prev, last = hashlib.sha256(head_text.encode()).hexdigest(), head["at"]
        yield Event(number, seq, head["kind"], head["key"], head["at"], json.loads(body_text)["data"])


def _check_answers(told: list[Mapping[str, Any]], events: Mapping[str, list[Event]], findings: Findings) -> None:
    """Each acknowledged answer once and in order, each unknown one at most once, each refused one never."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in chain.from_iterable(events.values()):
        if event.kind == "answer.given":
            found[event.data["note"]].append(event)
    answers = [one for one in told if one["kind"] in ("answer", "old")]
    on_card = Counter(one["handle"] for one in answers if found[one["word"]])
    for one in answers:
        count = len(found[one["word"]])
        if one["outcome"] in ("ok", "one of"):
            findings.acknowledged += 1
        findings.unknown += one["outcome"] == "unknown"
        if one["outcome"] == "ok" and count == 0:
            findings.lost.append(one["word"])
        if one["outcome"] == "one of" and not on_card[one["handle"]]:
            findings.lost.append(f"{one['word']} or one before it, of {one['question']}: saw {one.get('saw')!r}")
        if count > 1:
            findings.doubled.append(one["word"])
        if count and (one["outcome"] == "fail" or one["kind"] == "old"):
            findings.untrue.append(one["word"])
        if count and found[one["word"]][0].data["question"] != one["question"]:
            findings.untrue.append(f"{one['word']} answers another question")
    _check_order([one for one in answers if found[one["word"]]], found, findings)


def _check_order(answers: list[Mapping[str, Any]], found: Mapping[str, list[Event]], findings: Findings) -> None:
    """What ended before another began stands before it."""
    by_case: dict[str, list[tuple[int, int, int, str]]] = defaultdict(list)
    for one in answers:
        event = found[one["word"]][0]
        by_case[event.case].append((event.seq, one["begun"], one["ended"], one["word"]))
    for rows in by_case.values():
        findings.out_of_order += [
            f"{later} before {word}"
            for (_, begun, _, word), (_, _, ended, later) in pairwise(sorted(rows))
            if ended and ended < begun
        ]


def _check_posts(told: list[Mapping[str, Any]], events: Mapping[str, list[Event]], findings: Findings) -> None:
    """Each acknowledged post is owed, and nothing is owed that nobody asked for."""
    asked, sure = Counter[str](), Counter[str]()
    for one in told:
        if one["kind"] == "post":
            asked[one["number"]] += one["outcome"] != "fail"
            sure[one["number"]] += one["outcome"] == "ok"
    for number, transcript in events.items():
        owed = sum(event.kind == "card.owed" for event in transcript)
        if owed < sure[number]:
            findings.lost.append(f"post of {number}")
        if owed > asked[number]:
            findings.doubled.append(f"post of {number}")


def _check_turns(number: str, transcript: Sequence[Event], findings: Findings) -> None:
    """What one activity caused stands together and is whole; no activity caused something twice."""
    groups = [
        (key, [event.kind for event in caused])
        for key, caused in groupby(transcript, lambda event: event.key if event.key != _NO_KEY else f"bot {event.seq}")
    ]
    for key, kinds in groups:
        whole = _BY_THE_BOT if key.startswith("bot") else _WHOLE
        if tuple(kinds) not in whole:
            findings.half.append(f"{number}: {' '.join(kinds)}")
    for key, count in Counter(key for key, _ in groups).items():
        # The same activity before and after other events was acted on twice.
        if count > 1:
            findings.doubled.append(f"{number}: activity {key[:8]}")


def _check_cards(events: Mapping[str, list[Event]], channel: Mapping[str, Sequence[Any]], findings: Findings) -> None:
    """One message with content for each posted case, the newest that was owed; at worst empty ones beside it."""
    full: dict[str, list[Any]] = defaultdict(list)
    for contents in channel.values():
        if len(contents) == 1:
            findings.spare += 1
        if _is_advice(contents[0]):
            findings.cards.append("a first message with content")
        if len(contents) > 1:
            full[_number_on(contents[-1], events)].append(contents[-1])
    for number, transcript in events.items():
        owed = [event.data["card"] for event in transcript if event.kind == "card.owed"]
        posted = [event for event in transcript if event.kind == "card.posted"]
        findings.posted += bool(owed)
        if len(posted) != len(owed):
            findings.cards.append(f"{number}: {len(owed)} owed, {len(posted)} posted")
        if len(full[number]) != bool(owed):
            findings.cards.append(f"{number}: {len(full[number])} messages with content")
        elif owed and _confirmed(full[number][0]) != json.loads(owed[-1]):
            findings.cards.append(f"{number}: not the card that was owed")


def _confirmed(card: Any) -> Any:
    """Give a card without what can be pressed on it, which comes beneath what was confirmed."""
    body = list(card["body"])
    while body[-1].get("type") == "ActionSet":
        body.pop()
    return {**card, "body": body}


def _is_advice(card: Any) -> bool:
    return "Lopende termijnen" in json.dumps(card) or "Herbeoordeling" in json.dumps(card)


def _number_on(card: Any, numbers: Iterable[str]) -> str:
    text = json.dumps(card)
    return next((number for number in numbers if number in text), "a card of no case")
