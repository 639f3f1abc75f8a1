"""Conditions that cannot mean anything: unknown parts, operators that do not fit, looking ahead, circles, leaks."""

from time import perf_counter

import pytest

from state.compiled import compile_framework
from state.lint_conditions import MAX_LEVELS
from state.reader import read_framework
from tests.state.tiny import assert_finds, edited, mistakes

REMARK = "asked_when: {question: kinds, has: [health]}"
KINDS = "asked_when: {question: involved, in: [nobody]}"
SERIOUS = "when: {any: [{question: kinds, has: [health]}, {question: since, hours_over: 72}]}"
ONE_OPERATOR = "a comparison has exactly one of in, has, only, hours_over, unknown"
NO_HINT = "add it or correct the id"
X = "{nl: x, en: x}"
UNKNOWN_REVIEW = ("direction: ahead", "direction: ahead\n    unknown_allowed: true")
NO_HOURS = ("hours_over: 72}]", "unknown: true}]")
RULE = "when: {all: [{notion: SERIOUS}, {not: {question: kinds, only: [none]}}]}"


def notion(name: str, when: str) -> str:
    """Give a line that adds a notion."""
    return f"  - {{id: {name}, meaning: {X}, when: {when}}}\n"


# --- references and operators ----------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("{notion: ▸SERIOS}", "there is no notion 'SERIOS'; did you mean 'SERIOUS'?"),
        ("{question: ▸kidns, has: [health]}", "there is no question 'kidns'; did you mean 'kinds'?"),
        ("{question: ▸colour, in: [red]}", f"there is no question 'colour'; {NO_HINT}"),
        ("{question: kinds, has: [▸healt]}", "there is no option of 'kinds' 'healt'; did you mean 'health'?"),
        ("{not: {question: kinds, only: [none, ▸red]}}", f"there is no option of 'kinds' 'red'; {NO_HINT}"),
        ("{all: [always, {any: [{notion: ▸X}]}]}", f"there is no notion 'X'; {NO_HINT}"),
        ("{not: {not: {notion: ▸X}}}", f"there is no notion 'X'; {NO_HINT}"),
    ],
)
def test_a_condition_on_nothing_is_shown_with_what_may_be_meant(condition: str, message: str) -> None:
    assert_finds(edited((REMARK, f"asked_when: {condition}")), message)


@pytest.mark.parametrize("condition", ["▸{question: kinds}", "▸{question: kinds, has: [names], only: [names]}"])
def test_a_comparison_has_one_operator(condition: str) -> None:
    assert_finds(edited((REMARK, f"asked_when: {condition}")), ONE_OPERATOR)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("{question: involved, has: ▸[nobody]}", "`has` does not fit question 'involved' of type single; use in"),
        ("{question: involved, unknown: ▸true}", "`unknown` does not fit question 'involved' of type single; use in"),
        ("{question: kinds, in: ▸[names]}", "`in` does not fit question 'kinds' of type multi; use has or only"),
        (
            "{question: since, only: ▸[names]}",
            "`only` does not fit question 'since' of type datetime; use hours_over or unknown",
        ),
        ("{question: review, hours_over: ▸5}", "`hours_over` does not fit question 'review' of type date; use unknown"),
        ("{question: remark, in: ▸[a]}", "`in` does not fit question 'remark' of type text; use no operator"),
    ],
)
def test_an_operator_that_does_not_fit_is_shown_with_those_that_do(condition: str, message: str) -> None:
    assert_finds(edited(("when: {question: involved, in: [myself]}", f"when: {condition}")), message)


@pytest.mark.parametrize("kind", ["datetime", "single", "multi", "date"])
def test_a_question_of_no_type_is_one_mistake_whatever_looks_at_it(kind: str) -> None:
    types = "'single', 'multi', 'datetime', 'date' or 'text'"
    (found,) = mistakes(edited((f"type: {kind}\n", "type: singel\n")))
    assert found.endswith(f".type: 'singel' is not one of {types}")


@pytest.mark.parametrize("allowed", ["", "    unknown_allowed: false\n"])
def test_unknown_is_compared_with_where_it_can_be_the_answer(allowed: str) -> None:
    condition = "{any: [{question: since, unknown: ▸true}, {not: {question: since, unknown: ▸true}}]}"
    text = edited((SERIOUS, f"when: {condition}"), ("    unknown_allowed: true\n", allowed))
    never = "question 'since' cannot be answered with unknown; give it `unknown_allowed: true` or leave this out"
    assert_finds(text, never, never)


def test_an_unknown_operator_is_one_mistake() -> None:
    text = edited((REMARK, "asked_when: {question: kinds, ▸hass: [health]}"))
    assert_finds(text, "unknown key 'hass'; did you mean 'has'?")


@pytest.mark.parametrize("place", ["asked_when", "when"])
@pytest.mark.parametrize("condition", ["{all: []}", "{any: []}", "{not: []}", "{question: [], in: []}", "{notion: []}"])
def test_a_condition_that_is_empty_is_refused_wherever_it_stands(place: str, condition: str) -> None:
    old = REMARK if place == "asked_when" else SERIOUS
    assert mistakes(edited((old, f"{place}: {condition}")))


# --- looking ahead ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        ("{question: review, unknown: true}", "review"),
        ("{not: {all: [{any: [{question: review, unknown: true}]}]}}", "review"),
        ("{question: kinds, has: [names]}", "kinds"),
        ("{notion: SERIOUS}", "kinds"),
    ],
)
def test_a_question_depends_on_earlier_ones_alone(condition: str, other: str) -> None:
    message = f"question 'kinds' depends on {other!r}, which is not asked before it; move one of them"
    assert_finds(edited((KINDS, f"asked_when: ▸{condition}"), UNKNOWN_REVIEW, NO_HOURS), message)


