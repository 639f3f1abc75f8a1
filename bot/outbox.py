"""Work owed after a turn: the card for the channel and word to persons; stored first, done until it is done."""

import asyncio
import logging
from collections.abc import Callable
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
# How long to wait for work that another instance has taken up.
_OTHERS_WORK = 1.0
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


class Outbox:
    """Does what is owed, in order, with growing pauses when Teams does not take it."""

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
            store=store, cases=cases, access=access, teams=teams, wording=wording, clock=clock
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
        self._locks = locks
        self._woken = asyncio.Event()
        self._looked = _END_OF_TIME

    def wake(self) -> None:
        """Look for owed work at once."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._woken.clear()
            try:
                # Before the work, too: it can take long, and nothing would seem to be owed after a start.
                self._tell_depth(await self._store.owed())
                is_ours = await self.work_once()
                self._tell_depth(await self._store.owed())
                pause = await self._pause() if is_ours else _OTHERS_WORK
            except StoreUnavailable:
                _log.error("store_unavailable")
                pause = _FIRST_WAIT.total_seconds()
            except Exception as error:
                _log.error("outbox_failed", exc_info=error)
                pause = _LOOK_AT_LEAST
            await self._sleep(pause)

    async def work_once(self) -> bool:
        """Do everything whose time has come, and after the clock was put back everything.

        Give False when some of it is being done by another instance.
        """
        now = self._clock()
        # What was put off until a moment of the old time would wait an hour, or a day.
        until = _END_OF_TIME if now < self._looked else now
        self._looked = now
        return all([await self._do_alone(owed) for owed in await self._store.due(until)])

    async def _do_alone(self, owed: Owed) -> bool:
        """Do owed work unless another instance does it now; tell whether it did not."""
        async with self._locks.try_hold(f"owed:{owed.id}") as is_ours:
            # As far as it came meanwhile: a placeholder that stands must not be posted again.
            if is_ours and (now := await self._store.still_owed(owed)):
                await self._attempt(now)
            return is_ours

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _pause(self) -> float:
        following = await self._store.next_due()
        if following is None:
            return _LOOK_AT_LEAST
        wait = (following - self._clock()).total_seconds()
        return min(max(wait, 0.05), _LOOK_AT_LEAST)

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
            self.wake()
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
                self.wake()
            case "redraw":
                await self._cards.redraw(owed)
            case "withdraw":
                await self._cards.withdraw(owed)
                self.wake()
            case "close":
                await self._closing.close(owed)
            case "watch":
                await self._deadlines.watch(owed)
                self.wake()
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
