"""Text that is no YAML, or YAML that is not meant: each is a mistake with its place, never a traceback."""

import pytest

from state.nodes import MAX_BYTES, MAX_DEPTH, read_nodes
from tests.state.tiny import TEXT, assert_finds, edited, mistakes, tiny

WHOLE = "this is not YAML: {}; check indentation, colons and quotes"


# --- YAML that is broken ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("steps:\n▸\t- id: wait", "found character that cannot start any token"),
        ("steps:\n  ▸\t- id: wait", "found character that cannot start any token"),
        ("id: 'tiny▸", "found unexpected end of stream"),
        ("self: [one, two\n▸", "did not find expected ',' or ']'"),
        ("title: nl▸: Kader", "mapping values are not allowed in this context"),
        ("id tiny\nversion▸: 1", "mapping values are not allowed in this context"),
        ("- a\n b▸: c", "mapping values are not allowed in this context"),
        ("id: ▸@tiny", "found character that cannot start any token"),
        ('id: "▸\\q"', "found unknown escape character"),
        ("id: tiny\n  version▸: 1", "mapping values are not allowed in this context"),
        ("▸: 1", "did not find expected key"),
        ("a: 1\n▸---\nb: 2\n", "but found another document"),
        ("▸%YAML 2.0\n---\na: 1\n", "found incompatible YAML document"),
    ],
)
def test_broken_yaml_is_shown_where_it_breaks(text: str, problem: str) -> None:
    assert_finds(text, WHOLE.format(problem))


@pytest.mark.parametrize(("inside", "code"), [("\0", "U+0000"), ("\a", "U+0007"), ("\ufffe", "U+FFFE")])
@pytest.mark.parametrize("before", ["nl: Klein ", "nl: Één "])
def test_a_character_that_no_text_holds_is_shown_where_it_stands(before: str, inside: str, code: str) -> None:
    text = edited(("nl: Klein kader", f"{before}▸{inside}kader"))
    assert_finds(text, f"this is not YAML: control characters are not allowed; remove the character {code}")


def test_half_a_character_is_refused() -> None:
    assert_finds("▸" + edited(("nl: Klein kader", "nl: Klein\ud800")), WHOLE.format("surrogates not allowed"))


@pytest.mark.parametrize(
    "text", ["▸", "▸\n", "▸# alleen een opmerking\n", "▸null", "▸~", "---\n▸", "# opmerking\n▸null\n"]
)
def test_a_file_without_content_is_empty(text: str) -> None:
    assert_finds(text, "the file is empty; write what belongs in it")


def test_a_text_without_end_is_not_parsed() -> None:
    assert_finds("▸" + "x" * (MAX_BYTES + 1), "the file is longer than 4000000 characters")


@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_DEPTH + "▸[" + "]" * (MAX_DEPTH + 1),
        "[" * MAX_DEPTH + "▸[" + "[" * 100_000,
        "- " * MAX_DEPTH + "▸- x",
        "{a: " * MAX_DEPTH + "▸{}",
    ],
    ids=["just", "far", "list", "keys"],
)
def test_nesting_without_end_is_refused_before_it_exhausts_the_stack(text: str) -> None:
    assert_finds(text, "nested deeper than 40; use fewer levels")


def test_the_deepest_nesting_is_read() -> None:
    tree = read_nodes("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert not tree.findings
    assert str(tree.value) == "[" * MAX_DEPTH + "]" * MAX_DEPTH


# --- YAML that is not meant ------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("en: Tiny framework", "en: ▸&name Tiny", "anchors and aliases are not allowed; write the text out"),
        ("en: Tiny framework", "en: ▸*name", "anchors and aliases are not allowed; write the text out"),
        ("self: [myself]", "self: ▸&me [myself]", "anchors and aliases are not allowed; write the text out"),
        ("id: tiny\n", "id: tiny\n▸id: tiny\n", "the key 'id' stands here twice; keep one"),
        ("nl: Klein kader", "nl: Klein kader, ▸'nl': Kader", "the key 'nl' stands here twice; keep one"),
        ("id: tiny\n", "id: tiny\n? ▸[a, b]\n: c\n", "a key must be one word; remove the brackets"),
        ("id: tiny\n", "id: tiny\n? ▸{a: b}\n: c\n", "a key must be one word; remove the brackets"),
    ],
)
def test_what_only_yaml_can_do_is_refused(old: str, new: str, message: str) -> None:
    assert_finds(edited((old, new)), message)


