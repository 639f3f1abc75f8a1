"""The terms of cases, watched from the store: a row per case waits for the next moment, also over a restart.

What is due is recorded in the case in the same transaction that ends the row: of two instances one reminds. The row of
an exercise waits until it is forgotten.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.admission import to_actor
from bot.cases import PRACTICE_KEPT, Cases, Loaded, forgetting, watch_of
from bot.locks import Locks
from bot.ports import Access, Role
from bot.store import Owed, RegisterEntry, Store, Write
from bot.telling import Telling
from dialogs.terms import reminder_screen
from state import commands as do
from state.case import Case
from state.decide import decide
from state.decide_together import terms_on_card
from state.events import BOT, REVIEW
from state.fold import record
from state.permissions import Action, Parts, may, parts_of, place_of
from state.setting import Setting
from state.terms import Term, due_terms, in_office_hours, may_disturb, running_terms

# Longer than Teams may take to answer: until then no other instance sends the same reminder.
_LEASE = timedelta(minutes=5)


class Deadlines:
    """Owes reminders when they are due, and sends them."""

    def __init__(
        self,
        *,
        store: Store,
        cases: Cases,
        access: Access,
        telling: Telling,
        locks: Locks,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._cases = cases
        self._access = access
        self._telling = telling
        self._locks = locks
        self._clock = clock

    async def watch(self, owed: Owed) -> None:
        """Owe the reminders that are due to those who get them, and the next look; all at once or not at all."""
        async with self._locks.hold(f"case:{owed.case}"):
            loaded = await self._cases.load(owed.case)
            case, now = loaded.case, self._clock()
            if case.is_practice:
                await self._forget(loaded, owed, now)
                return
            setting = Setting(BOT, now, "nl", loaded.framework)
            due = {term: self._recipients(term, case, setting) for term in due_terms(case, loaded.framework, now)}
            events = [event for term, to in due.items() if to for event in decide(case, _reminder(term, case), setting)]
            after, recorded = record(case, events, BOT, now)
            entry = await self._store.entry(owed.case)
            write = self._cases.to_write(loaded, after, recorded, entry.tenant) if recorded and entry else Write()
            reminds = [_to_remind(term, to, after) for term, people in due.items() for to in people]
            # Of what nobody may be told now, the next person hears who takes the case over.
            passed = [term.id for term, to in due.items() if not to]
            following = watch_of(after, loaded.framework, now, passed)
            await self._store.commit(replace(write, owed_done=owed.id, owed=(*write.owed, *reminds, *following)))

    async def _forget(self, loaded: Loaded, owed: Owed, now: datetime) -> None:
        """Throw an exercise away of which nobody thinks any more; looked at too early, it waits again."""
        case, last = loaded.case, loaded.latest or now
        if now < last + PRACTICE_KEPT:
            await self._store.commit(Write(owed_done=owed.id, owed=(forgetting(case, last),)))
            return
        # As when its person throws it away: that it happened is kept, and not which one. The row goes with it.
        await self._store.discard(case.id, (RegisterEntry(now, BOT.id, "discard", "ok"),))
        self._cases.forget(case.id)

    async def remind(self, owed: Owed) -> None:
        """Send a reminder to one person, unless it has become idle; at a quiet hour it waits."""
        loaded, now = await self._cases.load(owed.case), self._clock()
        running = running_terms(loaded.case, loaded.framework, now)
        term = next((one for one in running if one.id == owed.body["term"]), None)
        if term is None:
            await self._store.commit(Write(owed_done=owed.id))
        elif not may_disturb(term, now):
            await self._store.put_off(owed.id, owed.attempts, in_office_hours(now))
        elif await self._store.take(owed, now + _LEASE):
            await self._telling.show(owed, partial(reminder_screen, term=term.id))

    def _recipients(self, term: Term, case: Case, setting: Setting) -> tuple[str, ...]:
        """Give who is reminded: the holder, and of what stands on the card every decider who is free."""
        parts = parts_of(case, setting.framework)
        found = {parts.holder: Action.MEET_TERM}
        if term.id in terms_on_card(case, setting):
            deciders = self._access.people_with(Role.DECIDER)
            found = {**{person.id: Action.MEET_TERM_FOR for person in deciders}, **found}
        return tuple(person for person, action in found.items() if self._may(person, action, parts))

    def _may(self, person: str, action: Action, parts: Parts) -> bool:
        known = self._access.person(person)
        return known is not None and may(action, (to_actor(known).role,), place_of(parts, person))


def _reminder(term: Term, case: Case) -> do.OweReminder:
    """Give the command that records a reminder; the end of a day is its day, and of no moment nothing."""
    due = ""
    if term.due is not None:
        due = term.due.date().isoformat() if term.id == REVIEW else term.due.isoformat()
    return do.OweReminder(term.id, case.reminded.get(term.id, 0) + 1, due)


def _to_remind(term: Term, to: str, case: Case) -> Owed:
    return Owed("remind", case.id, {"to": to, "by": case.assessor.id if case.assessor else to, "term": term.id})
