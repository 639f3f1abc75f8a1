"""What the card tests share: a small framework, every screen, and how to look through a card."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from jsonschema import Draft6Validator

from dialogs import screens
from dialogs.cards.channel import channel_card
from dialogs.render import render
from dialogs.screens_card import DiscardScreen
from dialogs.screens_closing import Closing
from dialogs.screens_difference import DifferenceScreen
from dialogs.screens_passing import (
    Candidate,
    HandOverScreen,
    OfferScreen,
    OthersCaseScreen,
    RelieveScreen,
    WaitingOfferScreen,
)
from dialogs.screens_terms import CardTermScreen, TermScreen, TermsScreen
from dialogs.screens_words import WordsScreen, WordsText
from dialogs.values import Card
from dialogs.wording import Wording, read_wording
from dialogs.words import proposals
from state.case import Case, Deviation, Posted, Preview
from state.compiled import CompiledFramework, compile_framework
from state.difference import difference
from state.events import REVIEW, AnswerValue
from state.questionnaire import asked, states_of
from state.reader import read_framework
from state.retention import CATEGORIES, due_on
from state.terms import running_terms
from state.weighing import missing, weigh, weigh_for_channel

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOW = datetime.fromisoformat("2026-11-23T10:00:00+01:00")
HANDLE = "h" * 22
NUMBER = "IL-2026-0042"
LANGUAGES = ("nl", "en")
NOTICE = "Een mededeling."
ANSWERS: Mapping[str, AnswerValue] = {
    "betrokken": "nee",
    "sinds": "2026-11-20T08:30:00+01:00",
    "gegevens": "ja",
    "soorten": ("naam", "gezondheid"),
    "toelichting": "Een zin met een [link](https://evil.example) en **vet**.",
}


@cache
def wording() -> Wording:
    texts = ROOT / "dialogs" / "texts"
    return read_wording((texts / "nl.yaml").read_text("utf-8"), (texts / "en.yaml").read_text("utf-8"))


@cache
def small() -> CompiledFramework:
    return edited(lambda text: text)


def edited(edit: Callable[[str], str]) -> CompiledFramework:
    """Give the small framework with its text changed."""
    text = (HERE / "small.yaml").read_text("utf-8")
    return compile_framework(read_framework(edit(text), "small.yaml"), "0" * 64)


@cache
def _schema() -> Draft6Validator:
    path = ROOT / "tests/data/schemas/adaptive-cards/adaptive-card.1.5.0.json"
    return Draft6Validator(json.loads(path.read_text("utf-8")))


def problems(card: Card) -> list[str]:
    """Give what the official schema has against a card; `msteams` is Teams' own."""
    official = {key: value for key, value in card.items() if key != "msteams"}
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in _schema().iter_errors(official)]


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Give every object in a card."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from walk(value)


def actions(card: Card) -> list[dict[str, Any]]:
    return [node for node in walk(card) if str(node.get("type")).startswith("Action.")]


def presses(card: Card) -> list[dict[str, Any]]:
    """Give the data of every action that comes to the bot."""
    return [action["data"] for action in actions(card) if "data" in action]


def words(card: Card) -> list[str]:
    """Give everything that a person can read."""
    keys = ("text", "title", "label", "placeholder", "errorMessage", "fallbackText")
    return [node[key] for node in walk(card) for key in keys if isinstance(node.get(key), str)]


def shown(card: Card) -> str:
    return "\n".join(words(card))


def case_of(answers: Mapping[str, AnswerValue] = ANSWERS, **more: Any) -> Case:
    return Case("0" * 32, NUMBER, answers=answers, **more)


def to_channel(compiled: CompiledFramework, answers: Mapping[str, AnswerValue], **more: Any) -> dict[str, Any]:
    settings = {
        "number": NUMBER,
        "subject": "persoonsgegevens",
        "version": 1,
        "function": "gemeentesecretaris",
        "prepared_at": NOW,
        "print_": "0123456789abcdef",
        "language": "nl",
        "wording": wording(),
        **more,
    }
    advice = weigh_for_channel(compiled, answers, settings["prepared_at"])
    return channel_card(compiled.framework, advice, **settings)


