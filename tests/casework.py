"""Playing a case in the core: events given, a command, events then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from state import commands as do
from state.case import Case
from state.compiled import CompiledFramework
from state.decide import decide
from state.events import Actor, AnswerValue, Event, Recorded
from state.fold import record
from state.setting import Setting

# A whole case in which a card may be posted: a directors' note in the newspaper.
NEWSPAPER: Mapping[str, AnswerValue] = {
    "eigen_betrokkenheid": "nee",
    "spoed": "nee",
    "bekend_sinds": "2026-11-20T08:15:00+01:00",
    "lek_status": "vastgesteld",
    "omschrijving": "Citaat uit een directienota in de krant.",
    "informatiesoort": ("vertrouwelijk_intern",),
    "persoonsgegevens": "nee",
    "ontvanger": ("media",),
    "verspreiding": "gepubliceerd",
    "oorzaak": "bewust_vermoed",
    "mogelijke_bron": ("geen_aanwijzing",),
    "klokkenluider": "nee",
    "schade": "beperkt",
    "strafbaar_vermoeden": "niet_getoetst",
    "onderzoek_wens": "proces",
    "al_gedaan": ("niets",),
    "raad_betrokken": "vragen_of_toezegging",
}


@dataclass
class Casework:
    """A case that commands are tried on; each accepted one adds to `transcript`."""

    framework: CompiledFramework
    actor: Actor
    now: datetime
    language: str = "nl"
    case: Case = field(default_factory=lambda: Case("0" * 32))
    transcript: list[Recorded] = field(default_factory=list)

    def do(self, command: do.Command, actor: Actor | None = None) -> Sequence[Event]:
        """Give the events of a command; raises what `decide` raises, and then nothing changed."""
        who = actor or self.actor
        setting = Setting(who, self.now, self.language, self.framework)
        events = decide(self.case, command, setting)
        self.case, recorded = record(self.case, events, who, self.now)
        self.transcript += recorded
        return events

    def open(self) -> "Casework":
        """Begin the case."""
        self.do(do.OpenCase("IL-2026-0042", self.language))
        return self

    def answer(self, answers: Mapping[str, AnswerValue]) -> "Casework":
        """Answer question after question until one comes that `answers` and skipping cannot; fail loudly.

        Who is involved answers nothing more: that answer is given last, as a change.
        """
        conflict = self.framework.framework.conflict_of_interest
        if answers.get(conflict.question) in conflict.self_ and len(answers) > 1:
            self.answer({**answers, conflict.question: "nee"})
            self.do(do.ChangeAnswer(conflict.question))
            self.do(do.GiveAnswer(conflict.question, answers[conflict.question]))
            return self
        left = dict(answers)
        while self.case.open_question in left or self._may_skip():
            question = self.case.open_question
            assert question is not None
            value = left.pop(question, None)
            self.do(do.SkipQuestion(question) if value is None else do.GiveAnswer(question, value))
        assert not left, f"these questions were never asked: {sorted(left)}"
        return self

    def later(self, wait: timedelta) -> "Casework":
        """Let time pass."""
        self.now += wait
        return self

    def copy(self) -> "Casework":
        """Give the same case, to try something on."""
        return replace(self, transcript=list(self.transcript))

    def _may_skip(self) -> bool:
        question = self.case.open_question
        return question is not None and self.framework.framework.question_by_id[question].optional
