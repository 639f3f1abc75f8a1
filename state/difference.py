"""What became different in an advice since a moment, and by which changed answer; pure.

The form for the channel is made of two channel advices alone: it cannot know a sensitive answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from state.advice import Advice, ChannelAdvice, DeadlineAdvice, Reason, StepAdvice
from state.causes import AnswerChange, Causes, Trials, trials
from state.compiled import CompiledFramework
from state.conditions import Answers, questions_in
from state.framework import Framework, Rule


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """A reason on a step that came, or went."""

    reason: Reason
    came: bool
    causes: Causes


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step as it was and as it is; the causes of each part of it that changed, None for one that did not."""

    old: StepAdvice
    new: StepAdvice
    grade: Causes | None
    decider: Causes | None
    done: Causes | None
    reasons: tuple[ReasonChange, ...]

    @property
    def step(self) -> str:
        """Give the id of the step."""
        return self.new.step


@dataclass(frozen=True, slots=True)
class StopChange:
    """A limit that came, or went."""

    stop: str
    came: bool
    causes: Causes


@dataclass(frozen=True, slots=True)
class TermChange:
    """A term that started (`old` None), stopped (`new` None), or ends at another moment or stands otherwise."""

    id: str
    old: DeadlineAdvice | None
    new: DeadlineAdvice | None
    causes: Causes


@dataclass(frozen=True, slots=True)
class CardChange:
    """That a card may be in the channel now (`allowed`), or may not any more."""

    allowed: bool
    causes: Causes


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in the advice between two moments, and the answers that did."""

    then: datetime
    now: datetime
    answers: tuple[AnswerChange, ...]
    steps: tuple[StepChange, ...]
    stops: tuple[StopChange, ...]
    terms: tuple[TermChange, ...]
    card: CardChange | None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing changed in the advice, whatever answers did."""
        return not (self.steps or self.stops or self.terms or self.card)


@dataclass(frozen=True, slots=True)
class ChannelDifference:
    """What changed of what a channel card shows: steps and terms as they were and are; `rest` for anything else."""

    steps: tuple[tuple[StepAdvice, StepAdvice], ...]
    terms: tuple[tuple[str, DeadlineAdvice | None, DeadlineAdvice | None], ...]
    rest: bool

    @property
    def is_empty(self) -> bool:
        """Tell whether a card shows the same as before."""
        return not (self.steps or self.terms or self.rest)


def difference(
    compiled: CompiledFramework, before: Answers, then: datetime, after: Answers, now: datetime
) -> Difference:
    """Give what changed in the full advice, each with its causes."""
    tried = trials(compiled, before, then, after, now)
    return Difference(
        then=then,
        now=now,
        answers=tried.changes,
        steps=tuple(_steps(tried)),
        stops=tuple(_stops(tried)),
        terms=tuple(_terms(tried)),
        card=_card(tried),
    )


def channel_difference(before: ChannelAdvice, after: ChannelAdvice) -> ChannelDifference:
    """Give what changed of what may be in the channel."""
    pairs = ((before.steps[step], found) for step, found in after.steps.items())
    rest = (before.stops, before.unknown, before.review) != (after.stops, after.unknown, after.review)
    return ChannelDifference(
        steps=tuple((old, new) for old, new in pairs if _in_view(old) != _in_view(new)),
        terms=tuple(_changed_terms(before.deadlines, after.deadlines)),
        rest=rest,
    )


def _in_view(step: StepAdvice) -> tuple[object, ...]:
    """Give what of a step counts as a change: not the order of its reasons."""
    return step.grade, frozenset(step.rules), step.decider, step.done


# --- steps -----------------------------------------------------------------------------


def _steps(tried: Trials) -> Iterator[StepChange]:
    for step, old in tried.old.steps.items():
        new = tried.new.steps[step]
        if _in_view(old) != _in_view(new):
            yield _step(tried, old, new)


