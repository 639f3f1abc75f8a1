"""Parts of a framework that do not fit each other: references, doubles, and what each question is for."""

import pytest

from tests.state.tiny import TEXT, assert_finds, edited, mistakes

OPTIONS = TEXT[TEXT.index("    options:\n      - {id: nobody") : TEXT.index("  - id: since")]
OPTIONAL = "    optional: true\n"
NOT_A_CHOICE = "only single and multi questions have options; remove them"
ONE_EFFECT = "an effect is exactly one of floor, cap, stop (with cap), deadline, reason_only, no_card"
NO_HINT = "add it or correct the id"


# --- references ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("phase: F2\n    type: text", "phase: ▸F3\n    type: text", f"there is no phase 'F3'; {NO_HINT}"),
        ("base: low\n    channel: true", "base: ▸lo\n    channel: true", "there is no grade 'lo'; did you mean 'low'?"),
        ("sources: [LAW-1]", "sources: [LAW-1, ▸LAW-2]", "there is no source 'LAW-2'; did you mean 'LAW-1'?"),
        ("basis: [K1]", "basis: [▸X9]", f"there is no source or frame 'X9'; {NO_HINT}"),
        ("basis: [LAW-1, K1]", "basis: [LAW-1, ▸KK1]", "there is no source or frame 'KK1'; did you mean 'K1'?"),
        ("basis: LAW-1", "basis: ▸K1", f"there is no source 'K1'; {NO_HINT}"),
        ("starts_from: since", "starts_from: ▸sinse", "there is no question 'sinse'; did you mean 'since'?"),
        ("{step: report,", "{step: ▸reprot,", "there is no step 'reprot'; did you mean 'report'?"),
        ("steps: [report]", "steps: [report, ▸wiat]", "there is no step 'wiat'; did you mean 'wait'?"),
        ("floor: high", "floor: ▸hihg", "there is no grade 'hihg'; did you mean 'high'?"),
        ("floor: high", "cap: ▸hihg", "there is no grade 'hihg'; did you mean 'high'?"),
        ("floor: high", "stop: ▸S2", f"there is no stop 'S2'; {NO_HINT}"),
        ("floor: high", "deadline: ▸T2", f"there is no deadline 'T2'; {NO_HINT}"),
        ("stop: S1, cap: low", "stop: S1, cap: ▸lov", "there is no grade 'lov'; did you mean 'low'?"),
        ("{question: review,", "{question: ▸revue,", "there is no question 'revue'; did you mean 'review'?"),
        ("self: [myself]", "self: [▸mysef]", "there is no option of 'involved' 'mysef'; did you mean 'myself'?"),
        ("option: names", "option: ▸name", "there is no option of 'kinds' 'name'; did you mean 'names'?"),
        ("{question: kinds, option", "{question: ▸kins, option", "there is no question 'kins'; did you mean 'kinds'?"),
    ],
)
def test_a_reference_to_nothing_is_shown_with_what_may_be_meant(old: str, new: str, message: str) -> None:
    assert_finds(edited((old, new)), message)


def test_a_framework_without_sources_has_a_mistake_at_each_reference() -> None:
    text = edited((TEXT[TEXT.index("sources:\n") :], "sources: []\n"))
    text = text.replace("LAW-1", "▸LAW-1")
    kinds = ["source", *["source or frame"] * 4, "source", *["source or frame"] * 2]
    assert_finds(text, *[f"there is no {kind} 'LAW-1'; {NO_HINT}" for kind in kinds])


# --- doubles ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "following", "part"),
    [
        ("card_subjects", "grades", "{id: ▸document, name: X}"),
        ("grades", "frames", "{id: ▸low, name: X, glyph: x}"),
        ("frames", "phases", "{id: ▸K1, name: X, sources: []}"),
        ("phases", "questions", "{id: ▸F2, name: X}"),
        ("questions", "notions", "{id: ▸review, phase: F2, type: date, text: X, help: X, asked_when: always, REST}"),
        ("notions", "steps", "{id: ▸SERIOUS, meaning: X, when: always}"),
        ("steps", "stops", "{id: ▸wait, name: X, description: X, base: low, channel: false}"),
        ("stops", "deadlines", "{id: ▸S1, name: X, text: X, channel: true}"),
        ("deadlines", "deciders", "{id: ▸T1, name: X, calculation: X, text: X, basis: LAW-1}"),
        ("rules", "sources", "{id: ▸R2, steps: [wait], when: always, effect: {no_card: true}, reason: X, REST}"),
    ],
)
def test_an_id_that_stands_twice_is_shown_the_second_time(kind: str, following: str, part: str) -> None:
    part = part.replace("X", "{nl: x, en: x}").replace("REST", "basis: [LAW-1], channel: true")
    double = part.partition("▸")[2].partition(",")[0]
    text = edited((f"\n{following}:\n", f"\n  - {part}\n{following}:\n"))
    assert_finds(text, f"the id {double!r} stands in {kind} twice; give one another")


