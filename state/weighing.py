"""The weighing: answers and a moment give an advice; the order of the rules does not matter.

grade = min(max(base, floors), caps and stops) (rules.md, part 1). Pro, contra and notice never move a grade.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from state.advice import (
    AMSTERDAM,
    Advice,
    ChannelAdvice,
    FrameworkRef,
    Missing,
    Reason,
    StepAdvice,
)
from state.compiled import CompiledFramework, compile_framework
from state.conditions import UNKNOWN, Answers
from state.deadlines import deadline_at, deadlines_in, is_done
from state.framework import Framework, Rule, Step
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
    before = {step: _signature(compiled, step, effective, now) for step in compiled.rules_by_step}
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


def _fired(compiled: CompiledFramework, step: str, answers: Answers, now: datetime) -> list[Rule]:
    return [rule for rule, holds in compiled.rules_by_step[step] if holds(answers, now)]


def _weigh_step(compiled: CompiledFramework, step: Step, answers: Answers, now: datetime) -> StepAdvice:
    rules = _fired(compiled, step.id, answers, now)
    grade = _grade(compiled.framework, step, rules)
    made = frozenset(rule.id for rule in _making(compiled.framework, step, rules, grade))
    ordered = sorted(rules, key=lambda rule: rule.id not in made)
    return StepAdvice(
        step=step.id,
        grade=grade,
        base=step.base,
        reasons=tuple(_reason(rule, step) for rule in ordered),
        decider=compiled.framework.deciders[_decider(compiled, step.id, answers, now)].who,
        done=is_done(step, answers),
    )


def _grade(framework: Framework, step: Step, rules: list[Rule]) -> str:
    rank = framework.rank_of
    raised = max((rank[rule.effect.floor] for rule in rules if rule.effect.floor), default=0)
    limit = min((rank[rule.effect.cap] for rule in rules if rule.effect.cap), default=len(rank) - 1)
    return framework.grades[min(max(rank[step.base], raised), limit)].id


def _making(framework: Framework, step: Step, rules: list[Rule], grade: str) -> Iterator[Rule]:
    """Give the rules that made the grade: the caps that hold it down, else the floors that raised it."""
    rank = framework.rank_of
    floors = [rank[rule.effect.floor] for rule in rules if rule.effect.floor]
    is_held_down = max([rank[step.base], *floors]) > rank[grade]
    for rule in rules:
        made = rule.effect.cap if is_held_down else rule.effect.floor
        if made == grade and (is_held_down or rank[grade] > rank[step.base]):
            yield rule


def _reason(rule: Rule, step: Step) -> Reason:
    effect = rule.effect
    return Reason(
        rule=rule.id,
        effect=effect.kind,
        text=rule.reason,
        basis=rule.basis,
        channel=rule.channel and step.channel,
        grade=effect.floor or effect.cap,
        stop=effect.stop,
        deadline=effect.deadline,
    )


def _decider(compiled: CompiledFramework, step: str, answers: Answers, now: datetime) -> int:
    """Give the position of the first row that fits."""
    return next(
        position for row_step, holds, position in compiled.deciders if row_step in ("*", step) and holds(answers, now)
    )


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
    step = compiled.framework.step_by_id[step_id]
    rules = _fired(compiled, step_id, answers, now)
    done = is_done(step, answers)
    return (
        _grade(compiled.framework, step, rules),
        frozenset(rule.effect.stop for rule in rules if rule.effect.stop),
        tuple(
            deadline_at(compiled.framework, rule.effect.deadline, done, answers, now)
            for rule in rules
            if rule.effect.deadline
        ),
    )


def _could_change(
    compiled: CompiledFramework,
    question: str,
    answers: Answers,
    before: Mapping[str, tuple[object, ...]],
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
        changed.update(step for step in steps - changed if _signature(compiled, step, tried, now) != before[step])
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
