"""What a decision follows and what it deviates from: the indicated grade, and legal duties."""

import re
from collections.abc import Iterator

from state.advice import StepAdvice
from state.framework import Deadline, Framework

YES, NO, LATER = "yes", "no", "later"
DECIDED = (YES, NO, LATER)

# A citation of an article or an act; policies and practice are cited otherwise.
_LAW = re.compile(r"\bart\.|wet\b", re.IGNORECASE)


def is_legal(framework: Framework, deadline: Deadline) -> bool:
    """Tell whether a term rests on a law; then it is a duty and no advice."""
    source = framework.source_by_id.get(deadline.basis)
    return source is not None and _LAW.search(source.short.nl) is not None


def duties_of(framework: Framework, step: StepAdvice) -> Iterator[Deadline]:
    """Give the legal terms that run for a step which was not taken yet."""
    for reason in step.reasons:
        deadline = framework.deadline_by_id.get(reason.deadline or "")
        if deadline is not None and not step.done and is_legal(framework, deadline):
            yield deadline


def deviates(framework: Framework, step: StepAdvice, decided: str) -> bool:
    """Tell whether a decision is another than indicated, or puts off a legal duty; then it needs a reason.

    The strongest grade is followed by yes, the weaker half of the grades by no or later; in between all are open.
    """
    if any(duties_of(framework, step)) and decided != YES:
        return True
    rank, strongest = framework.rank_of[step.grade], len(framework.grades) - 1
    if rank == strongest:
        return decided == NO
    return decided == YES and 2 * rank < strongest