@pytest.mark.parametrize(
    ("old", "new", "tag"),
    [
        ("en: Tiny framework", "en: ▸!secret Tiny", "!secret"),
        ("en: Tiny framework", "en: ▸!!str Tiny", "!!str"),
        ("en: Tiny framework", "en: ▸! Tiny", "!"),
        ("en: Tiny framework", "en: ▸!<tag:example.org,2026:x> Tiny", "tag:example.org,2026:x"),
        ("en: Tiny framework", "en: ▸!!python/name:os.system Tiny", "!!python/name:os.system"),
        ("id: tiny\n", "▸!x id: tiny\n", "!x"),
        ("asked_when: {question: kinds,", "asked_when: ▸!x {question: kinds,", "!x"),
        ("\nframes:\n", "\nframes: ▸!!seq\n", "!!seq"),
        ("self: [myself]", "self: ▸!!set [myself]", "!!set"),
    ],
)
def test_a_tag_is_refused_wherever_it_stands(old: str, new: str, tag: str) -> None:
    assert_finds(edited((old, new)), f"the tag {tag!r} is not allowed; remove it")


@pytest.mark.parametrize(
    "word",
    [
        *("no", "yes", "on", "off", "n", "Yes", "True", "FALSE", "Null", "012", "0o17", "0x1f", "0b11", "1_000", "1e5"),
        *(".inf", ".nan", "72:00", "1:30:00", "2026-11-23", "2026-11-23T10:00:00Z", "+", "1.", ".5", "=", "<<"),
        *("99999999999999999999", "-" + "9" * 30 + ".5" + "0" * 10),
    ],
)
def test_a_word_stays_what_the_author_typed(word: str) -> None:
    assert read_nodes(f"key: {word}").value == {"key": word}
    assert tiny(("en: Tiny framework", f"en: {word}")).title.en == word


@pytest.mark.parametrize(
    ("word", "value"),
    [
        *(("true", True), ("false", False), ("null", None), ("~", None), ("", None)),
        *(("0", 0), ("72", 72), ("-5", -5), ("+5", 5), ("9999999999999999999", 9999999999999999999)),
        *(("1.5", 1.5), ("-0.25", -0.25), ("012.5", 12.5)),
    ],
)
def test_only_these_words_are_no_text(word: str, value: object) -> None:
    found = read_nodes(f"key: {word}").value["key"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("quoted", ["'72'", '"72"', "|-\n  72", ">-\n  72"])
def test_quotes_make_text_of_a_number(quoted: str) -> None:
    assert read_nodes(f"key: {quoted}").value == {"key": "72"}


@pytest.mark.parametrize("text", ["\ufeff" + TEXT, TEXT.replace("\n", "\r\n")], ids=["byte order mark", "line ends"])
def test_what_windows_adds_to_a_file_is_read(text: str) -> None:
    assert mistakes(text) == []


def test_a_place_counts_characters_not_bytes() -> None:
    text = edited(("nl: Klein kader", 'nl: "Één ● \U0001f9ed", ▸nl: x'))
    assert_finds(text, "the key 'nl' stands here twice; keep one")


def test_a_part_that_stands_nowhere_has_the_place_of_what_is_round_it() -> None:
    tree = read_nodes("a:\n  - b: 1\n")
    assert tree.place(("a", 0, "b")) == (2, 8)
    assert tree.place(("a", 0, "c", "d")) == (2, 5)
    assert tree.place(("z",)) == (1, 1)
