"""One turn, from an activity that passed the gate to what is said: lock, load, decide, store, speak."""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime

from bot.admission import Candidates, may_talk, may_use_card, may_weigh, to_actor
from bot.card_desk import CARD, CardDesk
from bot.cases import Cases, Loaded, insist, is_open, to_line
from bot.choosing import (
    ONCE,
    fresh_number,
    inbox_key,
    is_anothers,
    is_past,
    named,
    reached,
    which_case,
    wish_of,
)
from bot.errors import CaseSealed, NoAccess, StoreUnavailable, StoreUncertain
from bot.keeping import KeepingDesk, Visit
from bot.locks import Locks
from bot.ports import Access, Person, Place, Reply, Turn
from bot.rates import TOO_FAST, UNLIMITED, Rates
from bot.refusing import Refusals, language_of
from bot.store import CaseEntry, Chat, Handle, RegisterEntry, Seat, Store, Write
from dialogs import screens
from dialogs.conversation import respond
from dialogs.outcome import Outcome, past_card
from dialogs.reading import Wish, spoken_language
from dialogs.render import render
from dialogs.seeing import read_of
from dialogs.values import Outgoing
from dialogs.views import Scene, here
from dialogs.wording import Wording
from state.errors import TranscriptDamaged
from state.events import Actor
from state.setting import Setting

_log = logging.getLogger(__name__)

_REMEMBERED_TURNS = 10_000


@dataclass(frozen=True, slots=True)
class _Visit:
    """Who talks in this turn, and what the store knew before it."""

    turn: Turn
    actor: Actor
    language: str
    inbox: str
    seat: Seat
    entries: tuple[CaseEntry, ...]
    reach: CaseEntry | None = None


