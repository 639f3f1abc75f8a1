"""What a framework's indexes find: every part by its id, and what depends on which question."""

import pytest

from state.compiled import CompiledFramework, compile_framework
from tests.state.tiny import tiny


@pytest.fixture(scope="module")
def compiled() -> CompiledFramework:
    term = ("effect: {floor: high}", "effect: {deadline: T1}")
    return compile_framework(tiny(term, ("[{notion: SERIOUS}, {not:", "[{not:")), "0" * 64)


def test_every_part_of_a_framework_is_found_by_its_id(framework: CompiledFramework) -> None:
    whole = framework.framework
    for parts, by_id in [
        (whole.questions, whole.question_by_id),
        (whole.phases, whole.phase_by_id),
        (whole.notions, whole.notion_by_id),
        (whole.steps, whole.step_by_id),
        (whole.rules, whole.rule_by_id),
        (whole.stops, whole.stop_by_id),
        (whole.deadlines, whole.deadline_by_id),
        (whole.sources, whole.source_by_id),
        (whole.frames, whole.frame_by_id),
        (whole.card_subjects, whole.subject_by_id),
        (whole.grades, whole.grade_by_id),
    ]:
        assert tuple(by_id.values()) == parts
        assert all(found.id == key for key, found in by_id.items())


def test_grades_rank_from_light_to_strong_and_questions_number_from_one(compiled: CompiledFramework) -> None:
    assert compiled.framework.rank_of == {"low": 0, "high": 1}
    assert list(compiled.framework.number_of.items())[::4] == [("involved", 1), ("review", 5)]


def test_the_rules_of_a_question_are_those_that_look_at_it(compiled: CompiledFramework) -> None:
    assert compiled.rules_of("involved") == ("R2",)
    assert compiled.rules_of("kinds") == ("R1",)
    assert compiled.rules_of("review") == ()
    assert compiled.rules_of("no question") == ()


def test_a_term_makes_its_steps_depend_on_its_start_and_on_whether_it_was_met(compiled: CompiledFramework) -> None:
    # R1 does not look at `since`: its term starts there.
    assert compiled.steps_by_question["since"] == {"report"}
    assert compiled.steps_by_question["kinds"] == {"report"}
    assert compiled.steps_by_question["involved"] == {"wait"}


def test_a_question_opens_those_whose_condition_looks_at_it(compiled: CompiledFramework) -> None:
    assert compiled.questions_by_question == {"involved": {"kinds"}, "kinds": {"remark"}}
