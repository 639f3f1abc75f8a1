"""What is kept of new events: bound to those before, and telling nothing by its hash."""

import json
from datetime import UTC, datetime

from bot.cases import Cases
from bot.shelf import open_frameworks
from state import commands as do
from state.case import Case
from tests.casework import Casework
from tests.conftest import ANJA

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FRAMEWORKS = open_frameworks(None)


def opened() -> list[dict[str, str]]:
    """Give the heads of a case that was just opened."""
    work = Casework(FRAMEWORKS.current, ANJA, NOW, case=Case("0" * 32))
    work.do(do.OpenCase("IL-2026-0042", "nl"))
    cases = Cases(None, FRAMEWORKS)
    write = cases.to_write(cases.fresh(work.case.id), work.case, work.transcript, "tenant")
    return [json.loads(row.head) for row in write.rows]


def test_the_same_events_have_other_hashes_each_time():
    """Without a salt of its own, whoever has the heads could try out which answer was given."""
    one, other = opened(), opened()
    assert [head["kind"] for head in one] == [head["kind"] for head in other]
    assert {head["body"] for head in one}.isdisjoint(head["body"] for head in other)
