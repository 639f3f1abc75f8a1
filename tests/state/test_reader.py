"""A framework file with one part of the wrong shape: where it stands, and what would be right."""

import json
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import getitem

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.shelf import published
from state.compiled import compile_framework
from state.errors import FrameworkError
from state.nodes import Path, read_nodes
from state.reader import read_framework
from state.weighing import weigh
from tests.state.tiny import TEXT, assert_finds, edited, mistakes, tiny

REAL = published()[-1].read_text("utf-8")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
TITLE = "title: {nl: Klein kader, en: Tiny framework}"
CONDITION = "asked_when: {question: kinds, has: [health]}"
TOO_SHORT = "this list holds 0 of at least 1; add what is missing"
EMPTY = "this is empty; write its value, or remove the key"
WRONG_CONDITION = "a condition is `always`, or has one of the keys question, notion, all, any, not"


def test_the_tiny_framework_has_no_mistakes() -> None:
    framework = tiny()
    assert (framework.id, framework.version, framework.format) == ("tiny", "0.1", 1)
    assert [question.id for question in framework.questions] == ["involved", "since", "kinds", "remark", "review"]
    assert framework.law_date.isoformat() == "2026-11-23"


@pytest.mark.parametrize("file", published(), ids=lambda file: file.parent.name)
def test_a_published_framework_has_no_mistakes(file) -> None:
    assert mistakes(file.read_text("utf-8")) == []


def test_a_mistake_names_the_file_the_line_and_the_column_as_an_editor_counts_them() -> None:
    with pytest.raises(FrameworkError) as raised:
        read_framework(edited(("type: single", "type: number")), "kader/framework.yaml")
    assert str(raised.value) == (
        "kader/framework.yaml:23:11: questions.1.type: 'number' is not one of "
        "'single', 'multi', 'datetime', 'date' or 'text'"
    )


# --- keys ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("optional: true", "▸optonal: true", "unknown key 'optonal'; did you mean 'optional'?"),
        ("en: Tiny framework", "en: Tiny, ▸de: Klein", "unknown key 'de'; known keys are en, nl"),
        ("default_days: 14", "default_days: 14, ▸max: 2", "unknown key 'max'; known keys are default_days, question"),
        ("self: [myself]", "self: [myself], ▸selves: 1", "unknown key 'selves'; did you mean 'self'?"),
        ("label: {nl: Ikzelf", "▸labl: x, label: {nl: Ikzelf", "unknown key 'labl'; did you mean 'label'?"),
        ("effect: {floor", "▸efect: {}\n    effect: {floor", "unknown key 'efect'; did you mean 'effect'?"),
        ("option: names", "option: names, ▸opton: x", "unknown key 'opton'; did you mean 'option'?"),
        ("{question: kinds, only", "{question: kinds, ▸onyl: [x], only", "unknown key 'onyl'; did you mean 'only'?"),
        ("[{notion: SERIOUS}", "[{notion: SERIOUS, ▸is: true}", "unknown key 'is'; known keys are notion"),
        ("hours_over: 72}]}", "hours_over: 72}], ▸al: 1}", "unknown key 'al'; known keys are any"),
        ("en: Tiny framework", "en: Tiny, ▸'#x': 1", "unknown key '#x'; known keys are en, nl"),
        (CONDITION, "asked_when: {▸'#all': [always], not: always}", "unknown key '#all'; known keys are not"),
        ("{not: {question", "{▸nott: 1, not: {question", "unknown key 'nott'; did you mean 'not'?"),
    ],
)
def test_an_unknown_key_is_shown_with_the_keys_there_are(old: str, new: str, message: str) -> None:
    assert_finds(edited((old, new)), message)


def test_a_key_that_merges_or_comments_in_quotes_is_an_unknown_key_of_the_file() -> None:
    known = ", ".join(sorted(read_nodes(TEXT).value))
    assert_finds(edited(("id: tiny\n", "id: tiny\n▸<<: {status: x}\n")), f"unknown key '<<'; known keys are {known}")
    assert_finds(edited(("id: tiny\n", "id: tiny\n▸'#x': 1\n")), f"unknown key '#x'; known keys are {known}")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("{nl: Klein kader, en: Tiny framework}", "▸{nl: Klein kader}", "title.en"),
        ("{nl: Klein kader, en: Tiny framework}", "▸{en: Tiny framework}", "title.nl"),
        ("{nl: Ikzelf, en: Myself}", "▸{nl: Ikzelf}", "questions.1.options.2.label.en"),
        ("help: {nl: Het moment., en: The moment.}", "help: ▸{en: The moment.}", "questions.2.help.nl"),
        ("meaning: {nl: ernstig, en: serious}", "meaning: ▸{nl: ernstig}", "notions.1.meaning.en"),
        ("{nl: drie dagen, en: three days}", "▸{nl: drie dagen}", "deadlines.1.calculation.en"),
        ("{nl: Het is ernstig., en: It is serious.}", "▸{nl: Het is ernstig.}", "rules.1.reason.en"),
        ("{nl: wetten.nl, en: wetten.nl}", "▸{nl: wetten.nl}", "sources.1.found_at.en"),
    ],
)
def test_a_text_that_is_missing_is_named(old: str, new: str, where: str) -> None:
    assert_finds(edited((old, new)), f"{where}: this key is missing; add it")


