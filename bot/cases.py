"""Cases between store and core: rows to a case with its framework, and new events to a write."""

import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.at_hand import AtHand, Loaded
from bot.errors import NumberTaken, TranscriptConflict
from bot.store import WATCH, CaseEntry, Owed, Store, Write
from dialogs.screens import CaseLine
from state import keeping, lifecycle
from state.case import Case
from state.codec import FIRST, Row, print_of, read_rows, to_rows
from state.errors import TranscriptDamaged
from state.events import (
    AdviceGiven,
    AnswerGiven,
    CardOwed,
    CardPosted,
    CardWithdrawn,
    CaseAccepted,
    CaseFinished,
    CaseOffered,
    CaseReopened,
    CaseStopped,
    DecisionRecorded,
    OfferEnded,
    Recorded,
    TermMet,
)
from state.fold import rebuild
from state.keeping import Keeping
from state.terms import next_moment
from state.weighing import CompiledFramework

T = TypeVar("T")
# One number in ten is in use when a thousand cases were opened in a year.
_TRIES = 4

__all__ = ["PRACTICE_KEPT", "Cases", "Frameworks", "Loaded", "insist", "is_open", "to_entry", "to_line", "watch_of"]

# After what was recorded last in an exercise.
PRACTICE_KEPT = timedelta(days=30)


class Frameworks:
    """The frameworks that cases run under, by SHA-256 of their file; `current` is for new cases."""

    def __init__(self, current: CompiledFramework, others: Sequence[CompiledFramework] = ()) -> None:
        self.current = current
        self._by_digest = {compiled.sha256: compiled for compiled in (*others, current)}

    def of(self, case: Case) -> CompiledFramework:
        """Give the framework that the case was opened under; raises TranscriptDamaged when it is gone."""
        if case.framework is None:
            return self.current
        try:
            return self._by_digest[case.framework.sha256]
        except KeyError:
            raise TranscriptDamaged("the framework of this case is not installed") from None


class Cases:
    """Reads cases from a store and prepares what a turn or the outbox keeps of them."""

    def __init__(self, store: Store, frameworks: Frameworks) -> None:
        self._store = store
        self._frameworks = frameworks
        self._at_hand = AtHand()

    async def load(self, case_id: str) -> Loaded:
        """Give a case; raises TranscriptDamaged when its rows cannot be what was stored."""
        loaded = self._at_hand.get(case_id)
        if loaded is None or not await self._store.is_unchanged(case_id, loaded.case.version, loaded.link):
            rows = await self._store.load(case_id)
            before = Loaded(Case(case_id), FIRST, self._frameworks.current)
            transcript = read_rows(case_id, rows)
            loaded = self._grown(before, rebuild(case_id, transcript), transcript, rows)
            if loaded.case.is_closed:
                # Only its closing would ask again, and that finds what was at hand when it was closed.
                self._at_hand.forget(case_id)
                return loaded
        self._at_hand.keep(loaded)
        return loaded

    def fresh(self, case_id: str) -> Loaded:
        """Give an empty case under the current framework."""
        return Loaded(Case(case_id), FIRST, self._frameworks.current)

    def forget(self, case_id: str) -> None:
        """Keep nothing of a case in memory."""
        self._at_hand.forget(case_id)

    def forget_closed(self, but: Collection[str]) -> None:
        """Keep nothing of closed cases in memory but of these, whose closing is not done yet."""
        self._at_hand.forget_closed(but)

    def _grown(self, before: Loaded, after: Case, recorded: Sequence[Recorded], rows: Sequence[Row]) -> Loaded:
        """Give a case as it stands after further events and their rows."""
        moments = [one.at for one in recorded] + ([before.latest] if before.latest else [])
        advised = [row for one, row in zip(recorded, rows, strict=True) if isinstance(one.event, AdviceGiven)]
        return Loaded(
            case=after,
            link=rows[-1].link if rows else before.link,
            framework=self._frameworks.of(after),
            latest=max(moments, default=None),
            print=print_of(advised[-1].link) if advised else before.print,
        )

    def to_write(
        self, before: Loaded, after: Case, recorded: Sequence[Recorded], tenant: str, key: str = FIRST
    ) -> Write:
        """Give what is kept of new events: rows on the chain, the entry, and the work that they owe."""
        salts = [secrets.token_bytes(32) for _ in recorded]
        rows = tuple(to_rows(after.id, recorded, before.link, salts, key))
        # Also when they are not stored after all: then what is stored proves nothing of it.
        self._at_hand.keep(self._grown(before, after, recorded, rows))
        return Write(
            entry=to_entry(after, tenant),
            expected_version=before.case.version,
            rows=rows,
            # Nothing of an exercise leaves the private chat; all that waits is the day on which it is forgotten.
            owed=(forgetting(after, recorded[-1].at),)
            if after.is_practice
            else (
                *(owed for event in recorded for owed in _owed(before.case, after, event)),
                *_watched(before.framework, after, recorded),
            ),
            keeping=_keeping(before, after, recorded),
        )


