"""Cases for the dossier's tests, played in the core under a small framework."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from bot.dossier.transcript import Dossier, read_dossier
from state import commands as do
from state.codec import FIRST, Row, to_rows
from state.compiled import CompiledFramework, compile_framework
from state.events import BOT, Actor, AnswerValue, CaseOpened, Event, Recorded
from state.fold import rebuild
from state.reader import read_framework
from tests.casework import Casework

MINI = Path(__file__).with_name("mini.yaml").read_bytes()
NOW = datetime.fromisoformat("2026-11-23T10:00:00+01:00")
ANJA = Actor("33333333-3333-4333-8333-333333333330", "Anja de Vries", "gemeentesecretaris", "decider")
DIRK = Actor("33333333-3333-4333-8333-333333333333", "Dirk Smit", "wethouder", "decider")
BRAM = Actor("33333333-3333-4333-8333-333333333331", "Bram Jansen", "directeur", "assessor")

# Each text that a person can write, with something in it that a page or a table could trip over.
NASTY = "<script>alert(1)</script> | *ster* [link](https://example.org) \u202etxt.exe ]]> &amp; {{DATE}}"
CARD = json.dumps(
    {
        "type": "AdaptiveCard",
        "body": [
            {"type": "TextBlock", "text": "VERTROUWELIJK - uitsluitend CMT - niet doorsturen"},
            {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "Melden bij de AP"}]},
            {"type": "FactSet", "facts": [{"title": "Kaart", "value": "v1"}]},
        ],
    },
    separators=(",", ":"),
    sort_keys=True,
)

ANSWERS: Mapping[str, AnswerValue] = {
    "betrokken": "nee",
    "sinds": "2026-11-20T08:15:00+01:00",
    "gegevens": "ja",
    "soorten": ("naam", "gezondheid"),
}


def mini(content: bytes = MINI) -> CompiledFramework:
    """Give the small framework."""
    return compile_framework(read_framework(content.decode(), "mini.yaml"), sha256(content).hexdigest())


def weighed(actor: Actor = ANJA) -> Casework:
    """Give a case with every question answered and the advice given."""
    return Casework(mini(), actor, NOW).open().answer(ANSWERS)


def full() -> Casework:
    """Give a finished case in which everything happened: changes, lapses, a deviation, a card, another language."""
    work = Casework(mini(), BRAM, NOW).open()
    work.do(do.GiveAnswer("betrokken", "ja_ikzelf"))
    work.do(do.PauseCase())
    work.do(do.ChangeAnswer("betrokken"))
    work.later(timedelta(minutes=1)).do(do.GiveAnswer("betrokken", "nee", NASTY))
    work.language = "en"
    work.do(do.ShowAgain())
    work.do(do.GiveAnswer("sinds", "2026-11-20T08:15:00+01:00"))
    work.language = "nl"
    work.answer({"gegevens": "ja", "soorten": ("naam", "gezondheid"), "toelichting": "Regel één.\nRegel twee."})
    work.later(timedelta(hours=1)).do(do.ChangeAnswer("gegevens"))
    work.do(do.GiveAnswer("gegevens", "onbekend"))
    work.do(do.PauseCase())
    work.do(do.ShowAgain())
    work.do(do.Deviate("gesprek", "to", f"Het team vraagt erom. {NASTY}"))
    work.do(do.Deviate("nazorg", "lvh", "Altijd."))
    work.do(do.Deviate("nazorg", "nao", ""))
    work.do(do.ChooseSubject("bestuurlijk"))
    work.do(do.PreviewCard(CARD))
    assert work.case.preview is not None
    work.later(timedelta(minutes=2)).do(do.PostCard(work.case.preview.seq))
    work.later(timedelta(seconds=3)).do(do.ConfirmPosted(1), BOT)
    work.do(do.FinishCase())
    return work


def handed_over() -> Casework:
    """Give a case whose assessor was involved, and that someone else took over; no card may be posted."""
    work = Casework(mini(), BRAM, NOW).open()
    work.do(do.GiveAnswer("betrokken", "ja_ikzelf"))
    work.do(do.OfferCase(ANJA, "Ik ben onderwerp van het stuk."))
    work.do(do.AcceptCase(), ANJA)
    work.actor = ANJA
    return work.answer(ANSWERS)


def decided() -> Casework:
    """Give a case in which the CMT did all that it can: decide twice, dissent, withdraw, be reminded, reopen."""
    work = weighed(BRAM)
    work.do(do.ChooseSubject("bestuurlijk"))
    for version in (1, 2):
        work.do(do.PreviewCard(CARD.replace("v1", f"v{version}")))
        assert work.case.preview is not None
        work.do(do.PostCard(work.case.preview.seq))
        work.do(do.ConfirmPosted(version), BOT)
        work.later(timedelta(minutes=5))
        if version == 1:
            work.do(do.RecordDecision(1, 0, {"melden_ap": do.Choice("later", f"Eerst meer weten. {NASTY}")}), ANJA)
            work.do(do.ChangeAnswer("gegevens"))
            work.do(do.GiveAnswer("gegevens", "onbekend"))
    work.do(do.RecordDecision(2, 1, {"melden_ap": do.Choice("yes")}, "2026-12-07", vouched=True))
    work.do(do.Dissent(2, f"Te vroeg. {NASTY}"), DIRK)
    work.do(do.OweReminder("T_AP72", 1, "2026-11-23T08:15:00+01:00"), BOT)
    work.do(do.MeetTerm("T_AP72", "Gemeld."))
    work.do(do.KeepWords("press", f"Wij doen geen uitspraken. {NASTY}"))
    work.do(do.SayInvolved(2, ANJA), DIRK)
    work.do(do.ConfirmGone(2, "neutral"), BOT)
    work.do(do.AcceptCase(), ANJA)
    work.actor = ANJA
    work.do(do.FinishCase())
    work.later(timedelta(days=1)).do(do.ReopenCase("De AP heeft gebeld."))
    work.do(do.DecidePrivately(2, {"gesprek": do.Choice("yes", "Betrokkene vraagt er zelf om.")}))
    work.do(do.FinishCase())
    return work


def as_another(work: Casework, number: str, case: str) -> Casework:
    """Give the same course of events as another case."""
    opened = work.transcript[0]
    assert isinstance(opened.event, CaseOpened)
    transcript = [replace(opened, event=replace(opened.event, number=number)), *work.transcript[1:]]
    return replace(work, case=rebuild(case, transcript), transcript=transcript)


def rows_of(work: Casework) -> tuple[Row, ...]:
    """Give the rows of a case; the salts are the same each time, so that the bytes are."""
    salts = [sha256(str(recorded.seq).encode()).digest() for recorded in work.transcript]
    return tuple(to_rows(work.case.id, work.transcript, FIRST, salts, FIRST))


def dossier_of(work: Casework) -> Dossier:
    """Give the dossier of a case under the small framework."""
    return read_dossier(work.case.id, rows_of(work), work.framework)


def with_event(work: Casework, seq: int, event: Event) -> tuple[Row, ...]:
    """Give the rows of a case in which one event is another, the chain computed anew: a forger with time."""
    forged: Sequence[Recorded] = [
        replace(recorded, event=event) if recorded.seq == seq else recorded for recorded in work.transcript
    ]
    return rows_of(replace(work, transcript=list(forged)))
