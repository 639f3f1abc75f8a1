"""Every published framework gives the outcomes that its scenarios state."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.shelf import open_framework, published
from state.advice import Advice
from state.compiled import CompiledFramework
from state.nodes import read_nodes
from state.questionnaire import check_answer
from state.weighing import weigh

KEYS = {"id", "title", "covers", "vignette", "now", "answers", "expected"}
EXPECTED = {
    *("asked", "card_allowed", "stops", "deadlines", "due", "done"),
    *("required_rules", "key_grades", "key_deciders", "steps"),
}

SCENARIOS = [
    pytest.param(framework, file, id=f"{framework.parent.name}-{file.stem}")
    for framework in published()
    for file in sorted((framework.parent / "scenarios").glob("*.yaml"))
]


@pytest.fixture(scope="module")
def shelf() -> dict[Path, CompiledFramework]:
    return {path: open_framework(path) for path in published()}


def read(file: Path) -> dict[str, Any]:
    tree = read_nodes(file.read_text("utf-8"))
    assert not tree.findings
    assert set(tree.value) == KEYS
    assert set(tree.value["expected"]) == EXPECTED
    return tree.value


def advise(compiled: CompiledFramework, scenario: dict[str, Any]) -> Advice:
    given = {question: check_answer(compiled, question, value) for question, value in scenario["answers"].items()}
    return weigh(compiled, given, datetime.fromisoformat(scenario["now"]))


@pytest.mark.parametrize(("framework", "file"), SCENARIOS)
def test_a_scenario_has_its_outcome(shelf: dict[Path, CompiledFramework], framework: Path, file: Path) -> None:
    scenario = read(file)
    expected = scenario["expected"]
    advice = advise(shelf[framework], scenario)

    assert scenario["id"] == file.stem
    assert list(advice.asked) == expected["asked"]
    # Only what may be skipped is left open, so the outcome is that of a whole conversation.
    assert advice.next is None
    assert set(scenario["answers"]) <= set(advice.asked)

    found = {
        step: {"grade": one.grade, "rules": set(one.rules), "decider": one.decider.nl, "done": one.done}
        for step, one in advice.steps.items()
    }
    assert found == {step: one | {"rules": set(one["rules"])} for step, one in expected["steps"].items()}
    assert {step: found[step]["grade"] for step in expected["key_grades"]} == expected["key_grades"]
    assert {step: found[step]["decider"] for step in expected["key_deciders"]} == expected["key_deciders"]
    assert {step for step, one in found.items() if one["done"]} == set(expected["done"])
    assert set(expected["required_rules"]) <= set().union(*(one["rules"] for one in found.values()))

    assert set(advice.stops) == set(expected["stops"])
    assert set(advice.deadlines) == set(expected["deadlines"])
    assert (not advice.no_card_rules) is expected["card_allowed"]


@pytest.mark.parametrize(("framework", "file"), SCENARIOS)
def test_a_scenario_has_its_times(shelf: dict[Path, CompiledFramework], framework: Path, file: Path) -> None:
    scenario = read(file)
    deadlines = advise(shelf[framework], scenario).deadlines
    for key, due in scenario["expected"]["due"].items():
        moment = datetime.fromisoformat(due["at"]) if "at" in due else None
        assert deadlines[key].due == moment
        assert deadlines[key].status == due.get("status", "running")


def test_every_published_framework_has_scenarios() -> None:
    assert published()
    for framework in published():
        assert list((framework.parent / "scenarios").glob("*.yaml")), framework