def test_an_option_that_stands_twice_is_shown_the_second_time() -> None:
    text = edited(("{id: none,", "{id: ▸health,"), ("only: [none]", "only: [names]"))
    assert_finds(text, "the id 'health' stands in options twice; give one another")


def test_the_place_of_an_option_counts_what_is_no_option() -> None:
    multi = "      - ▸oeps\n      - {id: health, label: {nl: a, en: a}}\n      - {id: names,"
    single = "      - ▸oeps\n      - {id: me, label: {nl: a, en: a}, exclusive: ▸true}\n      - {id: nobody,"
    text = edited(("{id: health,", "{id: ▸health,"), ("      - {id: names,", multi), ("      - {id: nobody,", single))
    assert_finds(
        text,
        "questions.1.options.1: 'oeps' must have keys of its own",
        "only an option of a multi question can be exclusive; remove `exclusive`",
        "questions.3.options.1: 'oeps' must have keys of its own",
        "the id 'health' stands in options twice; give one another",
    )


def test_the_place_of_a_part_counts_what_has_no_keys() -> None:
    text = edited(("\nsteps:\n", "\nsteps:\n  - ▸oeps\n"), ("  - id: wait", "  - id: ▸report"), ("[wait]", "[report]"))
    assert_finds(
        text, "steps.1: 'oeps' must have keys of its own", "the id 'report' stands in steps twice; give one another"
    )


def test_a_source_that_stands_twice_is_shown_the_second_time() -> None:
    source = TEXT[TEXT.index("  - id: LAW-1") :]
    assert_finds(TEXT + source.replace("id: ", "id: ▸"), "the id 'LAW-1' stands in sources twice; give one another")


# --- what a question is for ------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "messages"),
    [
        ([(OPTIONAL, f"{OPTIONAL}    options:\n      ▸- {{id: a, label: {{nl: a, en: a}}}}\n")], [NOT_A_CHOICE]),
        (
            [("en: Myself}}", "en: Myself}, exclusive: ▸true}")],
            ["only an option of a multi question can be exclusive; remove `exclusive`"],
        ),
        (
            [(OPTIONAL, OPTIONAL + "    unknown_allowed: ▸true\n")],
            ["unknown_allowed is for dates; give a choice an option with `unknown: true`"],
        ),
        (
            [("starts_from: since", "starts_from: ▸review")],
            ["question 'review' is of type date, but a deadline starts from a moment; choose a datetime question"],
        ),
        (
            [("{question: review,", "{question: ▸since,")],
            ["question 'since' is of type datetime, but a review date is a date; choose a date question"],
        ),
        (
            [("{question: involved, self: [m", "{question: ▸kinds, self: [▸m")],
            [
                "question 'kinds' is of type multi, but involvement is asked as one choice; choose a single question",
                f"there is no option of 'kinds' 'myself'; {NO_HINT}",
            ],
        ),
        (
            [("{question: kinds, option: n", "{question: ▸involved, option: ▸n")],
            [
                "question 'involved' is of type single, but what was done is asked as several choices; "
                "choose a multi question",
                f"there is no option of 'involved' 'names'; {NO_HINT}",
            ],
        ),
    ],
)
def test_a_part_on_a_question_of_another_type_is_shown(edits: list[tuple[str, str]], messages: list[str]) -> None:
    assert_finds(edited(*edits), *messages)


@pytest.mark.parametrize("options", ["", "    options: []\n"])
def test_a_choice_needs_options(options: str) -> None:
    text = edited((OPTIONS, options), ("  - id: involved", "  - ▸id: involved"))
    assert_finds(text, "question 'involved' is a choice without options; add `options`")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (" ▸5", "questions.1.options: 5 must be a list"),
        (" ▸true", "questions.1.options: true must be a list"),
        (" ▸{id: nobody}", "questions.1.options: {'id': 'nobody'} must be a list"),
        ("▸", "questions.1.options: this is empty; write its value"),
        (" [▸5]", "questions.1.options.1: 5 must have keys of its own"),
    ],
)
def test_options_of_another_shape_are_one_mistake(options: str, message: str) -> None:
    assert_finds(edited((OPTIONS, f"    options:{options}\n")), message)


