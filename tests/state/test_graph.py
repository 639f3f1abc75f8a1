"""The drawing of the question flow: every phase, question and dependence, in words a lawyer reads."""

import re

import pytest

from state.compiled import CompiledFramework
from state.framework import Framework
from state.graph import in_words, to_mermaid
from tests.state.tiny import tiny

REMARK = "asked_when: {question: kinds, has: [health]}"

DRAWING = """\
flowchart TD
    subgraph F1["Feiten"]
        involved["1. Betrokken?"]
        since["2. Sinds wanneer?"]
        kinds["3. Welke soorten?"]
    end
    subgraph F2["Wegen"]
        remark["4. Opmerking?"]
        review["5. Wanneer weer?"]
    end
    involved -->|"involved = nobody"| kinds
    kinds -->|"kinds = health"| remark
"""


def asked_when(condition: str) -> Framework:
    """Give the tiny framework with another condition on the remark."""
    # No question is asked by the hours.
    return tiny((REMARK, f"asked_when: {condition}"), ("hours_over: 72}]", "unknown: true}]"))


def test_draws_a_box_per_question_in_its_phase_and_an_arrow_per_dependence() -> None:
    assert to_mermaid(tiny()) == DRAWING


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("always", "altijd"),
        ("{question: involved, in: [nobody, myself]}", "involved = nobody / myself"),
        ("{question: kinds, has: [names, health]}", "kinds = names / health"),
        ("{question: kinds, only: [none]}", "kinds alleen none"),
        ("{question: since, unknown: true}", "since onbekend"),
        ("{notion: SERIOUS}", "SERIOUS"),
        ("{not: {notion: SERIOUS}}", "niet SERIOUS"),
        ("{not: {not: {notion: SERIOUS}}}", "niet niet SERIOUS"),
        ("{all: [{notion: SERIOUS}, {question: kinds, only: [none]}]}", "SERIOUS en kinds alleen none"),
        ("{any: [{notion: SERIOUS}, {question: since, unknown: true}]}", "SERIOUS of since onbekend"),
        ("{all: [{notion: SERIOUS}]}", "SERIOUS"),
        (
            "{all: [{any: [{notion: SERIOUS}, always]}, {not: {all: [always, {notion: SERIOUS}]}}]}",
            "(SERIOUS of altijd) en niet (altijd en SERIOUS)",
        ),
    ],
)
def test_says_a_condition_in_one_line(condition: str, words: str) -> None:
    assert in_words(asked_when(condition).question_by_id["remark"].asked_when) == words


def test_says_a_number_of_hours() -> None:
    (notion,) = tiny().notions
    assert in_words(notion.when) == "kinds = health of since meer dan 72 uur geleden"


def test_an_arrow_comes_from_each_question_inside_a_notion_once() -> None:
    drawing = to_mermaid(asked_when("{any: [{notion: SERIOUS}, {question: kinds, has: [names]}]}"))
    arrows = [line.split() for line in drawing.splitlines() if line.endswith("| remark")]
    assert [arrow[0] for arrow in arrows] == ["kinds", "since"]
    assert '    since -->|"SERIOUS of kinds = names"| remark\n' in drawing


def test_quotes_in_a_text_do_not_end_it() -> None:
    question, phase = ("nl: Betrokken?", "nl: 'Bent u \"betrokken\"?'"), ("nl: Feiten", "nl: 'De \"feiten\"'")
    drawing = to_mermaid(tiny(question, phase))
    assert '        involved["1. Bent u #quot;betrokken#quot;?"]\n' in drawing
    assert '    subgraph F1["De #quot;feiten#quot;"]\n' in drawing


def test_the_real_framework_has_every_question_once_and_arrows_between_questions_alone(
    framework: CompiledFramework,
) -> None:
    drawing = to_mermaid(framework.framework)
    questions = [question.id for question in framework.framework.questions]
    assert re.findall(r'^        (\w+)\["\d+\. ', drawing, re.MULTILINE) == questions
    arrows = re.findall(r'^    (\w+) -->\|"[^"]+"\| (\w+)$', drawing, re.MULTILINE)
    assert {(one, other) for one, others in framework.questions_by_question.items() for other in others} == set(arrows)
    assert len(arrows) == len(set(arrows)) > 0
    assert all(questions.index(one) < questions.index(other) for one, other in arrows)
