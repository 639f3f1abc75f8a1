"""What is owed to the card in the channel: placed, filled, drawn anew, withdrawn.

A card goes out in two steps: a placeholder without content is posted and its place is stored, then it is
replaced by the content. Replacing can be repeated without harm, so content is never in the channel twice;
at worst an empty placeholder is left over. That one may be is not guessed about: a person is asked to look.

Withdrawing goes the other way: first the content is replaced by a neutral card, and only when Teams took that is
deletion tried. Teams may keep showing a deleted message to members who join later.
"""

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bot.cases import Cases, Loaded
from bot.drawing import CHANNEL, card_context, drawn
from bot.errors import ChannelUnavailable, PostRefused
from bot.locks import Locks
from bot.ports import ChatReference, PostedActivity, Teams
from bot.store import Handle, Owed, Store, Write
from dialogs.cards.channel import neutral_card, placeholder_card
from dialogs.render import summary
from dialogs.values import Outgoing
from dialogs.wording import Wording
from state import commands as do
from state.case import Case
from state.decide import decide
from state.events import BOT
from state.fold import record
from state.setting import Setting

_GONE = frozenset({404, 410})


class CardWork:
    """Does what is owed to a case's card; everything can be begun again after a crash."""

    def __init__(
        self,
        *,
        store: Store,
        cases: Cases,
        teams: Teams,
        wording: Wording,
        locks: Locks,
        clock: Callable[[], datetime],
        language: str = "nl",
    ) -> None:
        self._store = store
        self._cases = cases
        self._teams = teams
        self._wording = wording
        self._locks = locks
        self._clock = clock
        self._language = language

    async def card(self, owed: Owed) -> None:
        """Put the owed version in the channel."""
        loaded = await self._cases.load(owed.case)
        case = loaded.case
        if case.owed is None or case.card_version != owed.body["version"]:
            await self._store.commit(Write(owed_done=owed.id))
            return
        place, spare = await self._placed(owed, case)
        # As it will stand once it is taken.
        await self._draw(replace(loaded, case=replace(case, posted=case.owed)), place)
        await self._settle(owed, do.ConfirmPosted(case.card_version), {"spare": spare})

    async def redraw(self, owed: Owed) -> None:
        """Show on the card what was decided since."""
        loaded = await self._cases.load(owed.case)
        place = await self._store.card_place(owed.case)
        # A version that is under way is drawn with all of it; a closed card is drawn by the closing.
        if loaded.case.posted is not None and loaded.case.owed is None and place and not loaded.case.is_closed:
            await self._draw(loaded, PostedActivity(**place))
        await self._store.commit(Write(owed_done=owed.id))

    async def _draw(self, loaded: Loaded, place: PostedActivity) -> None:
        """Draw the card with a handle of its own, which is stored before anyone can press it."""
        case = loaded.case
        handle = Handle(secrets.token_urlsafe(16), CHANNEL, place.conversation, card_context(case), case.id)
        await self._store.commit(Write(handles=(handle,)))
        card = drawn(loaded, self._wording, handle.handle)
        await self._teams.update(place, self._outgoing(card))

    def _outgoing(self, card: dict[str, Any]) -> Outgoing:
        return Outgoing(summary(self._language, self._wording), card=card)

    # --- withdrawing -------------------------------------------------------------------

    async def withdraw(self, owed: Owed) -> None:
        """Make the card neutral, see that this arrived, and only then try to delete it."""
        place = await self._store.card_place(owed.case)
        if not place or "outcome" in owed.progress:
            await self._gone(owed, owed.progress.get("outcome", "deleted"))
            return
        await self._teams.update(PostedActivity(**place), self._outgoing(neutral_card(self._language, self._wording)))
        # From here on nothing of the case can be read in the channel, whatever becomes of the deletion.
        outcome = await self._delete(PostedActivity(**place))
        await self._store.keep_progress(replace(owed, progress={"outcome": outcome}))
        await self._gone(owed, outcome)

    async def _delete(self, place: PostedActivity) -> str:
        try:
            await self._teams.delete(place)
        except PostRefused as refusal:
            return "deleted" if refusal.status in _GONE else "neutral"
        except ChannelUnavailable:
            # Not every client of the Bot Framework deletes; the neutral card stays.
            return "neutral"
        return "deleted"

    async def _gone(self, owed: Owed, outcome: str) -> None:
        notice = {"notice": f"card_gone.{owed.body['because']}_{outcome}"}
        command = do.ConfirmGone(owed.body["version"], outcome)
        await self._settle(owed, command, notice, gone=outcome == "deleted")

    # --- its place ---------------------------------------------------------------------

    async def _placed(self, owed: Owed, case: Case) -> tuple[PostedActivity, int]:
        """Give where the card stands (an earlier version's place, or a new placeholder), and how many may be spare."""
        known, tried = owed.progress.get("posted"), owed.progress.get("tried", 0)
        place = known or await self._store.card_place(owed.case)
        if place:
            return PostedActivity(**place), tried - 1 if known else 0
        card = placeholder_card(case.number, self._language, self._wording)
        like = await self._chat_of_holder(case)
        # Before posting: whoever goes on after a crash must know that a placeholder may stand there.
        await self._store.keep_progress(replace(owed, progress={"tried": tried + 1}))
        try:
            posted = await self._teams.post_in_channel(self._outgoing(card), like)
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

    # --- what became of it -------------------------------------------------------------

    async def refused(self, owed: Owed, status: int) -> None:
        """Take it that Teams refused for good, and tell the holder."""
        match owed.kind:
            case "card":
                command = do.ConfirmRefused(owed.body["version"], f"http_{status}")
                await self._settle(owed, command, {"spare": owed.progress.get("tried", 0)})
            case "withdraw":
                # Gone already, or out of the bot's reach: a person has to look.
                await self._gone(owed, "deleted" if status in _GONE else "refused")
            case _:
                await self._store.commit(Write(owed_done=owed.id))

    async def _settle(self, owed: Owed, command: do.Command, word: dict[str, Any], *, gone: bool = False) -> None:
        """Append what became of the card under the case's lock, and owe word of it to the holder."""
        async with self._locks.hold(f"case:{owed.case}"):
            loaded = await self._cases.load(owed.case)
            setting = Setting(BOT, self._clock(), self._language, loaded.framework)
            after, recorded = record(loaded.case, decide(loaded.case, command, setting), BOT, setting.now)
            entry = await self._store.entry(owed.case)
            write = self._cases.to_write(loaded, after, recorded, entry.tenant if entry else "")
            holder = after.assessor.id if after.assessor else ""
            told = Owed("tell", owed.case, {"to": holder, "by": holder, **word})
            await self._store.commit(
                replace(write, owed_done=owed.id, owed=(*write.owed, told), forget_card=owed.case if gone else None)
            )
            # Kept with the keys: a database that is put back from before the card is found.
            await self._store.sign_off(owed.case)
