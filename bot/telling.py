"""Word to a person in their private chat, outside a turn: where a case stands, at least once."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.admission import to_actor
from bot.cases import Cases
from bot.drawing import card_context
from bot.errors import AccessUnknown, ChannelUnavailable, NoAccess
from bot.locks import Locks
from bot.ports import Access, Person, Sender, Teams
from bot.store import Chat, Handle, Owed, RegisterEntry, Store, Write
from dialogs import screens
from dialogs.deciding import CardPress, respond_card
from dialogs.render import render, render_form
from dialogs.seeing import read_of
from dialogs.values import Outgoing
from dialogs.views import Scene, here
from dialogs.wording import Wording
from state.setting import Setting

# In seconds: who presses waits no longer for word that Teams does not take, which is tried for 16.
_LONGEST_WAIT = 3.0


class Telling:
    """Says what is owed to persons; who may not talk to the bot now hears nothing."""

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
    ) -> None:
        self._store = store
        self._cases = cases
        self._access = access
        self._teams = teams
        self._wording = wording
        self._locks = locks
        self._clock = clock

    async def tell(self, owed: Owed) -> None:
        """Show a person where a case stands; at least once."""
        await self.show(owed, here)

    async def show(self, owed: Owed, look: Callable[[Scene], screens.Screen]) -> None:
        """Show a person a screen of a case, unless it shows nothing of it to them; at least once."""
        person = self._access.person(owed.body["to"])
        chat = await self._chat(owed)
        if person is None or chat is None or not await self._is_admitted(person, chat, owed):
            await self._store.commit(Write(owed_done=owed.id))
            return
        if said := owed.body.get("say"):
            await self._teams.send_to(
                chat.reference, render(screens.TextScreen(said), self._wording, chat.language or "nl", "")
            )
            await self._store.commit(Write(owed_done=owed.id))
            return
        async with self._locks.hold(f"person:{person.id}"):
            # A turn of theirs that went on meanwhile may have opened another case.
            message = await self._prepared(owed, look, person, await self._store.chat_of(person.id) or chat)
            # Sent after a turn that went on meanwhile, it would stand below its answer, and ask what is answered.
            sending = asyncio.create_task(self._send(chat, message))
            await _wait_a_while_for(sending)
        await sending
        await self._store.commit(Write(owed_done=owed.id))

    async def _send(self, chat: Chat, message: Outgoing | None) -> None:
        if message is not None:
            await self._teams.send_to(chat.reference, message)

    async def _prepared(
        self, owed: Owed, look: Callable[[Scene], screens.Screen], person: Person, chat: Chat
    ) -> Outgoing | None:
        """Give the message that shows the screen, its handle stored; None where the case is no longer this person's."""
        loaded, language = await self._cases.load(owed.case), chat.language or "nl"
        setting = Setting(to_actor(person), self._clock(), language, loaded.framework)
        screen = look(Scene(setting, loaded.framework, self._wording, loaded.case))
        read = read_of(screen)
        if read is None:
            return None
        if is_question := isinstance(screen, screens.QuestionScreen) and _is_elsewhere(chat, owed):
            screen = screens.TextScreen("waits")
        context = screens.context_of(screen)
        about = None if is_question else owed.case
        handle = Handle(secrets.token_urlsafe(16), person.id, chat.reference.conversation, context, about)
        # That a case waits shows nothing of it: the register must not say that it was read.
        shown = () if is_question else (RegisterEntry(setting.now, person.id, read, "ok", owed.case),)
        await self._store.commit(Write(handles=(handle,), chat=replace(chat, shown=context), register=shown))
        notice = self._notice(owed, chat, language, loaded.case.number)
        return render(screen, self._wording, language, handle.handle, notice)

    def _notice(self, owed: Owed, chat: Chat, language: str, number: str) -> str | None:
        """Give what is said above the card; first of all that it is not about the case that is open."""
        key = "spare_placeholder" if owed.body.get("spare") else owed.body.get("notice")
        words = [self._wording.say("other_case", language, number=number)] if _is_elsewhere(chat, owed) else []
        return " ".join([*words, *([self._wording.say(key, language)] if key else [])]) or None

    async def form(self, owed: Owed) -> None:
        """Give a form of the channel card to who pressed there with a client that shows none in place."""
        person, chat = self._access.person(owed.body["to"]), await self._chat(owed)
        if person is None or chat is None or not await self._is_admitted(person, chat, owed):
            await self._store.commit(Write(owed_done=owed.id))
            return
        loaded, language = await self._cases.load(owed.case), chat.language or "nl"
        case, setting = loaded.case, Setting(to_actor(person), self._clock(), language, loaded.framework)
        press = CardPress(owed.body["verb"], case.posted.version if case.posted else 0, case.round)
        outcome = respond_card(press, Scene(setting, loaded.framework, self._wording, case))
        handle = Handle(secrets.token_urlsafe(16), person.id, chat.reference.conversation, card_context(case), case.id)
        noted = RegisterEntry(setting.now, person.id, "card", outcome.refused or "ok", case.id)
        await self._store.commit(Write(handles=(handle,), register=(noted,)))
        message = (
            render_form(outcome.form, self._wording, language, handle.handle)
            if outcome.form
            else render(screens.TextScreen(outcome.said or "card_here"), self._wording, language, "")
        )
        await self._teams.send_to(chat.reference, message)
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
        like = await self._store.chat_of(owed.body["by"]) or await self._holders_chat(owed.case)
        if like is None:
            return None
        reference = await self._teams.open_chat(owed.body["to"], like.reference)
        return Chat(owed.body["to"], reference)

    async def _holders_chat(self, case: str) -> Chat | None:
        """Give the holder's chat: who pressed in the channel may have none."""
        entry = await self._store.entry(case)
        return await self._store.chat_of(entry.holder) if entry else None


async def _wait_a_while_for(sending: "asyncio.Task[None]") -> None:
    try:
        await asyncio.wait({sending}, timeout=_LONGEST_WAIT)
    except asyncio.CancelledError:
        sending.cancel()
        raise


def _is_elsewhere(chat: Chat, owed: Owed) -> bool:
    """Tell whether another case is open in the chat: what is typed is about that one, whatever was shown last."""
    return chat.active_case not in (None, owed.case)
