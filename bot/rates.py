"""How often one person may talk: token buckets, so that a burst is free and only a flood is held up.

A request over the limit is answered with 200 and a sentence, or with nothing: Teams knows no 429 of a bot.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

# Persons are those of the tenant; whoever is forgotten starts with a full bucket.
_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once, and so many a minute after that."""

    at_once: float
    a_minute: float


FREE = Limit(math.inf, 0)
# The code of a turn that is over the limit, and the key of what is said then.
TOO_FAST = "too_fast"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is limited for each person: turns, entries in the register, and words about going too fast."""

    turns: Limit
    refusals: Limit
    hasty: Limit
    sentences: Limit


# One a second for as long as one likes, double clicks and a card pressed in anger on top: a whole case has
# about 31 questions, and nobody reads faster. Over the limit, the next turn is free after one second, so
# that nobody is locked out of a crisis. The threat model's 30 a minute would hold up who clicks every second.
# A stranger's flood must not fill the register, nor make the bot speak so often that Teams holds it up (429).
PRODUCTION = Limits(
    turns=Limit(at_once=120, a_minute=60),
    refusals=Limit(at_once=3, a_minute=3),
    hasty=Limit(at_once=1, a_minute=1),
    sentences=Limit(at_once=1, a_minute=30),
)
# On loopback without tokens there is nobody to hold up; also for programs that play cases.
UNLIMITED = Limits(turns=FREE, refusals=FREE, hasty=FREE, sentences=FREE)


class Buckets:
    """A bucket for each key: it starts full, each taking costs one, and time fills it again."""

    def __init__(self, limit: Limit, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Take one, and tell whether there was one; what is refused costs nothing."""
        now = self._clock()
        left, seen = self._left.get(key, (self._limit.at_once, now))
        left = min(self._limit.at_once, left + (now - seen) * self._limit.a_minute / 60)
        is_free = left >= 1
        self._left[key] = (left - 1 if is_free else left, now)
        self._left.move_to_end(key)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        return is_free


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused turn: why, and whether it goes in the register and is told; every one is counted."""

    code: str
    is_noted: bool
    is_told: bool


class Rates:
    """Says of a person whether one more turn is due, and what is done with one that is refused."""

    def __init__(
        self,
        limits: Limits = PRODUCTION,
        clock: Callable[[], float] = monotonic,
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take what counts refusals by their code."""
        self._turns = Buckets(limits.turns, clock)
        self._refusals = Buckets(limits.refusals, clock)
        self._hasty = Buckets(limits.hasty, clock)
        self._sentences = Buckets(limits.sentences, clock)
        self._count = count

    def may_talk(self, who: str) -> bool:
        """Tell whether a turn may be taken, and count it."""
        return self._turns.take(who)

    def refuse(self, who: str, code: str) -> Refusal:
        """Give what is done with a refused turn; a stranger who goes too fast hears that instead."""
        is_hasty = code == TOO_FAST or not self.may_talk(who)
        found = Refusal(
            code=TOO_FAST if is_hasty else code,
            is_noted=(self._hasty if is_hasty else self._refusals).take(who),
            is_told=not is_hasty or self._sentences.take(who),
        )
        self._count(found.code)
        return found
