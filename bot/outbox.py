"""Work owed after a turn: the card for the channel and word to a person; stored first, done until it is done.

A card goes out in two steps: a placeholder without content is posted and its place is stored, then it is
replaced by the content. Replacing can be repeated without harm, so content is never in the channel twice;
at worst an empty placeholder is left over. That one may be is not guessed about: a person is asked to look.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from bot.admission import to_actor
from bot.cases import Cases
from bot.closing import Closing, Seal
from bot.errors import (
    AccessUnknown,
    CaseSealed,
    ChannelUnavailable,
    NoAccess,
    PostRefused,
    StoreUnavailable,
    TranscriptConflict,
)
from bot.locks import Locks
from bot.ports import Access, ChatReference, Person, PostedActivity, Sender, Teams
from bot.store import Chat, Handle, Owed, RegisterEntry, Store, Write
from dialogs import screens
from dialogs.cards.channel import placeholder_card
from dialogs.render import render, summary
from dialogs.seeing import read_of
from dialogs.values import Outgoing
from dialogs.views import Scene, here
from dialogs.wording import Wording
from state import commands as do
from state.case import Case
from state.decide import decide
from state.errors import TranscriptDamaged
from state.events import BOT
from state.fold import record
from state.setting import Setting

_log = logging.getLogger(__name__)

_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=10)
_LOOK_AT_LEAST = 30.0
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
    ) -> None:
        self._store = store
        self._cases = cases
        self._access = access
        self._teams = teams
        self._wording = wording
        self._locks = locks
        self._clock = clock
        self._tell_depth = tell_depth
        self._closing = Closing(store=store, cases=cases, teams=teams, wording=wording, clock=clock, seal=seal)
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
                await self.work_once()
                self._tell_depth(await self._store.owed())
                pause = await self._pause()
            except StoreUnavailable:
                _log.error("store_unavailable")
                pause = _FIRST_WAIT.total_seconds()
            except Exception as error:
                _log.error("outbox_failed", exc_info=error)
                pause = _LOOK_AT_LEAST
            await self._sleep(pause)

    async def work_once(self) -> None:
        """Do everything whose time has come, and after the clock was put back everything."""
        now = self._clock()
        # What was put off until a moment of the old time would wait an hour, or a day.
        until = _END_OF_TIME if now < self._looked else now
        self._looked = now
        for owed in await self._store.due(until):
            await self._attempt(owed)

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
            match owed.kind:
                case "card":
                    await self._card(owed)
                case "close":
                    await self._closing.close(owed)
                case _:
                    await self._tell(owed)
        except ChannelUnavailable as failure:
            await self._later(owed, failure.retry_after)
        except TranscriptConflict:
            await self._later(owed, 0)
        except PostRefused as refusal:
            await self._refused(owed, refusal)
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

    async def _later(self, owed: Owed, retry_after: float | None) -> None:
        """Put the work off: as long as Teams asked for, else twice as long as the last time."""
        doubled = min(_FIRST_WAIT * 2 ** min(owed.attempts, 20), _LONGEST_WAIT)
        wait = doubled if retry_after is None else timedelta(seconds=retry_after)
        # What was reached meanwhile (a placed placeholder) stands in the store, not in `owed`.
        await self._store.put_off(owed.id, owed.attempts + 1, self._clock() + wait)

    # --- the card ----------------------------------------------------------------------

    async def _card(self, owed: Owed) -> None:
        case = (await self._cases.load(owed.case)).case
        if case.owed is None or case.card_version != owed.body["version"]:
            await self._store.commit(Write(owed_done=owed.id))
            return
        posted, spare = await self._placed(owed, case)
        content = json.loads(case.owed.card)
        await self._teams.update(posted, Outgoing(summary("nl", self._wording), card=content))
        await self._settle(owed, do.ConfirmPosted(case.card_version), spare)

    async def _placed(self, owed: Owed, case: Case) -> tuple[PostedActivity, int]:
        """Give where the card stands (an earlier version's place, or a new placeholder), and how many may be spare."""
        known, tried = owed.progress.get("posted"), owed.progress.get("tried", 0)
        place = known or await self._store.card_place(owed.case)
        if place:
            return PostedActivity(**place), tried - 1 if known else 0
        card = placeholder_card(case.number, "nl", self._wording)
        like = await self._chat_of_holder(case)
        # Before posting: whoever goes on after a crash must know that a placeholder may stand there.
        await self._store.keep_progress(replace(owed, progress={"tried": tried + 1}))
        try:
            posted = await self._teams.post_in_channel(Outgoing(summary("nl", self._wording), card=card), like)
        except (ChannelUnavailable, PostRefused) as failure:
            if not getattr(failure, "may_have_arrived", False):
                await self._store.keep_progress(replace(owed, progress={"tried": tried}))
            raise
        await self._store.keep_progress(replace(owed, progress={"posted": asdict(posted), "tried": tried + 1}))
        return posted, tried

    async def _chat_of_holder(self, case: Case) -> ChatReference:
        """Give where Teams is: known from the chat in which the case was weighed, also after a restart."""
        chat = await self._store.chat_of(case.assessor.id) if case.assessor else None
        if chat is None:
            raise ChannelUnavailable(None)
        return chat.reference

    async def _refused(self, owed: Owed, refusal: PostRefused) -> None:
        _log.error("post_refused", extra={"status": refusal.status, "kind": owed.kind})
        if owed.kind == "card":
            command = do.ConfirmRefused(owed.body["version"], f"http_{refusal.status}")
            await self._settle(owed, command, owed.progress.get("tried", 0))
        else:
            await self._store.commit(Write(owed_done=owed.id))

    async def _settle(self, owed: Owed, command: do.ConfirmPosted | do.ConfirmRefused, spare: int) -> None:
        """Append what became of the card under the case's lock, and owe word of it to the holder."""
        async with self._locks.hold(f"case:{owed.case}"):
            loaded = await self._cases.load(owed.case)
            setting = Setting(BOT, self._clock(), "nl", loaded.framework)
            after, recorded = record(
                loaded.case, decide(loaded.case, command, setting), BOT, setting.now
            )
            entry = await self._store.entry(owed.case)
            tenant = entry.tenant if entry else ""
            write = self._cases.to_write(loaded, after, recorded, tenant)
            holder = after.assessor.id if after.assessor else ""
            told = Owed("tell", owed.case, {"to": holder, "by": holder, "spare": spare})
            await self._store.commit(replace(write, owed_done=owed.id, owed=(*write.owed, told)))
            # Kept with the keys: a database that is put back from before the card is found.
            await self._store.sign_off(owed.case)
        self.wake()

    # --- word to a person --------------------------------------------------------------

    async def _tell(self, owed: Owed) -> None:
        """Show a person where a case stands; at least once."""
        person = self._access.person(owed.body["to"])
        chat = await self._chat(owed)
        if person is None or chat is None or not await self._is_admitted(person, chat, owed):
            await self._store.commit(Write(owed_done=owed.id))
            return
        loaded = await self._cases.load(owed.case)
        language = chat.language or "nl"
        setting = Setting(to_actor(person), self._clock(), language, loaded.framework)
        scene = Scene(setting, loaded.framework, self._wording, loaded.case)
        screen = here(scene)
        read = read_of(screen)
        if read is None:
            # The case is no longer this person's: nothing is said.
            await self._store.commit(Write(owed_done=owed.id))
            return
        handle = Handle(
            secrets.token_urlsafe(16),
            person.id,
            chat.reference.conversation,
            screens.context_of(screen),
            owed.case,
        )
        shown = RegisterEntry(setting.now, person.id, read, "ok", owed.case)
        told = Write(handles=(handle,), chat=replace(chat, shown=handle.context), register=(shown,))
        await self._store.commit(told)
        notice = self._wording.say("spare_placeholder", language) if owed.body.get("spare") else None
        await self._teams.send_to(
            chat.reference, render(screen, self._wording, language, handle.handle, notice)
        )
        await self._store.commit(Write(owed_done=owed.id))

    async def _is_admitted(self, person: Person, chat: Chat, owed: Owed) -> bool:
        """Tell whether this person may talk to the bot now, as in a turn of their own; keep a refusal."""
        reference = chat.reference
        try:
            await self._access.admit(Sender(person.id, reference.user_id, reference.tenant), reference)
        except AccessUnknown:
            raise ChannelUnavailable(None) from None
        except NoAccess as refusal:
            entry = RegisterEntry(self._clock(), person.id, "refused", refusal.code, owed.case)
            await self._store.commit(Write(register=(entry,)))
            return False
        return True

    async def _chat(self, owed: Owed) -> Chat | None:
        """Give the person's chat; one is opened when the bot never spoke to them."""
        chat = await self._store.chat_of(owed.body["to"])
        if chat is not None:
            return chat
        like = await self._store.chat_of(owed.body["by"])
        if like is None:
            return None
        reference = await self._teams.open_chat(owed.body["to"], like.reference)
        return Chat(owed.body["to"], reference)
