"""The Dutch words of the readable dossier, and how values and moments are written in it."""

from collections.abc import Mapping
from datetime import date, datetime

from state.advice import AMSTERDAM
from state.conditions import UNKNOWN
from state.events import Actor, AnswerValue
from state.framework import Framework, Question

PHASES: Mapping[str, str] = {
    "asking": "de vragen worden beantwoord",
    "weighing": "advies gegeven, nog niet afgesloten",
    "posting": "de kaart wordt geplaatst",
    "posted": "kaart geplaatst in het CMT-kanaal, nog niet afgesloten",
    "offered": "aangeboden aan een ander, nog niet aanvaard",
    "finished": "afgesloten",
    "stopped": "afgebroken",
}
STATES: Mapping[str, str] = {
    "answered": "beantwoord",
    "unknown": "beantwoord met “onbekend”",
    "not_asked": "nog niet beantwoord",
    "not_applicable": "niet van toepassing",
}
ASKED_BECAUSE: Mapping[str, str] = {
    "next": "volgende vraag",
    "back": "teruggegaan",
    "change": "om te wijzigen",
    "language": "in een andere taal",
    "handed_over": "na overdracht",
}
EFFECTS: Mapping[str, str] = {
    "floor": "ten minste",
    "cap": "ten hoogste",
    "stop": "grens",
    "pro": "pleit voor",
    "contra": "pleit tegen",
    "notice": "let op",
    "deadline": "start een termijn",
    "no_card": "geen kanaalkaart",
}
DEADLINES: Mapping[str, str] = {
    "running": "loopt",
    "expired": "verstreken",
    "met": "voldaan",
    "unknown": "begin onbekend",
    "no_date": "zonder vaste datum",
}
FRAMEWORK_STATUS: Mapping[str, str] = {"concept": "concept, niet vastgesteld", "adopted": "vastgesteld"}
SOURCE_STATUS: Mapping[str, str] = {
    "verified": "nagelezen",
    "partly verified": "deels nagelezen",
    "unverified": "niet nagelezen",
}
LANGUAGES: Mapping[str, str] = {"nl": "Nederlands", "en": "Engels"}
ROLES: Mapping[str, str] = {
    "assessor": "weger",
    "decider": "beslisser",
    "cmt": "CMT-lid",
    "bot": "programma",
}
BECAUSE: Mapping[str, str] = {
    "involved": "de weger mogelijk betrokken is",
    "no_card": "er geen kaart in het kanaal komt",
    "handed": "de weger haar overdraagt",
    "relieved": "de weger niet verder kan (een beslisser biedt haar aan)",
}
DECIDED: Mapping[str, str] = {"yes": "ja", "no": "nee", "later": "later"}
WITHDRAWN_BECAUSE: Mapping[str, str] = {
    "involved": "iemand die haar ziet, gaf aan betrokken te zijn",
    "rules": "met een antwoord mag zij daar niet staan",
    "chosen": "de weger koos daarvoor",
}
GONE: Mapping[str, str] = {
    "deleted": "leeg gemaakt en verwijderd",
    "neutral": "leeg gemaakt; verwijderen liet Teams niet toe, er staat nog een bericht zonder inhoud",
    "refused": "door Teams geweigerd; de weger is gevraagd haar zelf weg te halen",
}
AUDIENCES: Mapping[str, str] = {
    "council": "mondelinge mededeling aan de raad, desgevraagd",
    "press": "persregel",
    "staff": "interne mededeling",
}
# Terms that are no deadline of the framework.
TERMS: Mapping[str, str] = {"REVIEW": "Herbeoordeling"}
_MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)


def moment(at: datetime) -> str:
    """Give a moment in the time of the Netherlands, to the second."""
    return at.astimezone(AMSTERDAM).strftime("%d-%m-%Y %H:%M:%S")


def long_date(day: date) -> str:
    """Give a date as it is written out."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def person(actor: Actor) -> str:
    """Give who someone is: name and function."""
    return f"{actor.name}, {actor.function}" if actor.function else actor.name


def role(actor: Actor) -> str:
    """Give in which role someone acted."""
    return ROLES.get(actor.role, actor.role)


def in_words(framework: Framework, question_id: str, value: AnswerValue | None) -> str:
    """Give an answer in the framework's Dutch words with the ids of its options."""
    if value is None:
        return "geen"
    question = framework.question_by_id.get(question_id)
    chosen = (value,) if isinstance(value, str) else value
    if question is None or not question.options:
        return _open_value(question, ", ".join(chosen))
    labels = ((question.option_by_id.get(option), option) for option in chosen)
    return "; ".join(f"{known.label.nl} ({option})" if known else option for known, option in labels)


def _open_value(question: Question | None, value: str) -> str:
    """Give a date, moment or text; a date as people write it, with what is stored."""
    if value == UNKNOWN or question is None or question.type == "text":
        return value
    try:
        if question.type == "date":
            return f"{long_date(date.fromisoformat(value))} ({value})"
        return f"{moment(datetime.fromisoformat(value))} ({value})"
    except ValueError:
        return value


def iso_moment(text: str) -> str:
    """Give a stored ISO moment in the time of the Netherlands."""
    return moment(datetime.fromisoformat(text))
