"""Refusals of a turn: kept in the register, and told in one sentence without content; of a flood only now and then."""

import logging
from collections.abc import Callable
from datetime import datetime

from bot.errors import StoreUnavailable
from bot.ports import Reply, Turn
from bot.rates import Rates
from bot.store import Chat, RegisterEntry, Store, Write
from dialogs.reading import spoken_language
from dialogs.render import render
from dialogs.screens import TextScreen
from dialogs.values import Outgoing
from dialogs.wording import Wording

_log = logging.getLogger(__name__)


class Refusals:
    """Answers who may not talk."""

    def __init__(self, store: Store, rates: Rates, wording: Wording, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._rates = rates
        self._wording = wording
        self._clock = clock

    async def refuse(self, turn: Turn, code: str) -> Reply:
        """Keep that someone was refused, and say so."""
        refusal = self._rates.refuse(turn.sender.object_id or turn.sender.user_id, code)
        if refusal.is_noted:
            entry = RegisterEntry(self._clock(), turn.sender.object_id, "talk", refusal.code)
            try:
                await self._store.commit(Write(register=(entry,)))
            except StoreUnavailable:
                _log.error("store_unavailable")
        return Reply((self.say(refusal.code, language_of(turn, None)),) if refusal.is_told else ())

    def say(self, key: str, language: str) -> Outgoing:
        """Give a sentence without anything to press."""
        return render(TextScreen(key), self._wording, language, "")


def language_of(turn: Turn, chat: Chat | None) -> str:
    """Give the language chosen in the chat, else the one that is typed in, else that of Teams; Dutch first."""
    chosen = (chat.language if chat else None) or spoken_language(turn.incoming.text)
    if chosen:
        return chosen
    return "en" if turn.incoming.locale.casefold().startswith("en") else "nl"
