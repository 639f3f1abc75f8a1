"""The weighing: answers and a moment give an advice; the order of the rules does not matter.

grade = min(max(base, floors), caps and stops) (rules.md, part 1). Pro, contra and notice never move a grade.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache

from state.advice import (
    AMSTERDAM,
    Advice,
    ChannelAdvice,
    FrameworkRef,
    Missing,
    StepAdvice,
)
from state.compiled import CompiledFramework, StepRule, compile_framework
from state.conditions import UNKNOWN, Answers
from state.deadlines import deadline_at, deadlines_in, is_done
from state.framework import Framework, Step
from state.questionnaire import is_unknown, next_question, walk

__all__ = ["CompiledFramework", "compile_framework", "missing", "weigh", "weigh_for_channel"]

Answer = str | tuple[str, ...]


def weigh(compiled: CompiledFramework, answers: Answers, now: datetime) -> Advice:
    """Give the full advice; answers to questions that do not apply do not count."""
    path, effective = walk(compiled, answers)
    steps = {step.id: _weigh_step(compiled, step, effective, now) for step in compiled.framework.steps}
    reasons = [reason for step in steps.values() for reason in step.reasons]
    return Advice(
        framework=_reference(compiled),
        now=now,
        asked=path,
        next=next_question(compiled, effective),
        steps=steps,
        stops=_in_order(compiled.framework.stop_by_id, (reason.stop for reason in reasons)),
        deadlines=deadlines_in(compiled, _started(steps), effective, now),
        no_card_rules=tuple(dict.fromkeys(reason.rule for reason in reasons if reason.effect == "no_card")),
    )


def weigh_for_channel(compiled: CompiledFramework, answers: Answers, now: datetime) -> ChannelAdvice:
    """Give what may be in the channel, from the answers to channel-safe questions alone.

    Sensitive answers count as not asked, so nobody can infer one from a grade.
    """
    framework = compiled.framework
    effective = walk(compiled, answers)[1]
    safe = {key: value for key, value in effective.items() if framework.question_by_id[key].channel}
    weighed = (_weigh_step(compiled, step, safe, now) for step in framework.steps if step.channel)
    steps = {step.step: _shown(step, framework) for step in weighed}
    reasons = [reason for step in steps.values() for reason in step.reasons]
    lightest = framework.grades[0].id
    used = [reason for step in steps.values() if step.grade != lightest for reason in step.reasons]
    cited = {source for reason in used for source in reason.basis}
    return ChannelAdvice(
        framework=_reference(compiled),
        law_date=framework.law_date,
        now=now,
        steps=steps,
        stops=_in_order(framework.stop_by_id, (reason.stop for reason in reasons)),
        deadlines=deadlines_in(compiled, _started(steps), safe, now),
        unknown=tuple(key for key, value in safe.items() if is_unknown(framework.question_by_id[key], value)),
        frames=touched_frames(framework, cited),
        sources=_in_order(framework.source_by_id, cited),
        review=review_date(framework, safe, now),
    )


def touched_frames(framework: Framework, basis: Iterable[str]) -> tuple[str, ...]:
    """Give the frames that a basis names, or of which it cites a source."""
    cited = frozenset(basis)
    return tuple(frame.id for frame in framework.frames if frame.id in cited or not cited.isdisjoint(frame.sources))


def review_date(framework: Framework, answers: Answers, now: datetime) -> date:
    """Give when the case is looked at again: as answered, else so many days from now."""
    value = answers.get(framework.review_date.question)
    if isinstance(value, str) and value != UNKNOWN:
        return date.fromisoformat(value)
    return now.astimezone(AMSTERDAM).date() + timedelta(days=framework.review_date.default_days)


def missing(compiled: CompiledFramework, answers: Answers, now: datetime) -> tuple[Missing, ...]:
    """Give the questions that are unknown or unanswered and could change a grade, stop or deadline.

    Most steps first. Each option is tried alone, a date one hour and 73 hours ago; questions that an
    answer opens stay unanswered. Only steps that the tried answer can touch are weighed again.
    """
    path, effective = walk(compiled, answers)
    # Most steps are touched by nothing that is unknown.
    before = cache(lambda step: _signature(compiled, step, effective, now))
    found = []
    for question in path:
        if _is_known(compiled, question, effective):
            continue
        changed = _could_change(compiled, question, effective, before, now)
        if changed:
            found.append(Missing(question, _in_order(compiled.rules_by_step, changed)))
    return tuple(sorted(found, key=lambda one: -len(one.could_change)))


def _is_known(compiled: CompiledFramework, question: str, answers: Answers) -> bool:
    return question in answers and not is_unknown(compiled.framework.question_by_id[question], answers[question])


# --- one step --------------------------------------------------------------------------


def _fired(compiled: CompiledFramework, step: str, answers: Answers, now: datetime) -> list[StepRule]:
    return [one for one in compiled.rules_by_step[step] if one.holds(answers, now)]


def _weigh_step(compiled: CompiledFramework, step: Step, answers: Answers, now: datetime) -> StepAdvice:
    fired = _fired(compiled, step.id, answers, now)
    base = compiled.framework.rank_of[step.base]
    rank = _rank(compiled.framework, base, fired)
    return StepAdvice(
        step=step.id,
        grade=compiled.framework.grades[rank].id,
        base=step.base,
        reasons=tuple(one.reason for one in _made_first(base, rank, fired)),
        decider=next(who for holds, who in compiled.deciders_by_step[step.id] if holds(answers, now)),
        done=is_done(step, answers),
    )


def _rank(framework: Framework, base: int, fired: list[StepRule]) -> int:
    floors = [one.floor for one in fired if one.floor is not None]
    caps = [one.cap for one in fired if one.cap is not None]
    return min([max([base, *floors]), len(framework.grades) - 1, *caps])


def _made_first(base: int, rank: int, fired: list[StepRule]) -> list[StepRule]:
    """Give the rules that made the grade before the others: caps that hold it down, else floors that raised it."""
    if max([base, *(one.floor for one in fired if one.floor is not None)]) > rank:
        return sorted(fired, key=lambda one: one.cap != rank)
    return sorted(fired, key=lambda one: one.floor != rank) if rank > base else fired


def _started(steps: Mapping[str, StepAdvice]) -> list[tuple[str, bool]]:
    """Give the terms that fired rules started, with whether the step of the rule is done."""
    return [(reason.deadline, step.done) for step in steps.values() for reason in step.reasons if reason.deadline]


def _shown(step: StepAdvice, framework: Framework) -> StepAdvice:
    """Give the step with only the reasons that may be in the channel, and stops that may."""
    reasons = tuple(
        reason
        for reason in step.reasons
        if reason.channel and (reason.stop is None or framework.stop_by_id[reason.stop].channel)
    )
    return StepAdvice(step.step, step.grade, step.base, reasons, step.decider, step.done)


# --- what is missing -------------------------------------------------------------------


def _signature(compiled: CompiledFramework, step_id: str, answers: Answers, now: datetime) -> tuple[object, ...]:
    """Give what of a step counts as a change: grade, stops, deadlines with moment and status."""
    framework = compiled.framework
    step = framework.step_by_id[step_id]
    fired = _fired(compiled, step_id, answers, now)
    done = is_done(step, answers)
    return (
        _rank(framework, framework.rank_of[step.base], fired),
        frozenset([one.reason.stop for one in fired if one.reason.stop]),
        [deadline_at(framework, one.reason.deadline, done, answers, now) for one in fired if one.reason.deadline],
    )


def _could_change(
    compiled: CompiledFramework,
    question: str,
    answers: Answers,
    before: Callable[[str], object],
    now: datetime,
) -> set[str]:
    changed: set[str] = set()
    for value in _trials(compiled.framework, question, now):
        tried = {**answers, question: value}
        touched = {question}
        if question in compiled.questions_by_question:
            # The answer may close questions; their answers lapse with it.
            tried_path = walk(compiled, tried)[1]
            touched |= tried.keys() - tried_path.keys()
            tried = dict(tried_path)
        steps = set[str]().union(*(compiled.steps_by_question.get(one, frozenset()) for one in touched))
        changed.update(step for step in steps - changed if _signature(compiled, step, tried, now) != before(step))
    return changed


def _trials(framework: Framework, question_id: str, now: datetime) -> Iterator[Answer]:
    question = framework.question_by_id[question_id]
    if question.type in ("single", "multi"):
        for option in question.options:
            yield option.id if question.type == "single" else (option.id,)
    elif question.type != "text":
        for hours in (1, 73):
            moment = (now - timedelta(hours=hours)).astimezone(AMSTERDAM)
            yield moment.isoformat() if question.type == "datetime" else moment.date().isoformat()


def _reference(compiled: CompiledFramework) -> FrameworkRef:
    framework = compiled.framework
    return FrameworkRef(framework.id, framework.version, framework.status, compiled.sha256)


def _in_order(known: Iterable[str], wanted: Iterable[str | None]) -> tuple[str, ...]:
    """Give the wanted ids once each, in the framework's order."""
    chosen = frozenset(wanted)
    return tuple(one for one in known if one in chosen)