def advice_screen(
    compiled: CompiledFramework, answers: Mapping[str, AnswerValue], phase: str = "weighing", **more: Any
) -> screens.AdviceScreen:
    advice = weigh(compiled, answers, NOW)
    settings = {
        "case": case_of(answers, phase=phase),
        "card_allowed": not advice.no_card_rules,
        "may_hand_over": bool(advice.no_card_rules),
        "must_hand_over": False,
        **more,
    }
    return screens.AdviceScreen(
        framework=compiled.framework,
        advice=advice,
        missing=tuple(missing(compiled, answers, NOW)),
        **settings,
    )


def question_screen(
    compiled: CompiledFramework, question: str, answers: Mapping[str, AnswerValue], **more: Any
) -> screens.QuestionScreen:
    case = case_of(answers, phase="asking", open_question=question)
    return screens.QuestionScreen(case, compiled.framework, question, asked(compiled, answers), **more)


def every_screen(compiled: CompiledFramework, answers: Mapping[str, AnswerValue]) -> Iterator[screens.Screen]:
    """Give every kind of screen in each of its forms."""
    framework = compiled.framework
    case = case_of(answers, phase="weighing", open_question=None)
    line = screens.CaseLine("a", NUMBER, NOW, "asking")
    offered = screens.CaseLine("b", "IL-2026-7310", NOW, "offered", offered=True)
    advice = weigh(compiled, answers, NOW)
    yield screens.WelcomeScreen("Anja de Vries")
    yield screens.WelcomeScreen("Anja de Vries", (line, offered))
    yield screens.HelpScreen(has_case=False)
    yield screens.HelpScreen(has_case=True)
    yield screens.CasesScreen(())
    yield screens.CasesScreen((line, offered))
    yield screens.CasesScreen((), is_decider=True)
    yield screens.HelpScreen(has_case=True, is_decider=True)
    for question in framework.questions:
        yield question_screen(compiled, question.id, {})
        yield question_screen(compiled, question.id, answers)
        rules = tuple((step, rule) for rule in compiled.rules_of(question.id) for step in _steps(compiled, rule))
        yield screens.WhyScreen(case, framework, question.id, rules)
        yield screens.AnsweredScreen(framework, question.id, "Ja")
    protective = tuple(step.id for step in framework.steps)[:2]
    yield screens.InvolvedScreen(case, framework, protective[:1], protective[1:])
    yield screens.InvolvedScreen(case, framework, (), ())
    for held in (answers, {}):
        states = tuple(states_of(compiled, held).items())
        skipped = frozenset(question for question, state in states if state == "not_asked")
        yield screens.OverviewScreen(case_of(held, phase="asking", notes=dict.fromkeys(held, "x")), framework, states)
        yield screens.OverviewScreen(case_of(held, phase="weighing", skipped=skipped), framework, states)
        yield screens.OverviewScreen(case_of(held, phase="asking", open_question=None), framework, states, True)
        for phase in ("weighing", "posting", "posted"):
            yield advice_screen(compiled, held, phase)
    deviations = {framework.steps[0].id: Deviation("nao", "lvh", "Omdat [dit](x) {{1}} is.")}
    deviating = case_of(answers, phase="weighing", deviations=deviations, subject=framework.card_subjects[0].id)
    for allowed, may, must in ((True, False, False), (False, True, True), (False, True, False), (False, False, False)):
        yield advice_screen(
            compiled, answers, case=deviating, card_allowed=allowed, may_hand_over=may, must_hand_over=must
        )
    posted = case_of(answers, phase="weighing", subject=framework.card_subjects[0].id, posted=Posted(1, "{}", {}, NOW))
    yield advice_screen(compiled, answers, case=posted)
    for before, after in (({}, answers), (answers, {}), (answers, answers)):
        changed = difference(compiled, before, NOW, after, NOW + timedelta(days=4))
        yield DifferenceScreen(posted, framework, changed, 1, card_allowed=not changed.is_empty)
    yield screens.DeviateScreen(deviating, framework, advice)
    for step in framework.steps:
        yield screens.DeviateScreen(deviating, framework, advice, step.id)
    yield screens.DeviateScreen(case, framework, advice, framework.steps[0].id, "lvh", "reden")
    yield screens.SubjectScreen(case, framework)
    preview = Preview(7, NOW, 1, "{}", "0" * 64)
    yield screens.PreviewScreen(case_of(answers, preview=preview), to_channel(compiled, answers))
    for status in ("posting", "posted", "offered", "finished", "stopped", "paused"):
        yield screens.StatusScreen(case_of(posted_version=2), status, "Dirk Smit" if status == "offered" else "")
    yield from _term_screens(compiled, answers)
    yield from _passing_screens(compiled, answers)
    yield from _words_screens(compiled, case)
    yield screens.ConfirmStopScreen(case)
    yield DiscardScreen(replace(case, number="OEFEN-2026-0042"))
    yield screens.TextScreen("stale_card")


