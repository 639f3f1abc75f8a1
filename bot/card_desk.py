"""Presses on the channel card: each is checked anew (person, role, state, version), stored, and then answered.

A press with Action.Execute is answered in place, to who pressed; a client that knows only Action.Submit gets the
form in its person's private chat, since in the channel everyone would see it. There the same forms work.
"""

import logging
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime

from bot.admission import may_use_card, to_actor
from bot.cases import Cases, Loaded, insist
from bot.choosing import inbox_key
from bot.drawing import CHANNEL, card_context, drawn
from bot.errors import CaseSealed, NoAccess, StoreUnavailable, StoreUncertain
from bot.locks import Locks
from bot.ports import Access, Person, Place, Reply, Role, Turn
from bot.rates import TOO_FAST, Rates
from bot.refusing import Refusals, language_of
from bot.store import Handle, Owed, RegisterEntry, Seat, Store, Write
from dialogs.deciding import VERBS, CardOutcome, CardPress, respond_card
from dialogs.reading import plain
from dialogs.render import render_form, summary
from dialogs.values import Outgoing
from dialogs.views import Scene
from dialogs.wording import Wording
from state.errors import TranscriptDamaged
from state.events import Actor
from state.setting import Setting

_log = logging.getLogger(__name__)

# The word that a handle on a card or on one of its forms begins with.
CARD = "card"


