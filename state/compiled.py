"""A framework made ready for weighing: conditions as functions, and what depends on which question."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from state.advice import Reason
from state.conditions import Predicate, compile_condition, questions_in
from state.framework import Framework, Rule, Step, Text


@dataclass(frozen=True, slots=True)
class StepRule:
    """A rule on one step: when it holds, the reason that it is there, and the ranks of the grades that it sets."""

    holds: Predicate
    reason: Reason
    floor: int | None
    cap: int | None


@dataclass(frozen=True, slots=True)
class CompiledFramework:
    """A framework with its file's SHA-256, its conditions as functions, and indexes by question.

    `terms` holds each step and the term that a rule on it starts.
    `steps_by_question` holds the steps whose grade, stop or deadline an answer can touch directly;
    `questions_by_question` the later questions that an answer opens or closes.
    """

    framework: Framework
    sha256: str
    applies: tuple[tuple[str, Predicate], ...]
    rules_by_step: Mapping[str, tuple[StepRule, ...]]
    terms: tuple[tuple[Step, str, Predicate], ...]
    deciders_by_step: Mapping[str, tuple[tuple[Predicate, Text], ...]]
    rules_by_question: Mapping[str, tuple[str, ...]]
    steps_by_question: Mapping[str, frozenset[str]]
    questions_by_question: Mapping[str, frozenset[str]]

    def rules_of(self, question: str) -> tuple[str, ...]:
        """Give the ids of the rules that look at the question, in the framework's order."""
        return self.rules_by_question.get(question, ())


def compile_framework(framework: Framework, sha256: str) -> CompiledFramework:
    """Give the framework ready for weighing; it must have been checked."""
    predicates = {rule.id: compile_condition(rule.when, framework) for rule in framework.rules}
    return CompiledFramework(
        framework=framework,
        sha256=sha256,
        applies=tuple(
            (question.id, compile_condition(question.asked_when, framework)) for question in framework.questions
        ),
        rules_by_step={
            step.id: tuple(
                _on_step(rule, step, predicates[rule.id], framework)
                for rule in framework.rules
                if step.id in rule.steps
            )
            for step in framework.steps
        },
        terms=tuple(
            (framework.step_by_id[step], rule.effect.deadline, predicates[rule.id])
            for rule in framework.rules
            for step in rule.steps
            if rule.effect.deadline
        ),
        deciders_by_step=_deciders_by_step(framework),
        rules_by_question=_rules_by_question(framework),
        steps_by_question=_steps_by_question(framework),
        questions_by_question=_questions_by_question(framework),
    )


def _on_step(rule: Rule, step: Step, holds: Predicate, framework: Framework) -> StepRule:
    effect, rank = rule.effect, framework.rank_of
    reason = Reason(
        rule=rule.id,
        effect=effect.kind,
        text=rule.reason,
        basis=rule.basis,
        channel=rule.channel and step.channel,
        grade=effect.floor or effect.cap,
        stop=effect.stop,
        deadline=effect.deadline,
    )
    return StepRule(holds, reason, rank.get(effect.floor or ""), rank.get(effect.cap or ""))


def _deciders_by_step(framework: Framework) -> Mapping[str, tuple[tuple[Predicate, Text], ...]]:
    rows = [(row.step, compile_condition(row.when, framework), row.who) for row in framework.deciders]
    return {
        step.id: tuple((holds, who) for row_step, holds, who in rows if row_step in ("*", step.id))
        for step in framework.steps
    }


def _rules_by_question(framework: Framework) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for rule in framework.rules:
        for question in dict.fromkeys(questions_in(rule.when, framework)):
            found[question].append(rule.id)
    return {question: tuple(rules) for question, rules in found.items()}


def _steps_by_question(framework: Framework) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for rule in framework.rules:
        for question in _looked_at(rule, framework):
            found[question].update(rule.steps)
    return {question: frozenset(steps) for question, steps in found.items()}


def _looked_at(rule: Rule, framework: Framework) -> set[str]:
    """Give the questions on which a rule, its deadline's moment or its deadline's being met depends."""
    questions = set(questions_in(rule.when, framework))
    if rule.effect.deadline is not None:
        start = framework.deadline_by_id[rule.effect.deadline].starts_from
        done = (framework.step_by_id[step].done_when for step in rule.steps)
        questions.update({start} if start else ())
        questions.update(when.question for when in done if when)
    return questions


def _questions_by_question(framework: Framework) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for question in framework.questions:
        for other in questions_in(question.asked_when, framework):
            found[other].add(question.id)
    return {question: frozenset(others) for question, others in found.items()}