def test_a_key_that_is_missing_stands_where_its_part_begins() -> None:
    text = edited(("  - id: since\n    phase: F1\n", "  - ▸id: since\n"), ("  - id: T1\n    name", "  - ▸name"))
    assert_finds(text, "questions.2.phase: this key is missing; add it", "deadlines.1.id: this key is missing; add it")


# --- values ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format: 1", "format: ▸2", "format: 2 must be 1"),
        ("format: 1", "format: ▸'1'", "format: '1' must be 1"),
        ("format: 1", "format: ▸true", "format: true must be 1"),
        ("format: 1", "format: ▸1.0", "format: 1.0 must be 1"),
        ('"2026-11-23"', "▸0", "law_date: 0 must be a date that exists, as in 2026-11-23"),
        ('"2026-11-23"', "▸86400.0", "law_date: 86400.0 must be a date that exists, as in 2026-11-23"),
        ('"2026-11-23"', "▸20261123", "law_date: 20261123 must be a date that exists, as in 2026-11-23"),
        ('"2026-11-23"', "▸'20261123'", "law_date: '20261123' must be a date that exists, as in 2026-11-23"),
        ('"2026-11-23"', "▸2026-13-23", "law_date: '2026-13-23' must be a date that exists, as in 2026-11-23"),
        ('"2026-11-23"', "▸[2026]", "law_date: [2026] must be a date that exists, as in 2026-11-23"),
        (
            '"2026-11-23"',
            '▸"2026-11-23T00:00:00"',
            "law_date: '2026-11-23T00:00:00' must be a date that exists, as in 2026-11-23",
        ),
        ("status: concept", "status: ▸draft", "status: 'draft' is not one of 'concept' or 'adopted'"),
        ('version: "0.1"', "version: ▸0.1", "version: 0.1 must be text; put it in quotes"),
        ('version: "0.1"', "version: ▸'  '", "version: this text is empty; write it"),
        ("en: Tiny framework", "en: ▸''", "title.en: this text is empty; write it"),
        ("en: Tiny framework", "en: ▸null", "title.en: this is empty; write its value"),
        ("en: Tiny framework", "en: ▸true", "title.en: true must be text; put it in quotes"),
        ("en: Tiny framework", "en: ▸112", "title.en: 112 must be text; put it in quotes"),
        (TITLE, "title: ▸Kader", "title: 'Kader' must have keys of its own"),
        (TITLE, "title: ▸[Kader]", "title: ['Kader'] must have keys of its own"),
        (TITLE, "title:▸", "title: this is empty; write its value"),
        ("id: tiny", "id: ▸-tiny", "id: '-tiny' cannot be an id; use letters, digits, - _ . :"),
        ("id: tiny", "id: ▸'ti ny'", "id: 'ti ny' cannot be an id; use letters, digits, - _ . :"),
        ("id: tiny", 'id: ▸"tiny\\n"', "id: 'tiny\\n' cannot be an id; use letters, digits, - _ . :"),
        ("id: tiny", "id: ▸7", "id: 7 must be text; put it in quotes"),
        ("optional: true", "optional: ▸yes", "questions.4.optional: 'yes' must be true or false"),
        ("optional: true", "optional: ▸on", "questions.4.optional: 'on' must be true or false"),
        ("optional: true", "optional: ▸1", "questions.4.optional: 1 must be true or false"),
        ("optional: true", "optional: ▸'true'", "questions.4.optional: 'true' must be true or false"),
        ("direction: ahead", "direction: ▸up", "questions.5.direction: 'up' is not one of 'back' or 'ahead'"),
        ("sources: [LAW-1]", "sources: ▸LAW-1", "frames.1.sources: 'LAW-1' must be a list"),
        ("sources: [LAW-1]", "sources: ▸{LAW-1: x}", "frames.1.sources: {'LAW-1': 'x'} must be a list"),
        ("hours: 72\n", "hours: ▸072\n", "deadlines.1.hours: '072' must be a whole number"),
        ("hours: 72\n", "hours: ▸1.5\n", "deadlines.1.hours: 1.5 must be a whole number"),
        ("hours: 72\n", "hours: ▸72.0\n", "deadlines.1.hours: 72.0 must be a whole number"),
        ("hours: 72\n", "hours: ▸true\n", "deadlines.1.hours: true must be a whole number"),
        ("hours: 72\n", "hours: ▸-1\n", "deadlines.1.hours: -1 must be at least 0"),
        ("hours: 72\n", "hours: ▸876001\n", "deadlines.1.hours: 876001 must be at most 876000"),
        ("default_days: 14", "default_days: ▸0", "review_date.default_days: 0 must be at least 1"),
        ("default_days: 14", "default_days: ▸36501", "review_date.default_days: 36501 must be at most 36500"),
        ("id: tiny", f"id: ▸{'i' * 65}", f"id: '{'i' * 56}... is too long; use at most 64 characters"),
        ("self: [myself]", "self: ▸[]", f"conflict_of_interest.self: {TOO_SHORT}"),
        ("self: [myself]", "self: [▸[a]]", "conflict_of_interest.self.1: ['a'] must be text, without brackets or keys"),
        ("{step: report,", "{step: ▸5,", "deciders.1.step: 5 must be text; put it in quotes"),
        ("starts_from: since", "starts_from: ▸~", f"deadlines.1.starts_from: {EMPTY}"),
        ("{floor: high}", "{floor: ▸~}", f"rules.1.effect.floor: {EMPTY}"),
        ("{floor: high}", "{no_card: ▸1}", "rules.1.effect.no_card: 1 must be true"),
        ("base: low\n    channel: true", "base: low\n    channel: ▸ja", "steps.1.channel: 'ja' must be true or false"),
        ("{floor: high}", "{no_card: ▸false}", "rules.1.effect.no_card: false must be true"),
    ],
)
def test_a_value_of_another_type_is_shown_with_what_it_must_be(old: str, new: str, message: str) -> None:
    assert_finds(edited((old, new)), message)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("▸never", ": " + WRONG_CONDITION),
        ("▸{}", ": " + WRONG_CONDITION),
        ("▸[]", ": " + WRONG_CONDITION),
        ("▸true", ": " + WRONG_CONDITION),
        ("{not: ▸{}}", ".not: " + WRONG_CONDITION),
        ("{all: ▸always}", ".all: 'always' must be a list"),
        ("{any: ▸{question: kinds, has: [names]}}", ".any: {'question': 'kinds', 'has': ['names']} must be a list"),
        ("{notion: ▸[SERIOUS]}", ".notion: ['SERIOUS'] must be text, without brackets or keys"),
        ("{question: ▸5, has: [names]}", ".question: 5 must be text; put it in quotes"),
        ("{question: kinds, has: ▸names}", ".has: 'names' must be a list"),
        ("{question: kinds, has: [names, ▸5]}", ".has.2: 5 must be text; put it in quotes"),
        ("{question: since, unknown: ▸false}", ".unknown: false must be true"),
        ("{question: since, unknown: ▸1}", ".unknown: 1 must be true"),
        ("{question: kinds, has: ▸~}", f".has: {EMPTY}"),
        ("{question: kinds, has: ▸[]}", f".has: {TOO_SHORT}"),
        ("{question: kinds, has: [▸[names]]}", ".has.1: ['names'] must be text, without brackets or keys"),
        ("{all: ▸[]}", f".all: {TOO_SHORT}"),
        ("{not: ▸}", ".not: this is empty; write its value"),
    ],
)
def test_a_condition_of_another_shape_is_shown_inside_it(condition: str, message: str) -> None:
    assert_finds(edited((CONDITION, f"asked_when: {condition}")), f"questions.4.asked_when{message}")


