"""What is shown to who pressed on the channel card: one value per form, with all that it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from state.advice import StepAdvice
from state.case import Case
from state.commands import Choice
from state.framework import Framework


@dataclass(frozen=True, slots=True)
class DecideScreen:
    """Decisions on each step, with what was filled in; `lacking` are the steps whose reason is missing.

    `asks_vouch` where who records is no decider; `private` in the chat of a decider who holds the case.
    """

    case: Case
    framework: Framework
    steps: Mapping[str, StepAdvice]
    filled: Mapping[str, Choice] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    review: str = ""
    vouched: bool = False
    asks_vouch: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class DissentScreen:
    """Why someone does not agree, with what was filled in."""

    case: Case
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RecuseScreen:
    """Whether someone is really involved."""

    case: Case


@dataclass(frozen=True, slots=True)
class WithdrawScreen:
    """Whether the card is really to leave the channel, and why (in the private chat)."""

    case: Case
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DiscardScreen:
    """Whether an exercise is really to be thrown away."""

    case: Case


Form = DecideScreen | DissentScreen | RecuseScreen
