"""The dossier as people read it, in the order in which an archivist and a judge look for things."""

import json
from collections.abc import Iterator

from bot.dossier import words
from bot.dossier.decisions import decisions
from bot.dossier.document import Block, Cell, Code, Contents, Document, Facts, Heading, PageBreak, Paragraph, Table
from bot.dossier.outcome import outcome
from bot.dossier.posting import card_part
from bot.dossier.questions import questions_and_answers
from bot.dossier.timeline import tell, timeline
from bot.dossier.transcript import MARKING, RENDERING, Dossier, Step
from state import lifecycle
from state.events import (
    AnswersLapsed,
    CaseAccepted,
    CaseOffered,
    OfferEnded,
)
from state.retention import category_of_case, due_on

DISCLAIMER = (
    "Hulpmiddel bij de afweging. Feiten en omstandigheden verschillen per geval: er zijn geen standaardacties."
    " Mensen besluiten."
)
_HOW_TO_CHECK = (
    "Elke gebeurtenis is vastgelegd met de SHA-256 van haar inhoud en van de gebeurtenis ervoor. Wie één teken"
    " verandert, verandert alle kettingwaarden erna. README.txt zegt hoe dit zonder dit programma is na te"
    " rekenen."
)
NO_DECISION = "Dit is geen besluit en geen onderzoek naar een persoon."


def to_document(dossier: Dossier) -> Document:
    """Give the whole readable dossier."""
    return Document(
        title=f"Dossier {dossier.number}",
        marking=MARKING,
        blocks=(
            *_cover(dossier),
            Contents(),
            PageBreak(),
            *timeline(dossier),
            *questions_and_answers(dossier),
            *outcome(dossier),
            *decisions(dossier),
            *_hand_over(dossier),
            *card_part(dossier),
            *_attachments(),
            *_check(dossier),
        ),
    )


def _cover(dossier: Dossier) -> list[Block]:
    return [
        Paragraph("Afweging bij een (mogelijk) informatielek: verloop, uitkomst en verantwoording.", "lead"),
        Paragraph(f"{DISCLAIMER} {NO_DECISION}", "warning"),
        *_unfinished(dossier),
        Heading(2, "1. Voorblad"),
        Facts(_case_facts(dossier)),
        Facts(_rule_facts(dossier)),
    ]


def _case_facts(dossier: Dossier) -> tuple[tuple[str, Cell], ...]:
    case = dossier.case
    first, last = dossier.steps[0].recorded, dossier.steps[-1].recorded
    return (
        ("Zaaknummer", case.number),
        ("Neutraal onderwerp", _subject(dossier)),
        ("Stand van de zaak", words.PHASES.get(case.phase, case.phase)),
        ("Begonnen", words.moment(first.at)),
        ("Laatste gebeurtenis", f"{words.moment(last.at)} (nr. {last.seq})"),
        ("Versie van dit dossier", f"v{last.seq}, de stand na gebeurtenis {last.seq}"),
        ("Weger", words.person(case.assessor) if case.assessor else "-"),
        ("Anderen die handelden", _others(dossier)),
        ("Kaart in het CMT-kanaal", _card_in_short(dossier)),
        ("Controlegetal", Code(dossier.link[:16])),
    )


def _rule_facts(dossier: Dossier) -> tuple[tuple[str, Cell], ...]:
    framework = dossier.framework.framework
    status = words.FRAMEWORK_STATUS.get(framework.status, framework.status)
    return (
        ("Kader", f"{framework.title.nl}, versie {framework.version} ({status})"),
        ("Peildatum recht", words.long_date(framework.law_date)),
        ("Wie besluit", "per stap, zie deel 4; wat is besloten, zie deel 5"),
        ("Bewaartermijn", _keeping(dossier)),
        ("Toegang", "weger, beslisser en dossierhouder; elke inzage staat in het register van het programma"),
        ("Tijden", "Europe/Amsterdam, tenzij anders vermeld"),
    )


