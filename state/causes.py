"""Which changed answer caused a change in an advice: found by putting answers back, one at a time and together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from state.advice import Advice
from state.compiled import CompiledFramework
from state.conditions import Answers
from state.events import AnswerValue
from state.questionnaire import walk
from state.weighing import weigh


@dataclass(frozen=True, slots=True)
class Causes:
    """The changed answers that caused a change; `time` when the passing of time did (too)."""

    questions: tuple[str, ...] = ()
    time: bool = False


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An answer that counts differently: `old` None when it is newly given, `new` None when it lapsed."""

    question: str
    old: AnswerValue | None
    new: AnswerValue | None


@dataclass(frozen=True, slots=True)
class Trials:
    """Two advices of one case, and what would be advised with some of the changes between them put back."""

    compiled: CompiledFramework
    before: Answers
    then: datetime
    after: Answers
    now: datetime
    changes: tuple[AnswerChange, ...]
    lapsed: Answers
    weighed: dict[Causes, Advice] = field(default_factory=dict)

    @property
    def old(self) -> Advice:
        """Give the advice as it was."""
        return self.put_back(Causes(tuple(change.question for change in self.changes), time=True))

    @property
    def new(self) -> Advice:
        """Give the advice as it is."""
        return self.put_back(Causes())

    def put_back(self, some: Causes) -> Advice:
        """Give the advice with these answers (and the moment) as they were and all others as they are.

        Answers that lapsed count again where putting back opens their question: they never had a new answer.
        """
        if some not in self.weighed:
            kept = {key: value for key, value in self.after.items() if key not in some.questions}
            back = {key: self.before[key] for key in some.questions if key in self.before}
            moment = self.then if some.time else self.now
            self.weighed[some] = weigh(self.compiled, {**self.lapsed, **kept, **back}, moment)
        return self.weighed[some]

    def causes(self, read: Callable[[Advice], object], concerned: Iterable[str]) -> Causes:
        """Give what caused that `read` finds something else: each change that undoes it when put back alone.

        Where none does, the changed answers among those concerned; where not even those do, all that changed.
        """
        found, questions = read(self.old), tuple(change.question for change in self.changes)
        moved = self.then != self.now
        alone = tuple(one for one in questions if read(self.put_back(Causes((one,)))) == found)
        by_time = moved and read(self.put_back(Causes(time=True))) == found
        if alone or by_time:
            return Causes(alone, by_time)
        among = frozenset(concerned)
        near = tuple(one for one in questions if one in among)
        tried = (Causes(near), Causes(near, moved), Causes(questions), Causes(questions, moved))
        return next(some for some in tried if read(self.put_back(some)) == found)


def trials(compiled: CompiledFramework, before: Answers, then: datetime, after: Answers, now: datetime) -> Trials:
    """Give two advices to compare; only answers to questions that apply count."""
    old, (path, new) = walk(compiled, before)[1], walk(compiled, after)
    known = [question.id for question in compiled.framework.questions]
    changes = tuple(AnswerChange(one, old.get(one), new.get(one)) for one in known if old.get(one) != new.get(one))
    lapsed = {one: value for one, value in old.items() if one not in path}
    return Trials(compiled, old, then, new, now, changes, lapsed)
