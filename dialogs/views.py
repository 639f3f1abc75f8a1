"""Where a person stands, and the screens that show it."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialogs import screens
from dialogs.dates import show_date, show_moment
from dialogs.screens_closing import Closing
from dialogs.screens_difference import DifferenceScreen
from dialogs.screens_passing import OfferScreen
from dialogs.screens_terms import TermsScreen
from dialogs.wording import Wording
from state import lifecycle
from state.case import Case, Posted
from state.decide_together import steps_of_advice
from state.difference import difference
from state.events import Actor
from state.framework import Question
from state.involvement import is_card_allowed, is_corrected, must_hand_over, own_input, why_hand_over
from state.permissions import INVOLVED, OUTSIDE, Action, may, parts_of, place_of
from state.questionnaire import asked, states_of
from state.retention import category_of_case, due_on
from state.setting import Setting
from state.terms import open_terms, running_terms
from state.weighing import CompiledFramework, missing, weigh


@dataclass(frozen=True, slots=True)
class Scene:
    """Who asks, in which case, and what else they could turn to.

    `candidates` are those to whom the case may be offered; the `fresh_` ones are for a new case.
    `print` is what is compared of the case's chain value, for the card.
    """

    setting: Setting
    fresh_framework: CompiledFramework
    wording: Wording
    case: Case | None
    lines: tuple[screens.CaseLine, ...] = ()
    candidates: tuple[Actor, ...] = ()
    fresh_id: str = ""
    fresh_number: str = ""
    print: str = ""
    channel_language: str = "nl"

    @property
    def place(self) -> str:
        """Give what this person is in the case."""
        if self.case is None:
            return OUTSIDE
        return place_of(parts_of(self.case, self.setting.framework), self.setting.actor.id)

    def may(self, action: Action) -> bool:
        """Tell whether this person may do this in the case."""
        return self.case is not None and may(action, (self.setting.actor.role,), self.place)


def here(scene: Scene) -> screens.Screen:
    """Give the screen of where the case stands; the welcome when there is none that this person may see."""
    case = scene.case
    if case is not None and scene.may(Action.SEE_OFFER):
        return OfferScreen(case.number, case.offered_because)
    if case is None or not scene.may(Action.SEE_INPUT):
        return screens.WelcomeScreen(scene.setting.actor.name, scene.lines)
    if case.phase in (lifecycle.ASKING, lifecycle.WEIGHING) and scene.place == INVOLVED:
        return involved_screen(scene)
    if case.phase == lifecycle.ASKING:
        return question_screen(scene)
    if case.phase == lifecycle.WEIGHING:
        return advice_screen(scene) if case.posted is None else difference_screen(scene, case.posted)
    to = case.offered_to.name if case.offered_to else ""
    # Who else offers a case may have said to be involved: that is for nobody to see.
    by = case.offered_by.name if case.offered_by and case.offered_because == "relieved" else ""
    if case.is_closed:
        return screens.StatusScreen(case, case.phase, to, closing=_closing(case, scene))
    may_decide = scene.may(Action.DECIDE_ALL)
    terms = terms_screen(scene) if scene.may(Action.MEET_TERM) else None
    return screens.StatusScreen(case, case.phase, to, may_decide, terms, by=by)


def _closing(case: Case, scene: Scene) -> Closing:
    """Give how long the closed case is kept, by the steps really taken, and what was left undecided."""
    setting = scene.setting
    # The term runs from the closing, whenever it is looked at.
    closed_at = case.changed_at or setting.now
    category = category_of_case(case, setting.framework, closed_at)
    steps = steps_of_advice(case, setting._replace(now=closed_at)) if case.phase == lifecycle.FINISHED else {}
    undecided = tuple(step for step, found in steps.items() if step not in case.decisions and not found.done)
    terms = open_terms(case, setting.framework, setting.now)
    due = due_on(category, closed_at)
    return Closing(setting.framework.framework, category, due, setting.now, undecided, terms)


def terms_screen(scene: Scene) -> TermsScreen:
    """Give the terms that run."""
    case, setting = _seen(scene), scene.setting
    terms = running_terms(case, setting.framework, setting.now)
    return TermsScreen(case, setting.framework.framework, terms, setting.now)


def question_screen(scene: Scene) -> screens.QuestionScreen:
    """Give the open question."""
    case, compiled = _seen(scene), scene.setting.framework
    path = tuple(asked(compiled, case.answers))
    return screens.QuestionScreen(case, compiled.framework, case.open_question or path[0], path)


def involved_screen(scene: Scene) -> screens.Screen:
    """Give what someone who is involved can still do, or the question about it while it is asked again."""
    case, compiled = _seen(scene), scene.setting.framework
    if is_corrected(case, compiled):
        return question_screen(scene)
    advice = weigh(compiled, case.answers, scene.setting.now)
    lightest = compiled.framework.grades[0].id
    protective = [step.id for step in compiled.framework.steps if step.protective]
    urgent = tuple(step for step in protective if advice.steps[step].grade != lightest)
    return screens.InvolvedScreen(
        case, compiled.framework, urgent, tuple(step for step in protective if step not in urgent)
    )


def answered_screen(scene: Scene, after: Case | None, question_id: str) -> screens.AnsweredScreen:
    """Give the old card of a question, with the answer in words."""
    framework = scene.setting.framework.framework
    case = after or _seen(scene)
    given = question_id in case.answers
    if given:
        label = answer_words(
            framework.question_by_id[question_id],
            case.answers[question_id],
            scene.setting.language,
            scene.wording,
        )
    else:
        label = scene.wording.say("skipped", scene.setting.language)
    return screens.AnsweredScreen(framework, question_id, label, case.is_practice, given)


def answer_words(question: Question, value: str | tuple[str, ...], language: str, wording: Wording) -> str:
    """Give an answer as a person reads it."""
    if question.options:
        chosen = (value,) if isinstance(value, str) else value
        return ", ".join(question.option_by_id[option].label.in_language(language) for option in chosen)
    if question.type == "text" or not isinstance(value, str):
        return str(value)
    if value == "onbekend":
        return wording.say("unknown", language)
    show = show_date if question.type == "date" else show_moment
    return show(value, language)


def why_screen(scene: Scene, question_id: str) -> screens.WhyScreen:
    """Give the help, the legal basis and the advice lines that a question affects."""
    case, compiled = _seen(scene), scene.setting.framework
    rules = tuple(
        (step, rule) for rule in compiled.rules_of(question_id) for step in compiled.framework.rule_by_id[rule].steps
    )
    return screens.WhyScreen(case, compiled.framework, question_id, rules)


def overview_screen(scene: Scene) -> screens.OverviewScreen:
    """Give every question with its state."""
    case, compiled = _seen(scene), scene.setting.framework
    states: Mapping[str, str] = states_of(compiled, case.answers)
    return screens.OverviewScreen(case, compiled.framework, tuple(states.items()), scene.place == INVOLVED)


def advice_screen(scene: Scene) -> screens.AdviceScreen:
    """Give the full private advice as it is now."""
    case, setting = _seen(scene), scene.setting
    advice = weigh(setting.framework, case.answers, setting.now)
    return screens.AdviceScreen(
        case=case,
        framework=setting.framework.framework,
        advice=advice,
        missing=tuple(missing(setting.framework, case.answers, setting.now)),
        card_allowed=is_card_allowed(case, advice),
        may_hand_over=why_hand_over(case, setting, advice) is not None,
        must_hand_over=must_hand_over(case, setting, advice),
        may_decide=scene.may(Action.DECIDE_ALL),
    )


def difference_screen(scene: Scene, posted: Posted) -> DifferenceScreen:
    """Give what became different in the advice since the card that stands in the channel."""
    case, setting = _seen(scene), scene.setting
    framework = setting.framework
    return DifferenceScreen(
        case=case,
        framework=framework.framework,
        difference=difference(framework, posted.answers, posted.at, case.answers, setting.now),
        version=posted.version,
        card_allowed=is_card_allowed(case, weigh(framework, case.answers, setting.now)),
    )


def _seen(scene: Scene) -> Case:
    """Give the case as far as this person may see it: who is involved sees their own input alone."""
    case = scene.case or Case("")
    return own_input(case, scene.setting.actor.id) if scene.place == INVOLVED else case
