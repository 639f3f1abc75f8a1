"""What can be shown to a person: one value per screen, with all that its card needs."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from dialogs.screens_card import DecideScreen, DiscardScreen, WithdrawScreen
from dialogs.screens_closing import Closing
from dialogs.screens_difference import DifferenceScreen
from dialogs.screens_passing import (
    HandOverScreen,
    OfferScreen,
    OthersCaseScreen,
    RelieveScreen,
    WaitingOfferScreen,
)
from dialogs.screens_terms import CardTermScreen, TermScreen, TermsScreen
from dialogs.screens_words import WordsScreen
from dialogs.values import Card
from state.advice import Advice, Missing
from state.case import Case
from state.framework import Framework


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list: number, when it was opened, where it stands (phase), and whether it is offered."""

    id: str
    number: str
    opened_at: datetime
    phase: str
    offered: bool = False


@dataclass(frozen=True, slots=True)
class WelcomeScreen:
    """What the bot is for and how to begin; `cases` are the person's open ones."""

    name: str
    cases: tuple[CaseLine, ...] = ()


@dataclass(frozen=True, slots=True)
class HelpScreen:
    """What can be typed; a decider can also do something in cases of others. `practice` within an exercise."""

    has_case: bool
    is_decider: bool = False
    practice: bool = False


@dataclass(frozen=True, slots=True)
class CasesScreen:
    """The person's open cases, to choose from; may be empty. A decider can also do something in cases of others."""

    cases: tuple[CaseLine, ...]
    is_decider: bool = False


@dataclass(frozen=True, slots=True)
class QuestionScreen:
    """The open question; `path` is what is asked in this case."""

    case: Case
    framework: Framework
    question: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InvolvedScreen:
    """What an assessor who is involved can still do; `urgent` steps are indicated, `others` may be taken too."""

    case: Case
    framework: Framework
    urgent: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnsweredScreen:
    """The old card of a question after its answer: no buttons."""

    framework: Framework
    question: str
    label: str
    practice: bool = False
    given: bool = True


@dataclass(frozen=True, slots=True)
class WhyScreen:
    """Help, legal basis, and the advice lines (step, rule) that a question affects."""

    case: Case
    framework: Framework
    question: str
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OverviewScreen:
    """Every question of the framework with its state, and what was answered; who is involved only looks."""

    case: Case
    framework: Framework
    states: tuple[tuple[str, str], ...]
    involved: bool = False


@dataclass(frozen=True, slots=True)
class AdviceScreen:
    """The full private advice. `card_allowed`: a card may be posted; `must_hand_over`: someone else concludes."""

    case: Case
    framework: Framework
    advice: Advice
    missing: tuple[Missing, ...]
    card_allowed: bool
    may_hand_over: bool
    must_hand_over: bool
    may_decide: bool = False


@dataclass(frozen=True, slots=True)
class DeviateScreen:
    """Choosing another grade: first the step, then (with `step`) the grade and the reason."""

    case: Case
    framework: Framework
    advice: Advice
    step: str | None = None
    grade: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SubjectScreen:
    """Choosing the neutral subject for the card."""

    case: Case
    framework: Framework


@dataclass(frozen=True, slots=True)
class PreviewScreen:
    """The exact card, framed by what happens on posting."""

    case: Case
    card: Card


@dataclass(frozen=True, slots=True)
class StatusScreen:
    """Where a case stands after its questions: posting, posted, offered, finished, stopped or paused.

    `by` is the decider who offers it in the holder's place.
    """

    case: Case
    status: str
    to: str = ""
    may_decide: bool = False
    terms: TermsScreen | None = None
    closing: Closing | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmStopScreen:
    """Whether the weighing is really to be broken off."""

    case: Case


@dataclass(frozen=True, slots=True)
class TextScreen:
    """A sentence of the bot's own words, by its key in `texts`, with its parameters. `practice` within an exercise."""

    key: str
    parameters: tuple[tuple[str, str], ...] = ()
    practice: bool = False


Screen = (
    WelcomeScreen
    | HelpScreen
    | CasesScreen
    | QuestionScreen
    | InvolvedScreen
    | AnsweredScreen
    | WhyScreen
    | OverviewScreen
    | AdviceScreen
    | DifferenceScreen
    | DeviateScreen
    | SubjectScreen
    | PreviewScreen
    | StatusScreen
    | HandOverScreen
    | RelieveScreen
    | OthersCaseScreen
    | WaitingOfferScreen
    | OfferScreen
    | ConfirmStopScreen
    | TextScreen
    | DecideScreen
    | WithdrawScreen
    | DiscardScreen
    | WordsScreen
    | TermScreen
    | CardTermScreen
    | TermsScreen
)


def mark_of_answer(case: Case, question: str) -> str:
    """Give a mark of the answer that stands, empty where none does: a card that was shown before it is past."""
    return _mark(case.answers[question], case.notes.get(question, "")) if question in case.answers else ""


def _mark(*values: object) -> str:
    return sha256(repr(values).encode()).hexdigest()[:16]


def _after_colon(mark: str) -> str:
    return f":{mark}" if mark else ""


def context_of(screen: Screen) -> str:
    """Give what a handle on this screen's card stands for: a word, and what it is about after a colon."""
    match screen:
        case QuestionScreen(case=case, question=question) | WhyScreen(case=case, question=question):
            return f"question:{question}" + _after_colon(mark_of_answer(case, question))
        case WordsScreen():
            return screen.context
        case DecideScreen(case=case):
            return f"decide:{case.round}"
        case TermScreen(term=term) | CardTermScreen(term=term):
            return f"term:{term}"
        case DeviateScreen(step=str() as step, case=case):
            return f"deviate:{step}:{case.deviations[step].seq if step in case.deviations else 0}"
        case PreviewScreen(case=case):
            return f"preview:{case.preview.seq if case.preview else 0}"
        case StatusScreen(status=status) if status in _STANDING:
            return _STANDING[status]
        case _:
            return _list_of(screen) or _CONTEXTS.get(type(screen), "other")


def _list_of(screen: Screen) -> str:
    """Give the word of a card that lists things, and their ids in its order; empty for any other."""
    match screen:
        case WelcomeScreen(cases=lines) | CasesScreen(cases=lines):
            return "cases:" + ",".join(line.id for line in lines)
        case TermsScreen(terms=terms):
            return "terms:" + ",".join(term.id for term in terms)
        case HandOverScreen(candidates=candidates):
            return "hand_over:" + ",".join(candidate.id for candidate in candidates)
        case RelieveScreen(candidates=candidates):
            return "relieve:" + ",".join(candidate.id for candidate in candidates)
        case _:
            return ""


_STANDING = {"finished": "closed", "stopped": "closed", "offered": "offered"}
_CONTEXTS: dict[type, str] = {
    AdviceScreen: "advice",
    DifferenceScreen: "difference",
    InvolvedScreen: "involved",
    DeviateScreen: "deviate",
    SubjectScreen: "subject",
    OfferScreen: "offer",
    OthersCaseScreen: "others_case",
    WaitingOfferScreen: "waiting_offer",
    WithdrawScreen: "withdraw_card",
    DiscardScreen: "discard",
    ConfirmStopScreen: "stop",
}
