"""The advice as values: per step a grade with its reasons, limits, terms; and what of it may be in a channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from state.framework import Text

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class FrameworkRef:
    """Which framework an advice was made with."""

    id: str
    version: str
    status: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A fired rule on a step; `effect` is one of the contract's words, `channel` rule and step together."""

    rule: str
    effect: str
    text: Text
    basis: tuple[str, ...]
    channel: bool
    grade: str | None = None
    stop: str | None = None
    deadline: str | None = None


@dataclass(frozen=True, slots=True)
class StepAdvice:
    """What the framework indicates for one step; the reasons that made the grade come first."""

    step: str
    grade: str
    base: str
    reasons: tuple[Reason, ...]
    decider: Text
    done: bool

    @property
    def rules(self) -> tuple[str, ...]:
        """Give the ids of every fired rule."""
        return tuple(reason.rule for reason in self.reasons)

    @property
    def stops(self) -> frozenset[str]:
        """Give the stops that hold on this step."""
        return frozenset(reason.stop for reason in self.reasons if reason.stop)


@dataclass(frozen=True, slots=True)
class DeadlineAdvice:
    """A term: when it ends (Europe/Amsterdam, None without a time), and running, expired, met, unknown or no_date."""

    id: str
    due: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A question whose answer is unknown or missing, and the steps that an answer could change."""

    question: str
    could_change: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """The full advice, for the assessor and the decider."""

    framework: FrameworkRef
    now: datetime
    asked: tuple[str, ...]
    next: str | None
    steps: Mapping[str, StepAdvice]
    stops: tuple[str, ...]
    deadlines: Mapping[str, DeadlineAdvice]
    no_card_rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelAdvice:
    """What may be in the channel and nothing else: made from channel-safe answers alone.

    `unknown` are questions, `frames` and `sources` those of the reasons shown for steps above the
    lightest grade, `review` the date of the next look.
    """

    framework: FrameworkRef
    law_date: date
    now: datetime
    steps: Mapping[str, StepAdvice]
    stops: tuple[str, ...]
    deadlines: Mapping[str, DeadlineAdvice]
    unknown: tuple[str, ...]
    frames: tuple[str, ...]
    sources: tuple[str, ...]
    review: date


def to_json(advice: Advice, channel: ChannelAdvice, missing: Sequence[Missing]) -> dict[str, Any]:
    """Give the contract's object of `framework advise --json`."""
    reference = advice.framework
    return {
        "framework": {
            "id": reference.id,
            "version": reference.version,
            "status": reference.status,
            "sha256": reference.sha256,
        },
        "asked": list(advice.asked),
        "next": advice.next,
        "steps": {step: _step_json(found) for step, found in advice.steps.items()},
        "stops": list(advice.stops),
        "deadlines": {key: _deadline_json(found) for key, found in advice.deadlines.items()},
        "channel_card": {
            "allowed": not advice.no_card_rules,
            "rules": list(advice.no_card_rules),
            "steps": {
                step: {"grade": found.grade, "rules": list(found.rules)} for step, found in channel.steps.items()
            },
            "stops": list(channel.stops),
            "deadlines": list(channel.deadlines),
        },
        "missing": [{"question": one.question, "could_change": list(one.could_change)} for one in missing],
    }


def _step_json(step: StepAdvice) -> dict[str, Any]:
    return {
        "grade": step.grade,
        "rules": list(step.rules),
        "decider": step.decider.nl,
        "done": step.done,
        "reasons": [
            {
                "rule": reason.rule,
                "effect": reason.effect,
                "text": reason.text.nl,
                "basis": list(reason.basis),
                "channel": reason.channel,
            }
            for reason in step.reasons
        ],
    }


def _deadline_json(deadline: DeadlineAdvice) -> dict[str, Any]:
    return {"due": deadline.due.isoformat() if deadline.due else None, "status": deadline.status}
