"""Talking to the conversation as a person does: by typing, and by pressing what the last card really offers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from dialogs import screens
from dialogs.conversation import respond
from dialogs.outcome import Outcome
from dialogs.reading import Wish, read_press, read_text
from dialogs.render import render
from dialogs.values import Card, Incoming
from dialogs.views import Scene
from state import commands as do
from state.case import Case
from state.compiled import CompiledFramework
from state.decide import decide
from state.events import BOT, KIND_OF, Actor, AnswerValue, Recorded
from state.fold import rebuild, record
from state.setting import Setting
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK
from tests.dialogs.stage import HANDLE, NOW, presses, shown, wording

NUMBER = "IL-2026-0042"
REPORTER: Mapping[str, AnswerValue] = {**NEWSPAPER, "klokkenluider": "misstand_gemeld"}
INVOLVED: Mapping[str, AnswerValue] = {"eigen_betrokkenheid": "ja_ikzelf", "spoed": "ja"}
_FRESH_ID = "1" * 32


@dataclass(repr=False)
class Talk:
    """A person in a chat with one case; each turn adds what it records, and keeps what it shows."""

    framework: CompiledFramework
    actor: Actor = BRAM
    language: str = "nl"
    now: datetime = NOW
    case: Case | None = None
    screen: screens.Screen = field(default_factory=lambda: screens.WelcomeScreen("Bram Jansen"))
    lines: tuple[screens.CaseLine, ...] = ()
    transcript: list[Recorded] = field(default_factory=list)
    outcome: Outcome | None = None

    def __repr__(self) -> str:
        return f"Talk({self.actor.name}, {self.language}, {self.case.phase if self.case else 'no case'})"

    def type(self, text: str) -> Outcome:
        """Say something in words."""
        return self.take(read_text(text))

    def press(
        self,
        verb: str,
        answer: str | None = None,
        note: str = "",
        on: screens.Screen | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Press a button of the last card, or of an older one; fails when that card has no such button."""
        screen = on or self.screen
        offered = presses(self.render(screen))
        assert any(data["verb"] == verb and data.get("answer") in (None, answer) for data in offered), offered
        return self.forge(verb, answer, note, screens.context_of(screen), fields)

    def forge(
        self, verb: str, answer: str | None, note: str, context: str, fields: Mapping[str, str] | None = None
    ) -> Outcome:
        """Send a press that no card has to offer."""
        incoming = Incoming(verb=verb, handle=HANDLE, answer=answer, note=note, fields=fields or {})
        wish = read_press(incoming, context)
        assert wish is not None
        return self.take(wish)

    def take(self, wish: Wish) -> Outcome:
        """Let a wish be answered, and draw all that is said."""
        outcome = respond(wish, self.scene())
        self.language = outcome.language or self.language
        if outcome.recorded and outcome.recorded[0].seq == 1:
            self.transcript = []
        self.transcript += outcome.recorded
        self.case = outcome.after or self.case
        self.screen, self.outcome = outcome.screen, outcome
        assert self.case is None or self.case == rebuild(self.case.id, self.transcript)
        assert self.said
        return outcome

    def confirm_posted(self) -> None:
        """Let the outbox say that the owed card stands in the channel."""
        assert self.case is not None
        self._let_the_outbox(do.ConfirmPosted(self.case.card_version))

    def confirm_refused(self) -> None:
        """Let the outbox say that Teams refused the owed card for good."""
        assert self.case is not None
        self._let_the_outbox(do.ConfirmRefused(self.case.card_version, "post_refused"))

    def _let_the_outbox(self, command: do.Command) -> None:
        assert self.case is not None
        events = decide(self.case, command, Setting(BOT, self.now, self.language, self.framework))
        self.case, done = record(self.case, events, BOT, self.now)
        self.transcript += done

    def scene(self) -> Scene:
        others = tuple(person for person in (ANJA, DIRK, BRAM) if person.id != self.actor.id)
        setting = Setting(self.actor, self.now, self.language, self.framework)
        return Scene(setting, self.framework, wording(), self.case, self.lines, others, _FRESH_ID, NUMBER)

    def render(self, screen: screens.Screen, notice: str | None = None) -> Card:
        card = render(screen, wording(), self.language, HANDLE, notice).card
        assert card is not None
        return card

    @property
    def said(self) -> str:
        """Give all words that the last turn showed, with the card that took the place of the pressed one."""
        assert self.outcome is not None
        notice = self.notice
        words = shown(self.render(self.outcome.screen, notice))
        assert notice is None or notice in words
        return words + (shown(self.render(self.outcome.answered)) if self.outcome.answered else "")

    @property
    def notice(self) -> str | None:
        """Give the sentence that stands above the last card."""
        assert self.outcome is not None
        if self.outcome.notice is None:
            return None
        key, parameters = self.outcome.notice
        return wording().say(key, self.language, **parameters)

    def later(self, wait: timedelta) -> None:
        self.now += wait


def recorded(outcome: Outcome) -> list[str]:
    """Give the names of what was recorded."""
    return [KIND_OF[type(one.event)] for one in outcome.recorded]


def begun(framework: CompiledFramework, language: str = "nl", actor: Actor = BRAM) -> Talk:
    """Give a talk at the first question of a new case."""
    talk = Talk(framework, actor, language)
    talk.type("nieuw" if language == "nl" else "new")
    return talk


def answered(framework: CompiledFramework, answers: Mapping[str, AnswerValue], **more: Any) -> Talk:
    """Give a talk in a case with these answers, as far as they lead."""
    work = Casework(framework, more.get("actor", BRAM), NOW, more.get("language", "nl")).open().answer(answers)
    talk = Talk(framework, case=work.case, transcript=list(work.transcript), **more)
    talk.type("verder")
    return talk


def at(framework: CompiledFramework, question: str, language: str = "nl") -> Talk:
    """Give a talk at a question of the newspaper's case."""
    names = list(NEWSPAPER)
    talk = answered(framework, {name: NEWSPAPER[name] for name in names[: names.index(question)]}, language=language)
    assert talk.case is not None
    assert talk.case.open_question == question
    return talk


def copy(talk: Talk) -> Talk:
    """Give the same talk, to try something on."""
    return replace(talk, transcript=list(talk.transcript))