def _step(tried: Trials, old: StepAdvice, new: StepAdvice) -> StepChange:
    framework, step = tried.compiled.framework, new.step
    changed = frozenset(old.rules) ^ frozenset(new.rules)
    looked_at = _questions(framework, (framework.rule_by_id[rule] for rule in changed))
    rows = [row.when for row in framework.deciders if row.step in ("*", step)]
    who = {question for when in rows for question in questions_in(when, framework)}
    when_done = framework.step_by_id[step].done_when
    return StepChange(
        old=old,
        new=new,
        grade=_causes(tried, lambda advice: advice.steps[step].grade, looked_at),
        decider=_causes(tried, lambda advice: advice.steps[step].decider, who),
        done=_causes(tried, lambda advice: advice.steps[step].done, {when_done.question} if when_done else ()),
        reasons=tuple(_reasons(tried, old, new)),
    )


def _reasons(tried: Trials, old: StepAdvice, new: StepAdvice) -> Iterator[ReasonChange]:
    """Give the reasons that came, and then those that went, in the order in which they stand or stood."""
    came = [(reason, True) for reason in new.reasons if reason.rule not in old.rules]
    went = [(reason, False) for reason in old.reasons if reason.rule not in new.rules]
    for reason, has_come in came + went:
        yield ReasonChange(reason, has_come, _of_reason(tried, new.step, reason.rule))


def _of_reason(tried: Trials, step: str, rule: str) -> Causes:
    framework = tried.compiled.framework
    return tried.causes(
        lambda advice: rule in advice.steps[step].rules, _questions(framework, (framework.rule_by_id[rule],))
    )


def _causes(tried: Trials, read: Callable[[Advice], object], concerned: Iterable[str]) -> Causes | None:
    """Give the causes of a part of a step; None when it did not change."""
    return None if read(tried.old) == read(tried.new) else tried.causes(read, concerned)


def _questions(framework: Framework, rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(question for rule in rules for question in questions_in(rule.when, framework))


# --- limits, terms, the card -----------------------------------------------------------


def _stops(tried: Trials) -> Iterator[StopChange]:
    framework = tried.compiled.framework
    for stop in framework.stop_by_id:
        came = stop in tried.new.stops
        if came != (stop in tried.old.stops):
            yield StopChange(stop, came, _of_stop(tried, stop))


def _of_stop(tried: Trials, stop: str) -> Causes:
    framework = tried.compiled.framework
    rules = (rule for rule in framework.rules if rule.effect.stop == stop)
    return tried.causes(lambda advice: stop in advice.stops, _questions(framework, rules))


def _terms(tried: Trials) -> Iterator[TermChange]:
    for term, old, new in _changed_terms(tried.old.deadlines, tried.new.deadlines):
        yield TermChange(term, old, new, _of_term(tried, term))


def _changed_terms(
    before: Mapping[str, DeadlineAdvice], after: Mapping[str, DeadlineAdvice]
) -> Iterator[tuple[str, DeadlineAdvice | None, DeadlineAdvice | None]]:
    """Give the terms that stand otherwise, those that run now first."""
    for term in dict.fromkeys((*after, *before)):
        if before.get(term) != after.get(term):
            yield term, before.get(term), after.get(term)


def _of_term(tried: Trials, term: str) -> Causes:
    framework = tried.compiled.framework
    rules = [rule for rule in framework.rules if rule.effect.deadline == term]
    done = (framework.step_by_id[step].done_when for rule in rules for step in rule.steps)
    looked_at = {framework.deadline_by_id[term].starts_from, *(when.question for when in done if when)}
    looked_at |= _questions(framework, rules)
    return tried.causes(lambda advice: advice.deadlines.get(term), filter(None, looked_at))


def _card(tried: Trials) -> CardChange | None:
    framework = tried.compiled.framework
    rules = (rule for rule in framework.rules if rule.effect.no_card)
    causes = _causes(tried, lambda advice: not advice.no_card_rules, _questions(framework, rules))
    return CardChange(not tried.new.no_card_rules, causes) if causes else None
