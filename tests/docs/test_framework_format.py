"""`docs/framework-format.md` says what is so: its excerpts, its keys, and what the checker answers."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.shelf import PUBLISHED
from state import framework as models
from state.errors import FrameworkError
from state.framework import Framework
from state.reader import read_framework

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "framework-format.md").read_text("utf-8")
FRAMEWORK = (PUBLISHED / "2.0" / "framework.yaml").read_text("utf-8")
EXCERPTS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
OPERATORS = ("in", "has", "only", "hours_over", "unknown", "notion", "all", "any", "not")

ENGLISH = '      en: "Are any persons in immediate danger at this moment because of this leak?"\n'
CONDITION = "when: {question: eigen_betrokkenheid, in: [ja_ikzelf, ja_ander_lid]}"
SECOND = "  - id: spoed\n    phase: F1\n    type: single\n    asked_when: "
MISTAKES = {
    "text.yaml": (ENGLISH, ""),
    "rule.yaml": (CONDITION, CONDITION.replace("eigen_betrokkenheid", "eigen_betrokkenhied")),
    "question.yaml": (SECOND + "always", SECOND + "{question: lek_status, in: [gerucht]}"),
}


@pytest.mark.parametrize("excerpt", EXCERPTS, ids=lambda excerpt: excerpt.strip().splitlines()[0])
def test_an_excerpt_stands_in_the_framework(excerpt: str) -> None:
    assert excerpt in FRAMEWORK


MODELS = [one for one in vars(models).values() if isinstance(one, type) and issubclass(one, BaseModel)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_named(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        key = field.alias or name
        assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", PAGE), f"{model.__name__}.{key}"


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_explained(operator: str) -> None:
    assert re.search(rf"^\| `[^`]*\b{operator}:", PAGE, re.MULTILINE)


def test_the_numbers_of_the_framework_are_those_of_the_page() -> None:
    framework = read_framework(FRAMEWORK, "framework.yaml")
    assert isinstance(framework, Framework)
    parts = (framework.questions, framework.steps, framework.rules, framework.sources)
    counted = "{} questions, {} steps, {} rules, {} sources".format(*map(len, parts))
    assert counted in PAGE


@pytest.mark.parametrize("name", MISTAKES)
def test_the_checker_says_what_the_page_says(name: str) -> None:
    right, wrong = MISTAKES[name]
    assert FRAMEWORK.count(right) == 1
    with pytest.raises(FrameworkError) as found:
        read_framework(FRAMEWORK.replace(right, wrong), name)
    shown = re.search(rf"^{name}:.*$", PAGE, re.MULTILINE)
    assert shown is not None
    assert [str(finding) for finding in found.value.findings] == [shown[0]]