def _passing_screens(compiled: CompiledFramework, answers: Mapping[str, AnswerValue]) -> Iterator[screens.Screen]:
    """Give what is shown when a case goes to someone else, is closed, or is offered in its holder's place."""
    framework, case = compiled.framework, case_of(answers)
    people = (Candidate("1", "Dirk Smit", "wethouder"), Candidate("2", "Bram Jansen", ""))
    for because in ("involved", "no_card", "handed"):
        yield HandOverScreen(case, because, people)
        yield HandOverScreen(case, because, ())
    for because in ("involved", "no_card", "handed", "relieved"):
        yield OfferScreen(NUMBER, because)
    yield HandOverScreen(case, "handed", people, "2", "met {{DATE(x)}} [verlof](https://evil.example)")
    yield RelieveScreen(NUMBER, people)
    yield RelieveScreen(NUMBER, people, "1", "ziek")
    yield WaitingOfferScreen(NUMBER)
    yield OthersCaseScreen()
    yield OthersCaseScreen("IL-2026-99 [x](https://evil.example)", "ziek {{1}}")
    yield screens.StatusScreen(case, "offered", "Dirk Smit", by="Anja de Vries")
    closed, steps = case_of(answers, review="2026-12-20"), tuple(framework.step_by_id)
    for category in CATEGORIES.values():
        for undecided in ((), steps[:1], steps):
            terms = running_terms(closed, compiled, NOW) if undecided else ()
            closing = Closing(framework, category, due_on(category, NOW), NOW, undecided, terms)
            yield screens.StatusScreen(closed, "finished", closing=closing)
            yield screens.StatusScreen(case, "stopped", closing=closing)


def _term_screens(compiled: CompiledFramework, answers: Mapping[str, AnswerValue]) -> Iterator[screens.Screen]:
    """Give reminders of terms, running and recorded as done, and the list of what runs."""
    framework = compiled.framework
    review = case_of(answers, phase="posted", advised=True, review="2026-11-20", posted_version=1)
    for case in (review, replace(review, met=frozenset({REVIEW, *framework.deadline_by_id}))):
        terms = TermsScreen(case, framework, running_terms(case, compiled, NOW), NOW)
        yield terms
        yield screens.StatusScreen(case, "posted", terms=terms)
        yield advice_screen(compiled, answers, case=replace(case, phase="weighing"))
        for term, kind in product(terms.terms, (TermScreen, CardTermScreen)):
            yield kind(NUMBER, framework, term.id, NOW, term)
            yield kind(NUMBER, framework, term.id, NOW, None)
        for term in terms.terms:
            yield CardTermScreen(NUMBER, framework, term.id, NOW, term, may_relieve=True)


def _words_screens(compiled: CompiledFramework, case: Case) -> Iterator[screens.Screen]:
    """Give the words for others as they are proposed, as they are kept, and with another device's beside them."""
    proposed = tuple(
        WordsText(name, text) for name, text in proposals(case, compiled.framework, "nl", wording()).items()
    )
    yield WordsScreen(case, proposed, (0, 0, 0))
    yield WordsScreen(case, tuple(replace(one, is_kept=True) for one in proposed), (7, 8, 9))
    typed = {"is_typed": True, "newer": "Van de [telefoon](x) {{1}}"}
    yield WordsScreen(case, tuple(replace(one, **typed) for one in proposed), (7, 8, 10))


def _steps(compiled: CompiledFramework, rule: str) -> tuple[str, ...]:
    return compiled.framework.rule_by_id[rule].steps


def every_card(compiled: CompiledFramework, answers: Mapping[str, AnswerValue]) -> Iterator[tuple[str, Card]]:
    """Give every screen's card in both languages, by a name for messages."""
    for language in LANGUAGES:
        for screen in every_screen(compiled, answers):
            message = render(screen, wording(), language, HANDLE, NOTICE)
            assert message.card is not None
            yield f"{type(screen).__name__} {language}", message.card
