"""The part of the dossier with the card in the channel: where it stands, or why there is none."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.dossier import words
from bot.dossier.document import Block, Bullets, Code, Heading, Paragraph, Table
from bot.dossier.outcome import advice_of
from bot.dossier.timeline import tell
from bot.dossier.transcript import Dossier, Step
from state.events import CardGone, CardOwed, CardPosted, CardRefused, CardWithdrawn
from state.involvement import is_involved


def card_part(dossier: Dossier) -> list[Block]:
    """Give the part with the card as it was posted, or why it was not."""
    heading = Heading(2, "7. Kaart in het CMT-kanaal")
    kinds = (CardOwed, CardPosted, CardRefused, CardWithdrawn, CardGone)
    steps = [step for step in dossier.steps if isinstance(step.recorded.event, kinds)]
    rows = tuple(
        (
            words.moment(step.recorded.at),
            tell(step.recorded.event, step, dossier.framework.framework),
            _card_sum(step),
        )
        for step in steps
    )
    course = [Table("Verloop van de kaart", ("Tijdstip", "Wat", "SHA-256 van de kaart"), rows)] if rows else []
    card = posted_card(dossier)
    if card is None:
        return [heading, Paragraph("Er is geen kaart geplaatst."), *course, *_held_back(dossier)]
    return [
        heading,
        *course,
        *_earlier(dossier, card.version),
        Paragraph(f"Tekst van kaart v{card.version}, zoals geplaatst:"),
        Bullets(tuple(card_lines(json.loads(card.card)))),
    ]


def _earlier(dossier: Dossier, last: int) -> Iterator[Block]:
    """Give every version that stood in the channel before the last."""
    posted = {step.recorded.event.version for step in dossier.steps if isinstance(step.recorded.event, CardPosted)}
    for event in (step.recorded.event for step in dossier.steps):
        if isinstance(event, CardOwed) and event.version in posted and event.version != last:
            yield Paragraph(f"Tekst van kaart v{event.version}, zoals eerder geplaatst:")
            yield Bullets(tuple(card_lines(json.loads(event.card))))


def _card_sum(step: Step) -> Code:
    event = step.recorded.event
    return Code(event.sha256 if isinstance(event, CardOwed) else "")


def posted_card(dossier: Dossier) -> CardOwed | None:
    """Give the card that stands in the channel last, as it was confirmed."""
    version = dossier.case.posted_version
    owed = (step.recorded.event for step in reversed(dossier.steps))
    return next((event for event in owed if isinstance(event, CardOwed) and event.version == version), None)


def _held_back(dossier: Dossier) -> Iterator[Block]:
    """Give why there is no card; in the channel itself this is never told."""
    framework, advice = dossier.framework.framework, advice_of(dossier)
    rules = advice["channel_card"]["rules"] if advice else []
    reasons = [f"{framework.rule_by_id[rule].reason.nl} ({rule})" for rule in rules]
    if is_involved(dossier.case, dossier.framework):
        reasons.append("De weger gaf aan zelf mogelijk betrokken te zijn.")
    if dossier.case.involved & dossier.case.former:
        reasons.append("Een eerdere weger gaf aan mogelijk betrokken te zijn en leest in het kanaal mee.")
    if dossier.case.involved - dossier.case.former:
        reasons.append("Een lid van CMT of college gaf aan betrokken te zijn en leest in het kanaal mee.")
    if reasons:
        yield Paragraph("Het kader en de regels van het programma houden de kaart tegen:")
        yield Bullets(tuple(reasons))
    elif advice is None:
        yield Paragraph("Er is nog geen advies waarvan een kaart gemaakt kan worden.", "note")
    else:
        yield Paragraph("Het kader liet een kaart toe; de weger heeft er geen laten plaatsen.", "note")


# Pictures before a line of the card, which no font for paper has; the heading above the line says the same.
_PICTURES = "⏱⛔ "
# What the card's writer put in a sentence for Teams: bold, and a sign before what would otherwise be a mark.
_MARKS = re.compile(r"\*\*|\\([\\`*_\[\]<>])")


def card_lines(part: Any) -> Iterator[str]:
    """Give all text of an Adaptive Card, in order."""
    if isinstance(part, list):
        for one in part:
            yield from card_lines(one)
        return
    if not isinstance(part, dict):
        return
    if part.get("type") == "RichTextBlock":
        runs = (run if isinstance(run, str) else str(run.get("text", "")) for run in part.get("inlines", []))
        yield "".join(runs).lstrip(_PICTURES)
        return
    if part.get("type") == "TextBlock":
        yield from map(_unmarked, str(part.get("text", "")).split("\n\n"))
    elif "title" in part and "value" in part:
        yield f"{part['title']}: {part['value']}"
    for name in ("body", "items", "columns", "facts", "rows", "cells"):
        yield from card_lines(part.get(name))


def _unmarked(text: str) -> str:
    """Give a paragraph as it is read in Teams, without the marks of its markdown."""
    return _MARKS.sub(lambda mark: mark[1] or "", text)