def test_what_fits_a_question_of_no_type_cannot_be_told() -> None:
    types = "'single', 'multi', 'datetime', 'date' or 'text'"
    text = edited(
        ("type: single", "type: ▸singel"),
        ("type: multi", "type: ▸[multi]"),
        ("    type: date\n    text", "    text"),
        ("direction: ahead", "unknown_allowed: true"),
    )
    assert_finds(
        text.replace("  - id: review", "  - ▸id: review"),
        f"questions.1.type: 'singel' is not one of {types}",
        f"questions.3.type: ['multi'] is not one of {types}",
        "questions.5.type: this key is missing; add it",
    )


# --- effects and deciders --------------------------------------------------------------


@pytest.mark.parametrize(
    "effect", ["{}", "{floor: high, cap: low}", "{stop: S1, cap: low, deadline: T1}", "{no_card: true, floor: low}"]
)
def test_an_effect_is_one_thing(effect: str) -> None:
    assert_finds(edited(("{floor: high}", f"▸{effect}")), ONE_EFFECT)


@pytest.mark.parametrize(
    "effect",
    [
        *("{floor: low}", "{cap: low}", "{stop: S1}", "{stop: S1, cap: low}", "{deadline: T1}", "{no_card: true}"),
        *("{reason_only: pro}", "{reason_only: contra}", "{reason_only: notice}"),
    ],
)
def test_every_single_effect_is_fine(effect: str) -> None:
    assert mistakes(edited(("{floor: high}", effect))) == []


def test_a_rule_without_an_effect_has_one_mistake() -> None:
    assert_finds(edited(("{floor: high}", "▸floor")), "rules.1.effect: 'floor' must have keys of its own")


@pytest.mark.parametrize(
    ("old", "new", "undecided"),
    [
        ('  - {step: "*", when: always, who: {nl: directeur, en: director}}\n', "", ["report", "wait"]),
        ("when: always, who", "when: {notion: SERIOUS}, who", ["report", "wait"]),
        ('{step: "*"', "{step: report", ["wait"]),
    ],
)
def test_somebody_decides_on_every_step_in_every_case(old: str, new: str, undecided: list[str]) -> None:
    text = edited((old, new))
    for step in undecided:
        text = text.replace(f"  - id: {step}\n", f"  - ▸id: {step}\n")
    hint = "add a last row with `when: always`"
    assert_finds(text, *[f"nobody decides on step {step!r} in every case; {hint}" for step in undecided])


# --- parts of the wrong shape ----------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("{id: nobody,", "{id: ▸[a],", "questions.1.options.1.id"),
        ("  - id: remark", "  - id: ▸[a]", "questions.4.id"),
        ("  - {id: F2,", "  - {id: ▸[a],", "phases.2.id"),
        ("  - id: wait", "  - id: ▸[a]", "steps.2.id"),
        ("steps: [report]", "steps: [▸[a]]", "rules.1.steps.1"),
        ('{step: "*"', "{step: ▸[a]", "deciders.2.step"),
        ("self: [myself]", "self: [▸[a]]", "conflict_of_interest.self.1"),
        ("option: names", "option: ▸[a]", "steps.1.done_when.option"),
        ("starts_from: since", "starts_from: ▸[a]", "deadlines.1.starts_from"),
    ],
)
def test_a_list_where_an_id_belongs_is_found_there(old: str, new: str, where: str) -> None:
    text, _, rest = edited((old, new)).partition("▸")
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    found = mistakes(text + rest)
    assert f"tiny.yaml:{line}:{column}: {where}: ['a'] must be text, without brackets or keys" in found
    assert all("there is no" in one for one in found if where not in one)


@pytest.mark.parametrize("kind", ["card_subjects", "frames", "grades", "phases", "notions", "stops", "sources"])
def test_a_part_of_the_wrong_shape_hides_no_other_mistake(kind: str) -> None:
    text = TEXT.replace(f"\n{kind}:\n", f"\n{kind}:\n  - ▸oeps\n").replace("starts_from: since", "starts_from: ▸sins")
    messages = [f"{kind}.1: 'oeps' must have keys of its own", "there is no question 'sins'; did you mean 'since'?"]
    assert_finds(text, *(messages if text.index("oeps") < text.index("sins") else messages[::-1]))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("conflict_of_interest: {question: involved, self: [myself]}", "conflict_of_interest: ▸involved", "'involved'"),
        ("review_date: {question: review, default_days: 14}", "review_date: ▸review", "'review'"),
        ("done_when: {question: kinds, option: names}", "done_when: ▸names", "'names'"),
    ],
)
def test_a_word_where_keys_belong_is_one_mistake(old: str, new: str, message: str) -> None:
    where = "steps.1.done_when" if old.startswith("done") else old.partition(":")[0]
    assert_finds(edited((old, new)), f"{where}: {message} must have keys of its own")
