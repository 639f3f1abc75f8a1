"""Cases in every place and phase, played once in the core, and what a person types or presses for each action."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from dialogs.screens import mark_of_answer
from state import commands as do
from state.case import Case
from state.codec import canonical
from state.decide_together import AUDIENCES
from state.events import BOT, Actor, AnswerValue
from state.weighing import weigh
from tests.bot.desk import FRAMEWORKS
from tests.casework import NEWSPAPER, Casework
from tests.trust.office import NOW, id_of

# What an assessor wrote: whoever may not see the case must never be shown it.
CANARY = "KANARIE-omschrijving-7f3a"
COMPILED = FRAMEWORKS.current
FRAMEWORK = COMPILED.framework
ANSWERS: Mapping[str, AnswerValue] = {**NEWSPAPER, "omschrijving": CANARY}
REPORTER: Mapping[str, AnswerValue] = {**ANSWERS, "klokkenluider": "misstand_gemeld"}
CONFLICT = FRAMEWORK.conflict_of_interest.question

# Who acts in the played cases; `ME` is whom a test puts in the person it tries.
ME = Actor("me", "Ik", "directeur", "decider")
OTHER = Actor(id_of("ander"), "Naam ander", "functie ander", "decider")
THIRD = replace(OTHER, id=id_of("derde"))

STEP = FRAMEWORK.steps[0].id
# One that is decided on.
DECIDED = "nazorg_leren"
_INDICATED = weigh(COMPILED, ANSWERS, NOW).steps[STEP].grade
GRADE = next(grade for grade in FRAMEWORK.grades if grade.id != _INDICATED)


def _weighed(actor: Actor, answers: Mapping[str, AnswerValue] = ANSWERS) -> Casework:
    work = Casework(COMPILED, actor, NOW).open().answer(answers)
    if answers is ANSWERS:
        work.do(do.ChooseSubject(FRAMEWORK.card_subjects[0].id))
    return work


def _previewed(actor: Actor) -> Casework:
    work = _weighed(actor)
    _preview(work)
    return work


def _preview(work: Casework, version: int = 1) -> None:
    card = {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": f"kaart {version}"}]}
    work.do(do.PreviewCard(canonical(card).decode()))


def _posting(actor: Actor) -> Casework:
    work = _previewed(actor)
    assert work.case.preview is not None
    work.do(do.PostCard(work.case.preview.seq))
    return work


def _posted(actor: Actor) -> Casework:
    work = _posting(actor)
    work.do(do.ConfirmPosted(1), BOT)
    return work


def _again(work: Casework, phase: str) -> Casework:
    """Give a case whose card stands in the channel, in another phase: new facts, a hand-over, or closed."""
    match phase:
        case "asking":
            work.do(do.ChangeAnswer("spoed"))
        case "weighing" | "posting":
            work.do(do.ChangeAnswer("schade"))
            work.do(do.GiveAnswer("schade", "groot"))
        case "offered":
            work.do(do.OfferCase(OTHER if work.actor is ME else ME, "Vakantie."))
        case "closed":
            work.do(do.FinishCase())
    if phase == "posting":
        _preview(work, 2)
        assert work.case.preview is not None
        work.do(do.PostCard(work.case.preview.seq))
    return work


def _asking(actor: Actor) -> Casework:
    work = _weighed(actor)
    work.do(do.ChangeAnswer("spoed"))
    return work


def _offered(giver: Actor, receiver: Actor) -> Casework:
    """Give a case of which the giver, who is involved, answered everything."""
    work = _weighed(giver)
    work.do(do.ChangeAnswer(CONFLICT))
    work.do(do.GiveAnswer(CONFLICT, "ja_ikzelf"))
    work.do(do.OfferCase(receiver))
    return work


def _taken_over(giver: Actor, receiver: Actor) -> Casework:
    work = _offered(giver, receiver)
    work.do(do.AcceptCase(), receiver)
    work.actor = receiver
    return work


def _involved(actor: Actor) -> Casework:
    """Give a case that was taken over from someone involved, by someone who is involved too."""
    work = _taken_over(OTHER, actor)
    work.do(do.GiveAnswer(CONFLICT, "ja_ikzelf"))
    return work


# What is done about a card that stands in the channel.
CARDED = frozenset({"withdraw_card", "meet_term_for", "see_card", "decide", "dissent", "recuse"})


@cache
def standing(place: str, phase: str, action: str) -> Casework:
    """Give a case in which `ME` has this place, in this phase, with all that the action needs besides."""
    if place == "recused":
        return _recused(phase)
    return (_with_card if action in CARDED else _standing)(place, phase, action)


def _recused(phase: str) -> Casework:
    """Give a case of which the card is gone, since `ME` said on it to be involved."""
    work = _posted(OTHER)
    work.do(do.SayInvolved(1, OTHER), ME)
    if phase == "closed":
        work.do(do.FinishCase())
    return work


def _with_card(place: str, phase: str, action: str) -> Casework:
    """Give a case whose card stands in the channel, unless the place itself forbids one."""
    match place:
        case "involved":
            return _standing(place, phase, action)
        case "receiver":
            return _again(_posted(OTHER), "offered")
        case "outside" if phase == "offered":
            return _did(_posted(OTHER), do.OfferCase(THIRD, "Vakantie."))
        case "former":
            work = _again(_posted(ME), "offered")
            work.do(do.AcceptCase(), OTHER)
            return work
        case _:
            return _again(_posted(ME if place == "holder" else OTHER), phase)


def _standing(place: str, phase: str, action: str) -> Casework:
    match place, phase:
        case "holder", "asking":
            return _asking(ME)
        case "holder", "weighing":
            return {"post": _previewed, "offer": _without_card}.get(action, _weighed)(ME)
        case "holder", "posting":
            return _posting(ME)
        case "holder", "posted":
            return _posted(ME)
        case "holder", "offered":
            return _did(_without_card(ME), do.OfferCase(OTHER))
        case "holder", "closed":
            return _closed(ME)
        case "involved", "asking":
            return _involved(ME)
        case "involved", "offered":
            return _did(_involved(ME), do.OfferCase(THIRD))
        case "receiver", "offered":
            return _offered(OTHER, ME)
        case "former", _:
            return _taken_over(ME, OTHER)
        case "outside", "offered":
            return _did(_without_card(OTHER), do.OfferCase(THIRD))
        case _:
            kinds = {"asking": _asking, "weighing": _weighed, "posted": _posted, "closed": _closed}
            return kinds[phase](OTHER)


def _closed(actor: Actor) -> Casework:
    return _did(_posted(actor), do.FinishCase())


def _without_card(actor: Actor) -> Casework:
    return _weighed(actor, REPORTER)


def _did(work: Casework, command: do.Command) -> Casework:
    work.do(command)
    return work


TYPED: Mapping[str, str] = {
    "open": "nieuw",
    "see_input": "overzicht",
    "answer": "1",
    "skip": "overslaan",
    "back": "terug",
    "change": "wijzig 4",
    "correct": "wijzig 1",
    "see_advice": "advies",
    "deviate": f"afwijken 1 {GRADE.name.nl} omdat het zo is",
    "subject": "onderwerp 2",
    "preview": "voorbeeld",
    "post": "plaats",
    "pause": "pauze",
    "finish": "afronden",
    "stop": "stop ja",
    "offer": "overdragen 1 Vakantie.",
    "see_offer": "verder",
    "end_offer": "intrekken",
    "end_offer_for": "trek het aanbod in {number}",
    "accept": "overnemen",
    "discard": "ja gooi weg",
    "withdraw_card": "kaart intrekken",
    "decide_all": "besluit",
    "meet_term": "gedaan 1",
    "words": "teksten",
    "relieve": "overdragen {number} Ziek.",
    "reopen": "heropen {number} Nieuwe feiten.",
}
# What nobody types: it is the button of a reminder.
PRESSED_ALONE = ("meet_term_for",)
# Of these the press is an event, and what is typed opens the card.
OPENED = frozenset({"withdraw_card", "decide_all", "words", "relieve"})
# One press for who holds the case and for a decider who does not.
FOR_OTHERS: Mapping[str, str] = {"reopen": "reopen_for", "meet_term_for": "meet_term", "end_offer_for": "end_offer"}


def pressed(action: str, place: str, case: Case) -> tuple[str, dict[str, Any]] | None:
    """Give what a card stands for and what is pressed on it; None for what is only typed."""
    opened = case.open_question or ""
    question = f"question:{opened}:{mark_of_answer(case, opened)}".rstrip(":") if opened else "other"
    known: Mapping[str, tuple[str, dict[str, Any]]] = {
        "open": ("cases:", {"verb": "new"}),
        "see_input": (question, {"verb": "overview"}),
        "answer": (question, {"verb": "answer", "answer": "ja"}),
        "skip": (question, {"verb": "skip"}),
        "back": ("offered" if case.phase == "offered" else question, {"verb": "back"}),
        "change": ("other", {"verb": "change", "answer": "lek_status"}),
        "correct": ("other", {"verb": "change", "answer": CONFLICT}),
        "deviate": (f"deviate:{STEP}:0", {"verb": "deviate", "answer": GRADE.id, "note": "omdat het zo is"}),
        "subject": ("subject", {"verb": "subject", "answer": FRAMEWORK.card_subjects[1].id}),
        "preview": ("advice", {"verb": "preview"}),
        "post": (f"preview:{case.preview.seq if case.preview else 9}", {"verb": "post"}),
        "pause": (question, {"verb": "pause"}),
        "finish": ("advice", {"verb": "finish"}),
        "stop": ("stop", {"verb": "stop", "answer": "ja"}),
        "offer": (f"hand_over:{id_of('derde')}", {"verb": "finish", "answer": "1", "note": "Vakantie."}),
        "end_offer": ("offer", {"verb": "stop"}) if place == "receiver" else ("offered", {"verb": "back"}),
        "end_offer_for": ("waiting_offer", {"verb": "back"}),
        "accept": ("offer", {"verb": "resume"}),
        "discard": ("discard", {"verb": "discard", "answer": "ja"}),
        "withdraw_card": ("withdraw_card", {"verb": "withdraw_card", "note": "Een fout."}),
        "decide_all": (f"decide:{case.round}", {"verb": "record", f"decided.{DECIDED}": "yes"}),
        "meet_term": ("terms:T_RAAD", {"verb": "met", "answer": "1"}),
        "meet_term_for": ("term:T_RAAD", {"verb": "met"}),
        "words": ("words:0,0,0", {"verb": "keep_words", **{f"words.{one}": "Tekst." for one in AUDIENCES}}),
        "relieve": (f"relieve:{id_of('derde')}", {"verb": "relieve", "answer": "1", "note": "Ziek."}),
        "reopen": ("closed", {"verb": "reopen", "note": "Nieuwe feiten."}),
    }
    return known.get(action)
