"""The dossier keeper's turns: what is kept, hold, and destruction by two persons, in the private chat.

Nothing here opens a case: how long a dossier is kept was determined when it was closed.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.admission import may_keep_dossiers, may_weigh
from bot.cases import Cases, insist, is_open
from bot.errors import CaseSealed, TranscriptConflict
from bot.keeping_ports import KeepingStore
from bot.locks import Locks
from bot.ports import Access, Person, Reply, Role, Turn
from bot.store import CaseEntry, Chat, Handle, RegisterEntry, Seat, Write
from dialogs.keeping import KeeperWish, case_of, context_of, is_keepers, read_pressed, read_typed
from dialogs.keeping_conversation import CHANGES, KeeperOutcome, KeeperScene, respond_keeper
from dialogs.reading import read_text, spoken_language
from dialogs.render import render, render_keeping
from dialogs.screens import TextScreen
from dialogs.wording import Wording
from state import keeping
from state.errors import TranscriptDamaged
from state.keeping import WAIT

_log = logging.getLogger(__name__)

_STALE = KeeperWish("stale_card")


@dataclass(frozen=True, slots=True)
class Visit:
    """A keeper's turn, and what the store knew before it."""

    turn: Turn
    person: Person
    seat: Seat
    inbox: str
    language: str


class KeepingDesk:
    """Takes the turns of dossier keepers; everything of one turn is stored before anything of it is said."""

    def __init__(
        self,
        *,
        store: KeepingStore,
        access: Access,
        wording: Wording,
        locks: Locks,
        clock: Callable[[], datetime],
        wait: timedelta = WAIT,
    ) -> None:
        self._store = store
        self._access = access
        self._wording = wording
        self._locks = locks
        self._clock = clock
        self._wait = wait

    async def take(self, visit: Visit) -> Reply | None:
        """Give the answer to a keeper's turn; None when the turn is nothing to do with keeping."""
        wish = _wish(visit) if may_keep_dossiers(visit.person) else None
        if wish is None:
            return None
        # All of it at once: what is kept changes seldom, and never by the turns of a case.
        async with self._locks.hold("keeping"):
            try:
                return await insist(lambda: self._attempt(visit, wish))
            except TranscriptDamaged:
                _log.error("keeping_damaged")
                return Reply((render(TextScreen("transcript_damaged"), self._wording, visit.language, ""),))

    async def _attempt(self, visit: Visit, wish: KeeperWish) -> Reply:
        scene = await self._scene(visit, wish)
        outcome = respond_keeper(wish, scene)
        handle = secrets.token_urlsafe(16)
        if outcome.certificate is not None:
            await self._store.destroy(outcome.certificate, outcome.version, self._register(visit, outcome, scene.now))
        await self._store.commit(self._to_write(visit, wish, scene, outcome, handle))
        language = outcome.language or visit.language
        notice = self._wording.say(outcome.notice[0], language, **outcome.notice[1]) if outcome.notice else None
        return Reply((render_keeping(outcome.screen, self._wording, language, handle, notice),))

    async def _scene(self, visit: Visit, wish: KeeperWish) -> KeeperScene:
        keepers = {person.id: person for person in self._access.people_with(Role.DOSSIER_KEEPER)}
        keepings = await self._store.keepings()
        return KeeperScene(
            person=visit.person.id,
            roles=frozenset(role.value for role in visit.person.roles),
            now=self._clock(),
            keepings=keepings,
            certificates=await self._store.certificates(),
            names={key: person.name for key, person in keepers.items()},
            roles_of={key: frozenset(role.value for role in person.roles) for key, person in keepers.items()},
            heads=await self._heads(wish),
            shown=_shown(visit),
            wait=self._wait,
            unreadable=sum(not is_open(entry) for entry in await self._store.entries()) - len(keepings),
        )

    async def _heads(self, wish: KeeperWish) -> dict[str, tuple[int, str]]:
        entry = await self._store.entry(wish.case) if wish.verb == "destroy" else None
        return {entry.id: (entry.version, entry.link)} if entry else {}

    def _to_write(
        self, visit: Visit, wish: KeeperWish, scene: KeeperScene, outcome: KeeperOutcome, handle: str
    ) -> Write:
        incoming, known = visit.turn.incoming, visit.seat.chat
        person, context = visit.person.id, context_of(outcome.screen)
        is_done = outcome.keeping is not None or outcome.certificate is not None
        return Write(
            inbox=None if visit.seat.seen else visit.inbox,
            # With its case, so that a handle goes when the case is destroyed.
            handles=(Handle(handle, person, visit.turn.chat.conversation, context, case_of(outcome.screen)),),
            used_handle=incoming.handle if is_done and wish.version is not None else None,
            chat=Chat(
                person,
                visit.turn.chat,
                known.active_case if known else None,
                outcome.language or (known.language if known else None) or spoken_language(incoming.text),
                context,
            ),
            register=() if outcome.certificate else self._register(visit, outcome, scene.now),
            keeping=outcome.keeping,
        )

    def _register(self, visit: Visit, outcome: KeeperOutcome, now: datetime) -> tuple[RegisterEntry, ...]:
        return tuple(RegisterEntry(now, visit.person.id, action, code, case) for action, code, case in outcome.noted)