async def insist(attempt: Callable[[], Awaitable[T]]) -> T:
    """Give what an attempt gives, tried again when another instance was first or the drawn number is in use."""
    for _ in range(_TRIES):
        with suppress(TranscriptConflict, NumberTaken):
            return await attempt()
    return await attempt()


def to_entry(case: Case, tenant: str) -> CaseEntry:
    """Give what is kept of a case in the clear."""
    if case.assessor is None or case.opened_at is None:
        raise TranscriptDamaged("a case without a beginning")
    return CaseEntry(
        id=case.id,
        number=case.number,
        tenant=tenant,
        phase=case.phase,
        holder=case.assessor.id,
        offered_to=case.offered_to.id if case.offered_to else None,
        opened_at=case.opened_at,
        version=case.version,
    )


def is_open(entry: CaseEntry) -> bool:
    """Tell whether something can still happen in the case."""
    return entry.phase not in lifecycle.CLOSED


def to_line(entry: CaseEntry, person: str) -> CaseLine:
    """Give a case as it stands in a person's list."""
    return CaseLine(entry.id, entry.number, entry.opened_at, entry.phase, offered=entry.offered_to == person)


def _keeping(before: Loaded, after: Case, recorded: Sequence[Recorded]) -> Keeping | None:
    """Give what is kept of a case from its closing, while it can still be read."""
    if not recorded or not after.is_closed or before.case.is_closed:
        return None
    # A clock that was put back must not shorten the term: the later of two dates counts.
    moments = (recorded[-1].at, *([before.latest] if before.latest else []))
    return keeping.begin(after, before.framework, max(moments))


def watch_of(case: Case, framework: CompiledFramework, now: datetime, passed: Collection[str] = ()) -> Sequence[Owed]:
    """Give the row that waits for the next moment of the case's terms; none where none comes."""
    moment = next_moment(case, framework, now, passed)
    return (Owed(WATCH, case.id, {}, not_before=moment),) if moment else ()


def forgetting(case: Case, last: datetime) -> Owed:
    """Give the row that waits until nothing was recorded in an exercise for so long that it is thrown away."""
    return Owed(WATCH, case.id, {}, not_before=last + PRACTICE_KEPT)


# What can change when people are to be reminded.
_TERMS_CHANGE = (
    AnswerGiven,
    AdviceGiven,
    CardPosted,
    CardWithdrawn,
    DecisionRecorded,
    TermMet,
    OfferEnded,
    CaseAccepted,
    CaseReopened,
)


def _watched(framework: CompiledFramework, after: Case, recorded: Sequence[Recorded]) -> Sequence[Owed]:
    if not any(isinstance(one.event, _TERMS_CHANGE) for one in recorded):
        return ()
    return watch_of(after, framework, recorded[-1].at)


def _owed(before: Case, after: Case, recorded: Recorded) -> Sequence[Owed]:
    """Give the work that an event owes."""
    holder, by = (before.assessor.id if before.assessor else ""), recorded.actor.id

    def tell(to: str, **more: str) -> Owed:
        return Owed("tell", after.id, {"to": to, "by": by, **more})

    match recorded.event:
        case DecisionRecorded():
            return (Owed("redraw", after.id, {}),)
        case CaseReopened():
            others = (tell(holder, notice="reopened_holder"),) if by != holder else ()
            return (Owed("redraw", after.id, {}), *others)
        case CardWithdrawn(version=version, because=because):
            return (Owed("withdraw", after.id, {"version": version, "because": because}),)
        case CardOwed(version=version):
            return (Owed("card", after.id, {"version": version}),)
        case CaseFinished() | CaseStopped():
            return (Owed("close", after.id, {}),)
        case CaseOffered(to=to, because=because):
            others = (tell(holder, notice="relieved_holder"),) if because == "relieved" else ()
            # Who offers a case to themselves sees the offer at once.
            return (*((tell(to.id),) if to.id != by else ()), *others)
        case CaseAccepted():
            # Nothing of the case: from here on it is another's.
            return (tell(holder, say="handed_over"), *_reliever(before, by, tell("", say="relief_accepted")))
        case OfferEnded(declined=declined):
            word = "offer_came_back" if declined else "offer_ended_holder"
            back = (tell(holder, notice=word),) if by != holder else ()
            return (*back, *_reliever(before, by, tell("", say="relief_ended")))
        case _:
            return ()


def _reliever(before: Case, by: str, word: Owed) -> Sequence[Owed]:
    """Give the word for a decider who offered the case in its holder's place, unless they did this themselves."""
    giver = before.offered_by
    if giver is None or before.offered_because != "relieved" or giver.id == by:
        return ()
    return (replace(word, body={**word.body, "to": giver.id}),)
