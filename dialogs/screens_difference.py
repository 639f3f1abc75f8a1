"""What is shown after new facts: one value, with all that its card needs."""

from dataclasses import dataclass

from state.case import Case
from state.difference import Difference
from state.framework import Framework


@dataclass(frozen=True, slots=True)
class DifferenceScreen:
    """What became different since the card that stands in the channel, before anything new is posted there."""

    case: Case
    framework: Framework
    difference: Difference
    version: int
    card_allowed: bool