@pytest.mark.parametrize(("hours", "limit"), [("0", "least 1"), ("-72", "least 1"), ("9999999999999", "most 876000")])
def test_hours_of_a_condition_are_more_than_none_and_less_than_a_century(hours: str, limit: str) -> None:
    message = f"notions.1.when.any.2.hours_over: {hours} must be at {limit}"
    assert_finds(edited(("hours_over: 72}", f"hours_over: ▸{hours}}}")), message)


def test_the_longest_terms_can_be_weighed() -> None:
    hours = ("hours_over: 72}", "hours_over: 876000}"), ("hours: 72\n", "hours: 876000\n")
    longest = tiny(*hours, ("default_days: 14", "default_days: 36500"), ("{floor: high}", "{deadline: T1}"))
    answers = {"involved": "nobody", "since": NOW.isoformat(), "kinds": ("health",)}
    advice = weigh(compile_framework(longest, "0" * 64), answers, NOW)
    assert advice.deadlines["T1"].due == NOW + timedelta(hours=876000)


def test_a_date_may_stand_without_quotes() -> None:
    assert tiny(('"2026-11-23"', "2026-11-23")) == tiny()


def test_a_long_value_is_shown_short() -> None:
    text = edited(("type: date\n", f"type: ▸{'d' * 500}\n"), ("{question: review,", "{question: ▸since,"))
    found = mistakes(text.replace("▸", ""))
    assert len(found) == 2
    assert f"questions.5.type: '{'d' * 56}... is not one of" in found[1]


