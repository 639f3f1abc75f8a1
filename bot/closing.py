"""What is owed after a case was closed: the last print on its card, a signed checkpoint, and its sealing.

The print on the card is a witness outside the store. The checkpoint is kept with the keys: a database that is put
back from before it is found. Sealing comes last: from then on the bot itself cannot read the case.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.cases import Cases, Loaded
from bot.drawing import drawn_closed
from bot.errors import CaseSealed, PostRefused
from bot.locks import Locks
from bot.ports import PostedActivity, Teams
from bot.store import Owed, RegisterEntry, Store, Write
from dialogs.render import summary
from dialogs.values import Outgoing
from dialogs.wording import Wording
from state.events import BOT

_log = logging.getLogger(__name__)

Seal = Callable[[str], Awaitable[None]]


class Closing:
    """Does what closing a case owes, in an order that can be begun again after a crash."""

    def __init__(
        self,
        *,
        store: Store,
        cases: Cases,
        teams: Teams,
        wording: Wording,
        locks: Locks,
        clock: Callable[[], datetime],
        seal: Seal | None = None,
    ) -> None:
        """Take None for `seal` where cases are not sealed."""
        self._store = store
        self._cases = cases
        self._teams = teams
        self._wording = wording
        self._locks = locks
        self._clock = clock
        self._seal = seal

    async def close(self, owed: Owed) -> None:
        """Do it all; may raise ChannelUnavailable, and is then tried again."""
        try:
            loaded = await self._cases.load(owed.case)
        except CaseSealed:
            # A crash came between the sealing and this line.
            await self._done(owed, "seal")
            return
        if loaded.case.is_closed:
            await self._print(loaded)
        await self._store.sign_off(owed.case)
        await self._end(owed, loaded.case.version)

    async def _end(self, owed: Owed, version: int) -> None:
        """Seal the case, unless it was opened again: Teams can take a day, and then nobody could go on with it."""
        async with self._locks.hold(f"case:{owed.case}"):
            case = (await self._cases.load(owed.case)).case
            if not case.is_closed or case.version != version:
                await self._store.commit(Write(owed_done=owed.id))
                return
            if self._seal is not None:
                await self._seal(owed.case)
            await self._done(owed, "seal" if self._seal else "close")

    async def _print(self, loaded: Loaded) -> None:
        place = await self._store.card_place(loaded.case.id)
        if place is None or loaded.case.posted is None:
            return
        at = loaded.latest or self._clock()
        card = drawn_closed(loaded, self._wording, at)
        try:
            await self._teams.update(PostedActivity(**place), Outgoing(summary("nl", self._wording), card=card))
        except PostRefused as refusal:
            # The card is gone, or the bot is no longer in the team: the case is closed all the same.
            _log.error("post_refused", extra={"status": refusal.status, "kind": "close"})

    async def _done(self, owed: Owed, action: str) -> None:
        entry = RegisterEntry(self._clock(), BOT.id, action, "ok", owed.case)
        await self._store.commit(Write(owed_done=owed.id, register=(entry,)))
