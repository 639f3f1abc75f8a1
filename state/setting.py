"""What a decision stands in."""

from datetime import datetime
from typing import NamedTuple

from state.compiled import CompiledFramework
from state.events import Actor


class Setting(NamedTuple):
    """What a decision stands in: who asks, when, in which language, under which framework."""

    actor: Actor
    now: datetime
    language: str
    framework: CompiledFramework