async def complete_keepings(store: KeepingStore, cases: Cases, locks: Locks) -> int:
    """Begin the keeping of cases that were closed before there was any, and give of how many."""
    return sum([await _begin(store, cases, locks, entry) async for some in store.unkept() for entry in some])


async def _begin(store: KeepingStore, cases: Cases, locks: Locks, entry: CaseEntry) -> bool:
    """Begin the keeping of a case; tell whether it was begun here."""
    # A turn may open it again meanwhile, and what is not closed must not be kept.
    async with locks.hold(f"case:{entry.id}"):
        return await _begin_alone(store, cases, entry)


async def _begin_alone(store: KeepingStore, cases: Cases, entry: CaseEntry) -> bool:
    try:
        loaded = await cases.load(entry.id)
    except (TranscriptDamaged, CaseSealed):
        _log.error("keeping_unknown", extra={"case": entry.id})
        return False
    if not loaded.case.is_closed:
        return False
    kept = keeping.begin(loaded.case, loaded.framework, loaded.latest or entry.opened_at)
    try:
        await store.commit(Write(keeping=kept))
    except TranscriptConflict:
        # Another instance, or a turn meanwhile, was first.
        return False
    except TranscriptDamaged:
        # There is one, and it is damaged: nothing is put in its place. The weighing must not wait for it.
        _log.error("keeping_damaged", extra={"case": entry.id})
        return False
    return True


def _wish(visit: Visit) -> KeeperWish | None:
    """Give what is wanted; None when it is for the weighing, if this person weighs at all."""
    incoming, seat = visit.turn.incoming, visit.seat
    weighs = may_weigh(visit.person)
    if visit.turn.welcome:
        return None if weighs else KeeperWish("list")
    if seat.seen:
        # What was stored before, but perhaps never said, changes nothing once more.
        return None if weighs and not is_keepers(_shown(visit)) else KeeperWish("list")
    if incoming.verb is not None or incoming.handle is not None:
        if seat.handle is None or not is_keepers(seat.handle.context):
            return None if weighs else _STALE
        pressed = read_pressed(incoming, seat.handle.context)
        return _STALE if pressed is None or (seat.handle.used and pressed.verb in CHANGES) else pressed
    typed = read_typed(incoming.text, _shown(visit))
    return typed if typed or weighs else _common(incoming.text)


def _common(text: str) -> KeeperWish:
    """Give what the words that everybody can type mean to who keeps dossiers and does not weigh."""
    wish = read_text(text)
    match wish.verb:
        case "help" | "language":
            return KeeperWish(wish.verb, choice=wish.argument)
        case "hello" | "new" | "resume" | "cases" | "again" | "overview":
            return KeeperWish("list")
        case _:
            return KeeperWish("not_understood")


def _shown(visit: Visit) -> str:
    """Give what the card that was pressed stood for, or the last one when it was typed."""
    if visit.seat.handle is not None:
        return visit.seat.handle.context
    return visit.seat.chat.shown if visit.seat.chat else ""