def test_a_question_that_depends_on_two_later_ones_has_two_mistakes() -> None:
    later = "▸▸{any: [{question: review, unknown: true}, {question: kinds, only: [none]}]}"
    text = edited(("asked_when: always\n    basis: [K1]", f"asked_when: {later}\n    basis: [K1]"), UNKNOWN_REVIEW)
    hint = "which is not asked before it; move one of them"
    assert_finds(text, *[f"question 'since' depends on {other!r}, {hint}" for other in ("kinds", "review")])


def test_a_question_may_depend_on_any_earlier_one_through_a_notion() -> None:
    none = notion("NONE", "{question: kinds, only: [none]}")
    text = edited((REMARK, "asked_when: {not: {notion: NONE}}"), ("notions:\n", f"notions:\n{none}"))
    assert mistakes(text) == []


@pytest.mark.parametrize(
    "condition",
    [
        "{question: since, hours_over: 72}",
        "{not: {any: [always, {question: since, hours_over: 1}]}}",
        "{notion: SERIOUS}",
        "{all: [{notion: OLD}, {notion: SERIOUS}]}",
    ],
)
def test_no_question_is_asked_by_the_hours_that_passed(condition: str) -> None:
    old = notion("OLD", "{not: {notion: SERIOUS}}")
    text = edited((REMARK, f"asked_when: ▸{condition}"), ("notions:\n", "notions:\n" + old))
    hint = "which is for rules and deciders alone; compare with an answer"
    assert_finds(text, f"question 'remark' depends on `hours_over`, {hint}")


# --- notions ---------------------------------------------------------------------------


@pytest.mark.parametrize("condition", ["{notion: A}", "{not: {notion: A}}", "{any: [always, {all: [{notion: A}]}]}"])
def test_a_notion_of_itself_is_refused(condition: str) -> None:
    text = edited(("notions:\n", "notions:\n" + notion("A", f"▸{condition}")))
    assert_finds(text, "notion 'A' depends on itself; write its condition out")


def test_notions_of_each_other_are_refused_each_and_what_uses_them_is_not() -> None:
    circle = notion("A", "▸{notion: B}") + notion("B", "▸{not: {notion: A}}") + notion("C", "{notion: A}")
    text = edited(("notions:\n", "notions:\n" + circle), (REMARK, "asked_when: {notion: C}"))
    assert_finds(text, *[f"notion {name!r} depends on itself; write its condition out" for name in "AB"])


def test_the_place_of_a_notion_counts_what_has_no_id() -> None:
    wrong = "  - ▸oeps\n  - {id: ▸[x], meaning: {nl: a, en: b}, when: always}\n"
    text = edited(("notions:\n", "notions:\n" + wrong + notion("A", "▸{notion: A}")))
    assert_finds(
        text,
        "notions.1: 'oeps' must have keys of its own",
        "notions.2.id: ['x'] must be text, without brackets or keys",
        "notion 'A' depends on itself; write its condition out",
    )


def tower(levels: int, top: str = "") -> str:
    """Give lines that add notions of which each names the one below it twice, the highest after `top`."""
    lines = [notion("N0", "{question: since, unknown: true}")]
    for level in range(levels):
        below = f"{{all: [{{notion: N{level}}}, {{not: {{notion: N{level}}}}}]}}"
        lines.append(notion(f"N{level + 1}", top + below if level + 1 == levels else below))
    return "".join(lines)


def test_notions_may_stand_upon_each_other_and_take_no_time() -> None:
    text = edited(("notions:\n", "notions:\n" + tower(MAX_LEVELS - 1)), (RULE, f"when: {{notion: N{MAX_LEVELS - 1}}}"))
    start = perf_counter()
    compiled = compile_framework(read_framework(text, "tiny.yaml"), "0" * 64)
    assert perf_counter() - start < 1
    assert compiled.rules_of("since") == ("R1",)


def test_notions_upon_each_other_without_end_are_refused_at_the_lowest_that_is_too_high() -> None:
    higher = notion("N21", "{notion: N20}") + notion("N22", "{notion: N21}")
    text = edited(("notions:\n", "notions:\n" + tower(MAX_LEVELS, "▸") + higher))
    message = "notion 'N20' stands on 20 others, one upon the other; write some of them out"
    assert_finds(text, message)
    (endless,) = mistakes(edited(("notions:\n", "notions:\n" + tower(1000))))
    assert endless.endswith(message)


# --- leaks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        "{question: involved, in: [myself]}",
        "{not: {question: involved, in: [nobody]}}",
        "{any: [always, {notion: ME}]}",
    ],
)
def test_the_reason_of_a_rule_in_the_channel_shows_no_sensitive_answer(condition: str) -> None:
    text = edited(
        (RULE, f"when: {condition}"),
        ("[LAW-1, K1]\n    channel: true", "[LAW-1, K1]\n    channel: ▸true"),
        ("notions:\n", "notions:\n" + notion("ME", "{question: involved, in: [myself]}")),
    )
    assert_finds(text, "the condition looks at 'involved', which is not for the channel; write `channel: false`")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[LAW-1, K1]\n    channel: true", "[LAW-1, K1]\n    channel: false"),
        ("base: low\n    channel: true", "base: low\n    channel: false"),
        ("steps: [report]", "steps: [wait]"),
    ],
    ids=["the rule is not shown", "its step is not shown", "it is about another step"],
)
def test_a_sensitive_answer_may_decide_on_what_the_channel_does_not_show(old: str, new: str) -> None:
    assert mistakes(edited((RULE, "when: {question: involved, in: [myself]}"), (old, new))) == []
