"""Who may conclude a case, and whether its advice may be in the channel."""

from dataclasses import replace

from state import lifecycle
from state.advice import Advice
from state.case import Case
from state.compiled import CompiledFramework
from state.conditions import Answers
from state.events import Actor, CardWithdrawn
from state.setting import Setting
from state.weighing import weigh


def is_card_allowed(case: Case, advice: Advice) -> bool:
    """Tell whether a card may be in the channel.

    Fails closed: where an earlier assessor or a member said to be involved, no card, whatever was answered since.
    """
    return not advice.no_card_rules and not case.involved


def is_involved(case: Case, framework: CompiledFramework) -> bool:
    """Tell whether the present assessor said to be involved, in an answer or on the card."""
    return is_recused(case) or says_involved(case.answers, framework)


def is_recused(case: Case) -> bool:
    """Tell whether the present assessor said on the card to be involved; no other answer takes that back."""
    return case.assessor is not None and case.assessor.id in case.involved


def says_involved(answers: Answers, framework: CompiledFramework) -> bool:
    """Tell whether these answers say that their assessor is involved."""
    conflict = framework.framework.conflict_of_interest
    return answers.get(conflict.question) in conflict.self_


def is_corrected(case: Case, framework: CompiledFramework) -> bool:
    """Tell whether the question about involvement is open."""
    return case.open_question == framework.framework.conflict_of_interest.question


def withdrawn_by(case: Case, answers: Answers, setting: Setting) -> list[CardWithdrawn]:
    """Give what takes the card out of the channel at once, when these answers say that none may be there."""
    if case.posted is None:
        return []
    forbids = weigh(setting.framework, answers, setting.now).no_card_rules
    if not forbids and not says_involved(answers, setting.framework):
        return []
    return [CardWithdrawn(case.posted.version, "rules")]


def own_input(case: Case, person: str) -> Case:
    """Give the case as far as this person filled it in: nothing of others, and nothing that follows from it."""
    own = {question for question, by in case.given_by.items() if by == person}
    return replace(
        case,
        answers={question: value for question, value in case.answers.items() if question in own},
        notes={question: note for question, note in case.notes.items() if question in own},
        skipped=case.skipped & own,
        deviations={},
        subject=None,
        preview=None,
        owed=None,
        posted=None,
        decisions={},
        words={},
    )


def why_hand_over(case: Case, setting: Setting, advice: Advice | None = None) -> str | None:
    """Give why this case may go to someone else: involved, no_card, or None; `advice` where it was weighed already."""
    if is_involved(case, setting.framework):
        return "involved"
    if case.phase != lifecycle.WEIGHING:
        return None
    advice = advice or weigh(setting.framework, case.answers, setting.now)
    return None if is_card_allowed(case, advice) else "no_card"


def may_take(case: Case, person: Actor, because: str) -> bool:
    """Tell whether the case may go to this person: not involved in it and, without a card, able to conclude it."""
    return person.id not in case.involved and (because != "no_card" or person.role == "decider")


def must_hand_over(case: Case, setting: Setting, advice: Advice | None = None) -> bool:
    """Tell whether only someone else may conclude: the assessor is involved, or there is no card and
    the assessor is not a decider."""
    because = why_hand_over(case, setting, advice)
    return because == "involved" or (because == "no_card" and setting.actor.role != "decider")
