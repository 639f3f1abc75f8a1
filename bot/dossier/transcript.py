"""A case's rows as a dossier: the events with what follows from them, and the JSON that others can read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from state.advice import to_json
from state.case import Case
from state.codec import FIRST, Row, canonical, read_rows
from state.compiled import CompiledFramework
from state.errors import TranscriptDamaged
from state.events import KIND_OF, AdviceGiven, Recorded
from state.fold import evolve
from state.questionnaire import states_of
from state.weighing import missing, weigh, weigh_for_channel

# 2: signed, with a PDF and metadata, and with the imprint (imprint.py) in the transcript.
FORMAT = "weegwijzer-dossier/2"
# Counted up whenever the readable forms change, so that a later version does not call an older one false.
# 3: with what people decided.
RENDERING = 3
FIRST_RENDERING = 2  # of this format
# `json` writes indented text without its C part: 1.5 ms for 40 events instead of 0.03.
_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
MARKING = "VERTROUWELIJK (Awb 2:5, Ambtenarenwet 2017 art. 9)"


class Step(NamedTuple):
    """An event with the case as it was before it and after it."""

    recorded: Recorded
    before: Case
    after: Case


@dataclass(frozen=True)
class Dossier:
    """A whole case: rows, events, the case after each of them, and the framework that it ran under."""

    rows: tuple[Row, ...]
    steps: tuple[Step, ...]
    framework: CompiledFramework

    @property
    def case(self) -> Case:
        """Give the case as it stands."""
        return self.steps[-1].after

    @property
    def number(self) -> str:
        """Give the number for people."""
        return self.case.number

    @property
    def link(self) -> str:
        """Give the chain value of the last event, which covers everything before it."""
        return self.rows[-1].link

    @property
    def last_advice(self) -> Step | None:
        """Give the last advice that was given."""
        given = (step for step in reversed(self.steps) if isinstance(step.recorded.event, AdviceGiven))
        return next(given, None)

    @cached_property
    def transcript(self) -> dict[str, Any]:
        """Give the transcript as a JSON object: what was recorded, and what follows from it."""
        return _transcript(self)


def read_dossier(case: str, rows: Sequence[Row], framework: CompiledFramework) -> Dossier:
    """Give the dossier of a case; raises TranscriptDamaged when the rows cannot be what was stored."""
    steps = tuple(replay(Case(case), read_rows(case, rows)))
    if not steps:
        raise TranscriptDamaged("the case has no events")
    ran_under = steps[-1].after.framework
    if ran_under is None or ran_under.sha256 != framework.sha256:
        raise TranscriptDamaged("the case ran under another framework file")
    return Dossier(tuple(rows), steps, framework)


def replay(case: Case, transcript: Sequence[Recorded]) -> Iterator[Step]:
    """Give each event with the case before and after it; raises TranscriptDamaged where one cannot follow."""
    for recorded in transcript:
        after = evolve(case, recorded)
        yield Step(recorded, case, after)
        case = after


def recompute(framework: CompiledFramework, step: Step) -> dict[str, Any]:
    """Give the advice that follows from the answers at the moment of an event."""
    answers, now = step.before.answers, step.recorded.at
    advice = weigh(framework, answers, now)
    return to_json(advice, weigh_for_channel(framework, answers, now), missing(framework, answers, now))


def to_text(transcript: Mapping[str, Any]) -> bytes:
    """Give a transcript as the bytes of its file."""
    return orjson.dumps(transcript, option=_PRETTY)


def body_of(event: Mapping[str, Any]) -> bytes:
    """Give the stored body from an event of the transcript, byte for byte."""
    return canonical({"actor": event["actor"], "data": event["data"], "salt": event["salt"]})


# --- the JSON --------------------------------------------------------------------------


def _transcript(dossier: Dossier) -> dict[str, Any]:
    advice = dossier.last_advice
    return {
        "format": FORMAT,
        "rendering": RENDERING,
        "marking": MARKING,
        "case": _case(dossier),
        "framework": _framework(dossier),
        "chain": {
            "events": len(dossier.rows),
            "first": FIRST,
            "last": dossier.link,
            "print": dossier.link[:16],
        },
        "events": [_event(row, step.recorded) for row, step in zip(dossier.rows, dossier.steps, strict=True)],
        "answers": _answers(dossier),
        "advice": None
        if advice is None
        else {"event": advice.recorded.seq, "recomputed": recompute(dossier.framework, advice)},
    }


def _case(dossier: Dossier) -> dict[str, Any]:
    case = dossier.case
    holder = case.assessor
    return {
        "id": case.id,
        "number": case.number,
        "phase": case.phase,
        "assessor": None if holder is None else {"id": holder.id, "name": holder.name, "function": holder.function},
        "subject": case.subject,
        "posted_version": case.posted_version,
    }


def _framework(dossier: Dossier) -> dict[str, Any]:
    framework = dossier.framework.framework
    return {
        "id": framework.id,
        "version": framework.version,
        "status": framework.status,
        "sha256": dossier.framework.sha256,
        "law_date": framework.law_date.isoformat(),
    }


def _event(row: Row, recorded: Recorded) -> dict[str, Any]:
    """Give an event with all that is needed to make its body and its place in the chain again."""
    head, body = orjson.loads(row.head), orjson.loads(row.body)
    return {
        "seq": recorded.seq,
        "at": head["at"],
        "kind": KIND_OF[type(recorded.event)],
        "actor": body["actor"],
        "data": body["data"],
        "salt": body["salt"],
        "head": row.head.decode(),
        "link": row.link,
    }


def _answers(dossier: Dossier) -> list[dict[str, Any]]:
    case, framework = dossier.case, dossier.framework.framework
    return [
        {
            "question": question,
            "number": framework.number_of[question],
            "state": str(state),
            "value": case.answers.get(question),
            "note": case.notes.get(question, "") if question in case.answers else "",
            "skipped": question in case.skipped,
        }
        for question, state in states_of(dossier.framework, case.answers).items()
    ]