class FrontDesk:
    """Takes turns: everything of one turn is stored before anything of it is said."""

    def __init__(
        self,
        *,
        store: Store,
        cases: Cases,
        access: Access,
        wording: Wording,
        locks: Locks,
        clock: Callable[[], datetime],
        wake_outbox: Callable[[], None],
        rates: Rates | None = None,
        keeping: KeepingDesk | None = None,
        cards: CardDesk | None = None,
        channel_language: str = "nl",
    ) -> None:
        self._store = store
        self._cases = cases
        self._access = access
        self._candidates = Candidates(access)
        self._wording = wording
        self._locks = locks
        self._clock = clock
        self._wake_outbox = wake_outbox
        self._rates = rates or Rates(UNLIMITED)
        self._refusals = Refusals(store, self._rates, wording, clock)
        self._cards = cards
        self._channel_language = channel_language
        self._keeping = keeping
        self._said: OrderedDict[str, None] = OrderedDict()

    async def take_turn(self, turn: Turn) -> Reply:
        """Give the answer to one turn; what cannot be stored is not said to be."""
        if self._cards is not None and self._cards.is_press(turn):
            return await self._cards.take(turn)
        try:
            person = await self._admit(turn)
        except NoAccess as refusal:
            return await self._refusals.refuse(turn, refusal.code)
        if not self._rates.may_talk(person.id):
            return await self._refusals.refuse(turn, TOO_FAST)
        try:
            async with self._locks.hold(f"person:{person.id}"):
                return await self._converse(turn, person)
        except NoAccess as refusal:
            return await self._refusals.refuse(turn, refusal.code)
        except StoreUncertain:
            # Whatever is said could be untrue; a new delivery finds out.
            _log.error("store_unavailable")
            return Reply(stored=False)
        except StoreUnavailable:
            _log.error("store_unavailable")
            return Reply((self._say("not_stored", language_of(turn, None)),), stored=False)

    def not_said(self, turn: Turn) -> None:
        """Hear that the answer did not arrive: a new delivery of the turn says where the case stands."""
        self._said.pop(inbox_key(turn), None)

    async def _admit(self, turn: Turn) -> Person:
        if turn.place is not Place.PERSONAL:
            raise NoAccess
        person = await self._access.admit(turn.sender, turn.chat)
        # Who only sees the channel card can press here on a form of it, and do nothing else.
        if self._may_talk(person) or (turn.incoming.handle is not None and may_use_card(person)):
            return person
        raise NoAccess

    def _may_talk(self, person: Person) -> bool:
        return may_talk(person, with_keepers=self._keeping is not None)

    async def _converse(self, turn: Turn, person: Person) -> Reply:
        inbox = inbox_key(turn)
        if inbox in self._said:
            # Teams delivers again what took long, also when the answer arrived.
            return Reply()
        seat = await self._store.seat(person.id, turn.chat.conversation, inbox, turn.incoming.handle)
        if self._cards is not None and seat.handle is not None and seat.handle.context.startswith(f"{CARD}:"):
            answer = await self._cards.answer(turn, person, seat, inbox)
            self._remember(inbox)
            return answer
        if not self._may_talk(person):
            raise NoAccess
        language = language_of(turn, seat.chat)
        if self._keeping and (kept := await self._keeping.take(Visit(turn, person, seat, inbox, language))):
            self._remember(inbox)
            return kept
        # Who lost the role to weigh has no case any more, also where another role lets them talk.
        theirs = await self._store.entries(person.id) if may_weigh(person) else ()
        entries = tuple(entry for entry in theirs if is_open(entry))
        wish = wish_of(turn.incoming, seat)
        reach = await reached(wish, seat, self._store)
        visit = _Visit(turn, to_actor(person), language, inbox, seat, entries, reach)
        reply = await self._play(visit, None if wish and is_past(wish, seat, (*entries, reach)) else wish)
        self._remember(inbox)
        return reply

    async def _play(self, visit: _Visit, wish: Wish | None) -> Reply:
        """Take the turn under the lock of its case; again when another instance was first, or a number is in use."""
        case_id = which_case(wish, visit.seat, visit.entries, visit.actor.id, visit.reach)
        async with AsyncExitStack() as stack:
            if case_id:
                await stack.enter_async_context(self._locks.hold(f"case:{case_id}"))
            return await insist(lambda: self._attempt(visit, wish, case_id))

    async def _attempt(self, visit: _Visit, wish: Wish | None, case_id: str | None) -> Reply:
        try:
            loaded = await self._cases.load(case_id) if case_id else None
        except TranscriptDamaged as damage:
            _log.error("transcript_damaged", extra={"case": case_id, "reason": str(damage)})
            if not is_anothers(visit.reach, visit.actor.id):
                return Reply((self._say("transcript_damaged", visit.language),))
            loaded = None
        except CaseSealed:
            # It opens for its two keepers alone, and who asks learns no more than of one that never was.
            loaded = None
        scene = await self._scene(visit, loaded, wish)
        outcome = self._respond(wish, scene, visit)
        handle = secrets.token_urlsafe(16)
        write = self._to_write(visit, loaded, scene, outcome, wish, handle)
        if outcome.discarded:
            # That it happened is kept, and not which one.
            noted = RegisterEntry(scene.setting.now, visit.actor.id, "discard", "ok")
            await self._store.discard(outcome.discarded, (noted,))
            self._cases.forget(outcome.discarded)
        await self._store.commit(write)
        if write.owed:
            self._wake_outbox()
        return self._to_reply(outcome, outcome.language or visit.language, handle)

    def _respond(self, wish: Wish | None, scene: Scene, visit: _Visit) -> Outcome:
        if visit.turn.welcome:
            return Outcome(scene.case, screens.WelcomeScreen(scene.setting.actor.name, scene.lines))
        if visit.seat.seen:
            # Stored before, but perhaps never said: say where the case stands, without an event.
            return Outcome(scene.case, here(scene))
        if wish is None:
            return past_card(scene)
        return respond(wish, scene)

    async def _scene(self, visit: _Visit, loaded: Loaded | None, wish: Wish | None) -> Scene:
        case_id = secrets.token_hex(16)
        framework = (loaded or self._cases.fresh(case_id)).framework
        now = self._clock()
        return Scene(
            setting=Setting(visit.actor, now, visit.language, framework),
            fresh_framework=self._cases.fresh(case_id).framework,
            wording=self._wording,
            case=loaded.case if loaded else None,
            lines=tuple(to_line(entry, visit.actor.id) for entry in visit.entries),
            candidates=self._candidates.others(visit.actor),
            fresh_id=case_id,
            fresh_number=fresh_number(wish, now),
            print=loaded.print if loaded else "",
            channel_language=self._channel_language,
        )

    def _to_write(
        self,
        visit: _Visit,
        loaded: Loaded | None,
        scene: Scene,
        outcome: Outcome,
        wish: Wish | None,
        handle: str,
    ) -> Write:
        write = Write()
        if outcome.recorded and outcome.recorded[0].seq == 1:
            loaded = self._cases.fresh(scene.fresh_id)
        if outcome.recorded and loaded:
            after = outcome.after or loaded.case
            tenant = visit.turn.sender.tenant
            write = self._cases.to_write(loaded, after, outcome.recorded, tenant, visit.inbox)
        case_id = outcome.case.id if outcome.case else None
        context = screens.context_of(outcome.screen)
        is_used = bool(outcome.recorded) and wish is not None and wish.verb in ONCE
        return replace(
            write,
            inbox=None if visit.seat.seen else visit.inbox,
            register=tuple(self._to_register(visit, scene, outcome)),
            handles=(Handle(handle, visit.actor.id, visit.turn.chat.conversation, context, case_id),),
            used_handle=visit.turn.incoming.handle if is_used else None,
            chat=Chat(
                visit.actor.id,
                visit.turn.chat,
                _open_case(visit, scene, outcome),
                outcome.language
                or (visit.seat.chat.language if visit.seat.chat else None)
                or spoken_language(visit.turn.incoming.text),
                context,
            ),
        )

    def _to_register(self, visit: _Visit, scene: Scene, outcome: Outcome) -> Iterator[RegisterEntry]:
        """Give what the register keeps of this turn: a refusal, and that something of a case was shown."""
        now, person = scene.setting.now, visit.actor.id
        if outcome.refused:
            yield RegisterEntry(now, person, "refused", outcome.refused, named(scene.case))
        read = read_of(outcome.screen)
        if read is not None and outcome.case is not None:
            yield RegisterEntry(now, person, read, "ok", named(outcome.case))

    def _to_reply(self, outcome: Outcome, language: str, handle: str) -> Reply:
        notice = None
        if outcome.notice:
            notice = self._wording.say(outcome.notice[0], language, **outcome.notice[1])
        message = render(outcome.screen, self._wording, language, handle, notice)
        answered = render(outcome.answered, self._wording, language, "") if outcome.answered else None
        return Reply((message,), replace=answered.card if answered else None)

    def _say(self, key: str, language: str) -> Outgoing:
        return render(screens.TextScreen(key), self._wording, language, "")

    def _remember(self, inbox: str) -> None:
        self._said[inbox] = None
        if len(self._said) > _REMEMBERED_TURNS:
            self._said.popitem(last=False)


def _open_case(visit: _Visit, scene: Scene, outcome: Outcome) -> str | None:
    """Give the case that is the open one of this chat after the turn."""
    reachable = {entry.id for entry in visit.entries} - {outcome.discarded}
    if outcome.recorded:
        reachable.add(scene.fresh_id)
    after = outcome.after
    if after and after.assessor and after.assessor.id == visit.actor.id and not after.is_closed:
        reachable.add(after.id)
    # An old card of a case that is past is about no case, and must not put the open one away.
    before = visit.seat.chat.active_case if visit.seat.chat else None
    case_id = outcome.case.id if outcome.case else None
    return next((one for one in (case_id, before) if one in reachable), None)