class CardDesk:
    """Takes presses on channel cards."""

    def __init__(
        self,
        *,
        store: Store,
        cases: Cases,
        access: Access,
        wording: Wording,
        locks: Locks,
        clock: Callable[[], datetime],
        rates: Rates,
        wake_outbox: Callable[[], None],
        language: str = "nl",
    ) -> None:
        """Take the language of the channel as `language`."""
        self._store = store
        self._cases = cases
        self._access = access
        self._wording = wording
        self._locks = locks
        self._clock = clock
        self._rates = rates
        self._wake_outbox = wake_outbox
        self._language = language
        self._refusals = Refusals(store, rates, wording, clock)

    def is_press(self, turn: Turn) -> bool:
        """Tell whether a turn is a press in the channel that can be one of a card."""
        return turn.place is Place.CHANNEL and turn.incoming.verb in VERBS and turn.incoming.handle is not None

    async def take(self, turn: Turn) -> Reply:
        """Give the answer to a press in the channel."""
        try:
            person = await self._access.admit(turn.sender, turn.chat)
            if not may_use_card(person):
                raise NoAccess
        except NoAccess as refusal:
            return await self._refusals.refuse(turn, refusal.code)
        if not self._rates.may_talk(person.id):
            return await self._refusals.refuse(turn, TOO_FAST)
        try:
            inbox = inbox_key(turn)
            seat = await self._store.seat(CHANNEL, turn.chat.conversation, inbox, turn.incoming.handle)
            return await self.answer(turn, person, seat, inbox)
        except StoreUncertain:
            _log.error("store_unavailable")
            return Reply(stored=False)
        except StoreUnavailable:
            _log.error("store_unavailable")
            return replace(self._say(turn, "not_stored", None), stored=False)

    async def answer(self, turn: Turn, person: Person, seat: Seat, inbox: str) -> Reply:
        """Give the answer to a press on a card's handle, in the channel or on a form in the private chat."""
        handle = seat.handle
        if handle is None or handle.case is None or turn.incoming.verb not in VERBS:
            return await self._stale(turn, person)
        press = _press(turn, handle)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._locks.hold(f"case:{handle.case}"))
            return await insist(lambda: self._attempt(turn, person, seat, press, inbox))

    async def _stale(self, turn: Turn, person: Person) -> Reply:
        """Answer a forged or forgotten handle; nobody learns which."""
        entry = RegisterEntry(self._clock(), person.id, "refused", "stale_card")
        await self._store.commit(Write(register=(entry,)))
        return self._say(turn, "card_stale", None)

    async def _attempt(self, turn: Turn, person: Person, seat: Seat, press: CardPress, inbox: str) -> Reply:
        handle = seat.handle
        assert handle is not None and handle.case is not None  # noqa: S101  # `answer` saw to it
        language = self._language_for(turn, seat)
        try:
            loaded = await self._cases.load(handle.case)
        except CaseSealed:
            return self._say(turn, "card_closed", seat)
        except TranscriptDamaged as damage:
            _log.error("transcript_damaged", extra={"case": handle.case, "reason": str(damage)})
            return self._say(turn, "transcript_damaged", seat)
        if not loaded.case.number:
            # Destroyed: no rows are left.
            return self._say(turn, "card_stale", seat)
        actor = to_actor(person)
        setting = Setting(actor, self._clock(), language, loaded.framework)
        scene = Scene(setting, loaded.framework, self._wording, loaded.case, candidates=self._deciders(actor))
        if seat.seen:
            # Stored before, but perhaps never said.
            press = replace(press, verb="card", version=loaded.case.posted.version if loaded.case.posted else 0)
        outcome = respond_card(press, scene)
        after = replace(loaded, case=outcome.after or loaded.case)
        return await self._settle(turn, seat, loaded, after, outcome, setting, inbox)

    def _deciders(self, actor: Actor) -> tuple[Actor, ...]:
        people = self._access.people_with(Role.DECIDER)
        return tuple(to_actor(person) for person in people if person.id != actor.id)

    async def _settle(
        self,
        turn: Turn,
        seat: Seat,
        before: Loaded,
        after: Loaded,
        outcome: CardOutcome,
        setting: Setting,
        inbox: str,
    ) -> Reply:
        """Keep everything, and only then answer."""
        write = Write()
        if outcome.recorded:
            entry = await self._store.entry(before.case.id)
            tenant = entry.tenant if entry else turn.sender.tenant
            write = self._cases.to_write(before, after.case, outcome.recorded, tenant, inbox)
        fresh = self._handle(turn, setting.actor, after)
        action, code = ("refused", outcome.refused) if outcome.refused else (CARD, "ok")
        noted = RegisterEntry(setting.now, setting.actor.id, action, code, after.case.id)
        owed = write.owed if turn.is_invoke else (*write.owed, *_form_owed(turn, setting.actor, after, outcome))
        await self._store.commit(
            replace(write, inbox=None if seat.seen else inbox, handles=(fresh,), register=(noted,), owed=owed)
        )
        if owed:
            self._wake_outbox()
        if turn.place is Place.CHANNEL and not turn.is_invoke:
            return Reply()
        return self._reply(turn, after, outcome, setting.language, fresh.handle)

    def _handle(self, turn: Turn, actor: Actor, after: Loaded) -> Handle:
        person = CHANNEL if turn.place is Place.CHANNEL else actor.id
        context = card_context(after.case)
        return Handle(secrets.token_urlsafe(16), person, turn.chat.conversation, context, after.case.id)

    def _reply(self, turn: Turn, after: Loaded, outcome: CardOutcome, language: str, handle: str) -> Reply:
        notice = self._wording.say(outcome.notice[0], language, **outcome.notice[1]) if outcome.notice else ""
        if outcome.said:
            return Reply((self._words(outcome.said, language),))
        if outcome.form is not None:
            form = render_form(outcome.form, self._wording, language, handle, notice or None)
            return Reply((form,), replace=form.card)
        if turn.place is not Place.CHANNEL or after.case.posted is None:
            return Reply((Outgoing(summary(language, self._wording), text=notice),))
        card = drawn(after, self._wording, handle, notice)
        return Reply(replace=card)

    def _language_for(self, turn: Turn, seat: Seat | None) -> str:
        """Give the channel's language in the channel, and the person's own in their chat."""
        if turn.place is Place.CHANNEL:
            return self._language
        return language_of(turn, seat.chat if seat else None)

    def _say(self, turn: Turn, key: str, seat: Seat | None) -> Reply:
        """Give a sentence to who pressed; in the channel a Submit has no answer that they alone would see."""
        if turn.place is Place.CHANNEL and not turn.is_invoke:
            return Reply()
        return Reply((self._words(key, self._language_for(turn, seat)),))

    def _words(self, key: str, language: str) -> Outgoing:
        return Outgoing(summary(language, self._wording), text=self._wording.say(key, language))


def _press(turn: Turn, handle: Handle) -> CardPress:
    _, version, round_ = handle.context.split(":")
    incoming = turn.incoming
    return CardPress(
        verb=incoming.verb or "",
        version=int(version),
        round=int(round_),
        answer=incoming.answer or "",
        note=plain(incoming.note or ""),
        fields=incoming.fields,
    )


def _form_owed(turn: Turn, actor: Actor, after: Loaded, outcome: CardOutcome) -> tuple[Owed, ...]:
    """Give the form that is owed in the private chat, to who pressed with a client that knows no Execute."""
    if turn.place is not Place.CHANNEL or outcome.form is None:
        return ()
    holder = after.case.assessor.id if after.case.assessor else actor.id
    return (Owed("form", after.case.id, {"to": actor.id, "by": holder, "verb": turn.incoming.verb or ""}),)
