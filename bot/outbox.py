"""Work owed after a turn: the card for the channel and word to persons; stored first, done until it is done."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from bot.card_work import CardWork
from bot.cases import Cases
from bot.closing import Closing, Seal
from bot.deadlines import Deadlines
from bot.errors import CaseSealed, ChannelUnavailable, PostRefused, StoreUnavailable, TranscriptConflict
from bot.locks import Locks
from bot.ports import Access, Teams
from bot.store import Owed, Store, Write
from bot.telling import Telling
from dialogs.wording import Wording
from state.errors import TranscriptDamaged

_log = logging.getLogger(__name__)

_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=10)
_LOOK_AT_LEAST = 30.0
# How long to leave a case alone of which another instance does something; and looks while something is under way.
_A_WHILE = 1.0
# Pieces at once: 24 cards a second instead of 3 where Teams takes 150 ms for each call.
_SIDE_BY_SIDE = 8
# How long a stop waits for what is under way. Longer than the connector waits for one answer (10 s): whatever Teams
# says that it took is stored. Well before orchestrators kill what does not end (30 s).
_PATIENCE = 12.0
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


class Outbox:
    """Does what is owed, with growing pauses when Teams does not take it.

    Different cases are done side by side; what is owed of one case comes in its order, and word to one person, too.
    """

    def __init__(
        self,
        *,
        store: Store,
        cases: Cases,
        access: Access,
        teams: Teams,
        wording: Wording,
        locks: Locks,
        clock: Callable[[], datetime],
        tell_depth: Callable[[int], None] = lambda depth: None,
        seal: Seal | None = None,
        language: str = "nl",
    ) -> None:
        """Take the language of the channel as `language`."""
        self._store = store
        self._clock = clock
        self._tell_depth = tell_depth
        self._telling = Telling(
            store=store, cases=cases, access=access, teams=teams, wording=wording, locks=locks, clock=clock
        )
        self._deadlines = Deadlines(
            store=store, cases=cases, access=access, telling=self._telling, locks=locks, clock=clock
        )
        self._cards = CardWork(
            store=store, cases=cases, teams=teams, wording=wording, locks=locks, clock=clock, language=language
        )
        self._closing = Closing(
            store=store, cases=cases, teams=teams, wording=wording, locks=locks, clock=clock, seal=seal
        )
        self._cases = cases
        self._locks = locks
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()
        self._looked = _END_OF_TIME
        self._under_way: set[str] = set()
        self._lanes = Locks()
        self._slots = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._is_store_away = False

    def wake(self) -> None:
        """Look for owed work at once."""
        self._woken.set()

    def stop(self) -> None:
        """Begin nothing any more; `run` comes back when what is under way has ended."""
        self._stopped.set()
        self.wake()

    async def run(self) -> None:
        """Work until it is stopped, and until what was under way then has ended; what takes too long is cut off."""
        try:
            async with asyncio.timeout(None) as patience:
                await self._work(patience)
        except TimeoutError:
            # It is still owed, and begun again after the start; what Teams took of it may come twice.
            _log.warning("outbox_cut_off")

    async def _work(self, patience: asyncio.Timeout) -> None:
        async with asyncio.TaskGroup() as cases:
            while not self._stopped.is_set():
                self._woken.clear()
                await self._sleep(await self._look(cases))
            # The group waits for what is under way.
            patience.reschedule(asyncio.get_running_loop().time() + _PATIENCE)

    async def work_once(self) -> None:
        """Do everything whose time has come, and come back when it is done."""
        async with asyncio.TaskGroup() as cases:
            await self._look(cases)

    async def _look(self, cases: asyncio.TaskGroup) -> float:
        """Begin what is due, and give how long nobody has to look again; whatever ends wakes."""
        if self._is_store_away:
            return self._wait_for_store()
        try:
            return await self._begin(cases)
        except StoreUnavailable:
            self._lose_store()
            return self._wait_for_store()
        except Exception as error:
            _log.error("outbox_failed", exc_info=error)
            return _LOOK_AT_LEAST

    async def _begin(self, cases: asyncio.TaskGroup) -> float:
        # Before the work, too: it can take long, and nothing would seem to be owed after a start.
        self._tell_depth(await self._store.owed())
        if len(self._under_way) >= 2 * _SIDE_BY_SIDE:
            # More than can be done now. Read after each piece, a thousand that wait would cost 6 ms; a piece costs 2.
            return _LOOK_AT_LEAST
        due: dict[str, list[Owed]] = {}
        for owed in await self._store.due(self._until()):
            due.setdefault(owed.case, []).append(owed)
        for case in [case for case in due if case not in self._under_way]:
            self._under_way.add(case)
            cases.create_task(self._see_to(case, due[case]))
        self._cases.forget_closed(but={case for case, pieces in due.items() if pieces[-1].kind == "close"})
        return await self._pause()

    def _until(self) -> datetime:
        """Give until when work is due: now, and after the clock was put back for ever."""
        now = self._clock()
        # What was put off until a moment of the old time would wait an hour, or a day.
        until = _END_OF_TIME if now < self._looked else now
        self._looked = now
        return until

    async def _see_to(self, case: str, pieces: Sequence[Owed]) -> None:
        """Do what is due of a case, and leave the case alone for a while where that did not go."""
        try:
            if rest := await self._rest_after(pieces):
                await _wait(self._stopped, rest)
        finally:
            self._under_way.discard(case)
            self.wake()

    async def _rest_after(self, pieces: Sequence[Owed]) -> float:
        """Do what is due of a case, and give how long to leave the case alone then."""
        try:
            return 0 if await self._do_in_order(pieces) else _A_WHILE
        except StoreUnavailable:
            self._lose_store()
            return 0
        except Exception as error:
            _log.error("outbox_failed", exc_info=error)
            return _LOOK_AT_LEAST

    async def _do_in_order(self, pieces: Sequence[Owed]) -> bool:
        """Do what is due of a case; False from the piece on that another instance keeps it from."""
        for owed in pieces:
            if not await self._do_alone(owed):
                return False
        return True

    async def _do_alone(self, owed: Owed) -> bool:
        """Do owed work unless another instance does something of its case now; tell whether it did not."""
        # Where an answer is typed, it is about what was shown last: so two words to one person never cross.
        lane, case = owed.body.get("to", owed.case), f"owed:{owed.case}"
        async with self._lanes.hold(lane), self._slots, self._locks.try_hold(case) as is_ours:
            # As far as it came meanwhile: a placeholder that stands must not be posted again.
            if is_ours and self._may_begin and (now := await self._store.still_owed(owed)):
                await self._attempt(now)
            return is_ours

    @property
    def _may_begin(self) -> bool:
        return not (self._is_store_away or self._stopped.is_set())

    def _lose_store(self) -> None:
        if not self._is_store_away:
            _log.error("store_unavailable")
        self._is_store_away = True

    def _wait_for_store(self) -> float:
        """Begin nothing until what is under way has ended, what Teams was given included; then wait a while."""
        self._is_store_away = bool(self._under_way)
        return _LOOK_AT_LEAST if self._under_way else _FIRST_WAIT.total_seconds()

    async def _sleep(self, seconds: float) -> None:
        await _wait(self._woken, seconds)

    async def _pause(self) -> float:
        following = await self._store.next_due()
        if following is None:
            return _LOOK_AT_LEAST
        wait = (following - self._clock()).total_seconds()
        # What is under way is still owed, and wakes when it is not any more.
        return min(max(wait, _A_WHILE if self._under_way else 0.05), _LOOK_AT_LEAST)

    async def _attempt(self, owed: Owed) -> None:
        try:
            await self._do(owed)
        except ChannelUnavailable as failure:
            await self._later(owed, failure.retry_after)
        except TranscriptConflict:
            await self._later(owed, 0)
        except PostRefused as refusal:
            _log.error("post_refused", extra={"status": refusal.status, "kind": owed.kind})
            await self._cards.refused(owed, refusal.status)
        except TranscriptDamaged as damage:
            _log.error("transcript_damaged", extra={"case": owed.case, "reason": str(damage)})
            await self._later(owed, _LONGEST_WAIT.total_seconds())
        except CaseSealed:
            # What was put off until after the sealing: the bot can say nothing of the case any more.
            await self._store.commit(Write(owed_done=owed.id))
        except StoreUnavailable:
            raise
        except Exception as error:
            # Nobody else would hear of it, and what is owed to others must go on.
            _log.error("owed_work_failed", extra={"kind": owed.kind}, exc_info=error)
            await self._later(owed, _LONGEST_WAIT.total_seconds())

    async def _do(self, owed: Owed) -> None:
        match owed.kind:
            case "card":
                await self._cards.card(owed)
            case "redraw":
                await self._cards.redraw(owed)
            case "withdraw":
                await self._cards.withdraw(owed)
            case "close":
                await self._closing.close(owed)
            case "watch":
                await self._deadlines.watch(owed)
            case "remind":
                await self._deadlines.remind(owed)
            case "form":
                await self._telling.form(owed)
            case _:
                await self._telling.tell(owed)

    async def _later(self, owed: Owed, retry_after: float | None) -> None:
        """Put the work off: as long as Teams asked for, else twice as long as the last time."""
        doubled = min(_FIRST_WAIT * 2 ** min(owed.attempts, 20), _LONGEST_WAIT)
        wait = doubled if retry_after is None else timedelta(seconds=retry_after)
        # What was reached meanwhile (a placed placeholder) stands in the store, not in `owed`.
        await self._store.put_off(owed.id, owed.attempts + 1, self._clock() + wait)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait until something happens, or so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