@pytest.mark.parametrize("text", ["5", "tekst", "[]", "[[1]]", "- a\n- b"])
def test_a_file_that_holds_something_else_is_no_framework(text: str) -> None:
    assert_finds("▸" + text, f"the file: {read_nodes(text).value!r} must have keys of its own")


# --- all of them -----------------------------------------------------------------------


def test_all_mistakes_of_a_file_are_told_at_once_in_the_order_of_its_lines() -> None:
    text = edited(
        ("status: concept", "status: ▸draft"),
        ("en: Tiny framework", "▸de: Klein"),
        ("phase: F2\n    type: date", "phase: ▸F3\n    type: date"),
        ("option: names", "option: ▸name"),
        ("hours: 72\n", "hours: ▸x\n    ▸hours: 72\n"),
        ("[LAW-1, K1]", "[▸LAW-2, ▸!k K1]"),
    )
    assert_finds(
        text.replace("title: {", "title: ▸{"),
        "status: 'draft' is not one of 'concept' or 'adopted'",
        "title.en: this key is missing; add it",
        "unknown key 'de'; known keys are en, nl",
        "there is no phase 'F3'; add it or correct the id",
        "there is no option of 'kinds' 'name'; did you mean 'names'?",
        "deadlines.1.hours: 'x' must be a whole number",
        "the key 'hours' stands here twice; keep one",
        "there is no source or frame 'LAW-2'; did you mean 'LAW-1'?",
        "the tag '!k' is not allowed; remove it",
    )


def test_several_mistakes_in_the_real_framework_are_found_in_its_thousands_of_lines() -> None:
    text = REAL
    for old, new in [
        ("  - id: spoed\n    phase: F1", "  - id: spoed\n    phase: ▸F0"),
        ("{question: ontvanger, has: [media]}", "{question: ontvanger, has: [▸medai]}"),
        ("  - id: STOP9\n    channel: true", "  - id: STOP9\n    channel: ▸waar"),
    ]:
        text = text.replace(old, new, 1)
    assert_finds(
        text,
        "there is no phase 'F0'; did you mean 'F10'?",
        "there is no option of 'ontvanger' 'medai'; did you mean 'media'?",
        "stops.9.channel: 'waar' must be true or false",
    )


@pytest.mark.parametrize(
    "text",
    ["", "{", "id: [", "5", "{}", TEXT[: len(TEXT) // 2], REAL[: len(REAL) // 2]],
    ids=["empty", "brace", "bracket", "number", "no keys", "half the tiny one", "half the real one"],
)
def test_a_refusal_always_says_why(text: str) -> None:
    assert mistakes(text)


@given(st.text())
def test_whatever_a_text_holds_it_is_refused_and_never_breaks_the_reader(text: str) -> None:
    with pytest.raises(FrameworkError):
        read_framework(text, "framework.yaml")


PLACES = sorted(path for path in read_nodes(TEXT).places if path and "key:" not in str(path[-1]))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["always", "*", "x", ""]),
    lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.sampled_from(["#x", "id", "all"]), inside),
)


@given(st.sampled_from(PLACES), ANYTHING)
def test_whatever_stands_in_one_place_it_is_refused_or_can_be_weighed(path: Path, value: object) -> None:
    tree = read_nodes(TEXT).value
    reduce(getitem, path[:-1], tree)[path[-1]] = value
    try:
        framework = read_framework(json.dumps(tree), "framework.yaml")
    except FrameworkError as error:
        assert error.findings
        return
    weigh(compile_framework(framework, "0" * 64), {"since": NOW.isoformat()}, NOW)