def _keeping(dossier: Dossier) -> str:
    """Give how long the dossier is kept, by the steps that were really taken; the archivist decides."""
    if not dossier.case.is_closed:
        return "wordt bepaald bij het afsluiten, uit de Selectielijst gemeenten 2020"
    closed = dossier.steps[-1].recorded.at
    category = category_of_case(dossier.case, dossier.framework, closed)
    due = due_on(category, closed)
    until = "blijvend bewaren" if due is None else f"{category.years} jaar, te vernietigen vanaf {words.long_date(due)}"
    return (
        f"{until}\nSelectielijst gemeenten 2020, resultaat {category.code} ({category.name.nl}); een voorstel,"
        " de archivaris beslist"
    )


def _unfinished(dossier: Dossier) -> Iterator[Block]:
    if dossier.framework.framework.status == "concept":
        yield Paragraph("Het gebruikte kader is een concept: de gemeente heeft het niet vastgesteld.", "warning")
    if dossier.case.phase not in lifecycle.CLOSED:
        last = len(dossier.steps)
        yield Paragraph(f"Deze zaak is niet afgesloten. Dit is de stand na gebeurtenis {last}.", "warning")


def _subject(dossier: Dossier) -> str:
    subject = dossier.framework.framework.subject_by_id.get(dossier.case.subject or "")
    return subject.name.nl if subject else "niet gekozen"


def _others(dossier: Dossier) -> str:
    holder = dossier.case.assessor
    actors = dict.fromkeys(step.recorded.actor for step in dossier.steps)
    others = [actor for actor in actors if holder is None or actor.id != holder.id]
    return "\n".join(f"{words.person(actor)} ({words.role(actor)})" for actor in others) or "niemand"


def _card_in_short(dossier: Dossier) -> str:
    version = dossier.case.posted_version
    if not version:
        return "niet geplaatst, zie deel 7"
    if dossier.case.posted is None:
        return f"ingetrokken, laatste versie v{version}, zie deel 7"
    return f"geplaatst, laatste versie v{version}"


# --- hand-over ----------------------------------------------------------------


def _hand_over(dossier: Dossier) -> list[Block]:
    kinds = (CaseOffered, OfferEnded, CaseAccepted, AnswersLapsed)
    steps = [step for step in dossier.steps if isinstance(step.recorded.event, kinds)]
    heading = Heading(2, "6. Overdracht")
    if not any(isinstance(step.recorded.event, CaseOffered) for step in steps):
        return [heading, Paragraph("De weging is niet overgedragen of aangeboden.", "note")]
    rows = tuple(
        (words.moment(step.recorded.at), words.person(step.recorded.actor), _told(dossier, step)) for step in steps
    )
    return [heading, Table("Verloop van de overdracht", ("Tijdstip", "Wie", "Wat"), rows)]


def _told(dossier: Dossier, step: Step) -> str:
    return tell(step.recorded.event, step, dossier.framework.framework)


# --- attachments and check values ------------------------------------------------------


def _attachments() -> list[Block]:
    return [
        Heading(2, "8. Bijlagen en verwijzingen"),
        Paragraph("Geen. Het gelekte stuk hoort nooit in dit dossier; verwijs naar het kenmerk ervan elders."),
    ]


def _check(dossier: Dossier) -> list[Block]:
    headers = ("Nr.", "Tijdstip", "Soort", "SHA-256 van de inhoud", "Kettingwaarde")
    rows = tuple(
        (str(event["seq"]), event["at"], event["kind"], Code(json.loads(event["head"])["body"]), Code(event["link"]))
        for event in dossier.transcript["events"]
    )
    return [
        Heading(2, "9. Controle"),
        Paragraph(_HOW_TO_CHECK),
        Facts((
            ("Aantal gebeurtenissen", str(len(dossier.rows))),
            ("Laatste kettingwaarde", Code(dossier.link)),
            ("Controlegetal", Code(dossier.link[:16])),
            ("SHA-256 van het kader", Code(dossier.framework.sha256)),
            ("Kenmerk van de zaak", Code(dossier.case.id)),
            ("Weergave", f"Weegwijzer, weergaveversie {RENDERING}"),
        )),
        Table("Ketting van gebeurtenissen (tijden in UTC)", headers, rows, "chain"),
    ]
