"""E8: the bot is killed at any moment, and nothing that it acknowledged is lost, doubled or half."""

import copy
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from dialogs.render import render
from dialogs.screens import TextScreen
from tests.bot.desk import WORDING
from tests.trust import report
from tests.trust.crash.cards import View
from tests.trust.crash.checker import Findings, check
from tests.trust.crash.people import Told, further_of, is_further
from tests.trust.crash.run import Run, the_run


def checked(run: Run) -> Findings:
    return check(run.told, run.cases, run.channel)


def told_around(run: Run, found: Findings) -> str:
    """Give what the persons of lost answers did and heard around them: a find in 10 000 lives is not had twice."""
    lines = []
    for word in (finding.split()[0] if finding[0] == "w" else finding.split()[-1] for finding in found.lost):
        # A post is found by its case.
        position = next(n for n, one in enumerate(run.told) if word in (one["word"], one["number"]))
        person = run.told[position]["person"]
        near = [one for one in run.told[max(position - 60, 0) : position + 60] if one["person"] == person]
        lines += [f"--- {word}", *(str({key: value for key, value in one.items() if key != "body"}) for one in near)]
    return "\n".join(lines)


def test_nothing_that_was_acknowledged_is_lost_doubled_or_half() -> None:
    run = the_run()
    found = checked(run)
    assert found.all == [], told_around(run, found)
    assert run.sound == ()
    assert [name for name, count in run.failpoints.items() if not count] == []
    assert found.acknowledged > run.kills
    assert min(run.again, run.faults) > run.kills // 3
    report.say("E8", f"{run.kills} kills, {found.acknowledged} acknowledged answers: 0 lost, 0 doubled, 0 half turns")


def test_a_card_of_another_case_tells_nobody_that_an_answer_is_in() -> None:
    told = Told("w0000001", "post", "user-id-0", 1, number="IL-2026-0042")
    own, other = (View("posted", card={"text": f"Zaak {number}"}) for number in ("IL-2026-0042", "IL-2026-0043"))
    assert (is_further(told, own), is_further(told, other)) == (True, False)


def test_who_is_told_that_a_card_is_past_does_not_take_it_that_the_answer_is_in() -> None:
    told = Told("w0000001", "answer", "user-id-0", 1, question="schade", number="IL-2026-0042")
    past = render(TextScreen("stale_card"), WORDING, "nl", "a-handle").card
    advice = {"text": "Zaak IL-2026-0042", "actions": [{"type": "Action.Execute", "data": {"verb": "deviate"}}]}
    assert [one.kind for one in further_of(told, [advice])] == ["advice"]
    assert further_of(told, [past, advice]) == []


# --- the checker's own teeth -----------------------------------------------------------

Rows = list[tuple[str, str]]


def chained(events: list[tuple[dict[str, Any], str]]) -> Rows:
    """Give the events on a chain that is in order."""
    rows, prev = [], "0" * 64
    for seq, (head, body) in enumerate(events, 1):
        text = json.dumps({**head, "seq": seq, "prev": prev, "body": sha256(body.encode()).hexdigest()})
        prev = sha256(text.encode()).hexdigest()
        rows.append((text, body))
    return rows


def turns_of(rows: Rows) -> list[list[tuple[dict[str, Any], str]]]:
    """Give the events of a case, turn by turn."""
    turns: list[list[tuple[dict[str, Any], str]]] = []
    for head_text, body in rows:
        head = json.loads(head_text)
        if turns and head["key"] == turns[-1][0][0]["key"] != "0" * 64:
            turns[-1].append((head, body))
        else:
            turns.append([(head, body)])
    return turns


def first_answer(turns: list[list[tuple[dict[str, Any], str]]], run: Run) -> int:
    sure = {one["word"] for one in run.told if one["outcome"] == "ok"}
    return next(n for n, turn in enumerate(turns) if json.loads(turn[0][1])["data"].get("note") in sure)


def lose(turns: list[Any], at: int) -> None:
    del turns[at]


def double(turns: list[Any], at: int) -> None:
    turns.insert(at, copy.deepcopy(turns[at]))
    for head, _ in turns[at]:
        head["key"] = "f" * 64


def halve(turns: list[Any], at: int) -> None:
    del turns[at][1:]


@pytest.mark.parametrize(("sabotage", "kind"), [(lose, "lost"), (double, "doubled"), (halve, "half")])
def test_the_checker_sees_what_was_done_to_one_turn(sabotage: Callable[[list[Any], int], None], kind: str) -> None:
    run = copy.deepcopy(the_run())
    number, rows = max(run.cases.items(), key=lambda case: len(case[1]))
    turns = turns_of([(head, body) for head, body in rows])
    sabotage(turns, first_answer(turns, run))
    run.cases = {**run.cases, number: chained([event for turn in turns for event in turn])}
    assert getattr(checked(run), kind)


def test_the_checker_sees_a_changed_event_a_swapped_order_and_a_second_card() -> None:
    run = copy.deepcopy(the_run())
    number, rows = max(run.cases.items(), key=lambda case: len(case[1]))
    run.cases = {**run.cases, number: [*rows[:2], (rows[2][0], rows[2][1].replace(":", ": ", 1)), *rows[3:]]}
    assert checked(run).broken
    run = copy.deepcopy(the_run())
    for one in run.told:
        one["begun"], one["ended"] = -one["ended"], -one["begun"]
    assert checked(run).out_of_order
    run = copy.deepcopy(the_run())
    full = next(contents for contents in run.channel.values() if len(contents) > 1)
    run.channel = {**run.channel, "second": full}
    assert checked(run).cards
    run.channel = {name: contents for name, contents in run.channel.items() if contents != full}
    assert checked(run).cards
