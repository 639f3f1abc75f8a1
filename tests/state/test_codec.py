"""Events to rows and back: nothing is lost, and every kind of damage is named with its event."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from state import events
from state.codec import (
    FIRST,
    HEAD_KEYS,
    Row,
    canonical,
    is_link,
    print_of,
    read_head,
    read_heads,
    read_rows,
    to_moment,
    to_row,
    to_rows,
)
from state.errors import TranscriptDamaged
from state.events import KIND_OF, KINDS, Actor, AdviceGiven, AnswerGiven, CasePaused, Recorded

CASE = "c" * 32
ANJA = Actor("a", "Anja de Vries", "gemeentesecretaris", "decider")
NOW = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)

# What JSON and UTF-8 can hold; lone surrogates never pass the gate.
texts = st.text(st.characters(exclude_categories=["Cs"]))
moments = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    datetime(9998, 1, 1),  # noqa: DTZ001  # without a zone is what is tried
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)
actors = st.builds(Actor, texts, texts, texts, texts)
values = st.one_of(texts, st.lists(texts).map(tuple))
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), texts),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(texts, inner)),
    max_leaves=8,
)
_BY_TYPE = {
    "str": texts,
    "int": st.integers(0, 2**53),
    "bool": st.booleans(),
    "Actor": actors,
    "AnswerValue": values,
    "AnswerValue | None": st.none() | values,
    "str | tuple[str, ...]": values,
    "tuple[str, ...]": st.lists(texts).map(tuple),
    "tuple[ShownOption, ...]": st.lists(st.builds(events.ShownOption, texts, texts)).map(tuple),
    "tuple[StepDecision, ...]": st.lists(
        st.builds(events.StepDecision, texts, texts, texts, texts, st.booleans(), texts)
    ).map(tuple),
    "Mapping[str, Any]": st.dictionaries(texts, plain),
}


def _name(annotation: object) -> str:
    if annotation == events.AnswerValue:
        return "AnswerValue"
    if annotation == events.AnswerValue | None:
        return "AnswerValue | None"
    named = getattr(annotation, "__name__", "") if isinstance(annotation, type) else str(annotation)
    for module in ("state.events_cmt.", "state.events.", "collections.abc.", "typing."):
        named = named.replace(module, "")
    return named


def _strategy(kind: type) -> st.SearchStrategy[events.Event]:
    parts = {field.name: _BY_TYPE[_name(field.type)] for field in fields(kind)}
    return st.builds(kind, **parts)


any_event = st.one_of([_strategy(kind) for kind in KINDS.values()])


def rows_of(*happened: events.Event) -> list[Row]:
    recorded = [Recorded(seq, NOW, ANJA, event) for seq, event in enumerate(happened, 1)]
    return to_rows(CASE, recorded, FIRST, [bytes([seq]) * 32 for seq in range(len(happened))], FIRST)


# --- there and back --------------------------------------------------------------------


@given(st.lists(st.tuples(any_event, actors, moments), max_size=5), st.binary(min_size=32, max_size=32))
def test_every_event_comes_back_as_it_was(happened, salt: bytes):
    transcript = [Recorded(seq, at, actor, event) for seq, (event, actor, at) in enumerate(happened, 1)]
    rows = to_rows(CASE, transcript, FIRST, [salt] * len(transcript), FIRST)
    assert read_rows(CASE, rows) == transcript


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_has_a_fixed_name_and_a_way_back(kind: type):
    @given(_strategy(kind))
    def comes_back(event: events.Event) -> None:
        (row,) = rows_of(event)
        assert read_head(row.head)["kind"] == KIND_OF[kind]
        assert read_rows(CASE, [row])[0].event == event

    comes_back()


def test_every_event_has_a_name_on_disk():
    assert set(KINDS.values()) == set(events.Event.__args__)
    assert len(KIND_OF) == len(KINDS)


@given(any_event)
def test_a_head_holds_nothing_of_the_event(event: events.Event):
    (row,) = rows_of(event)
    head = read_head(row.head)
    assert tuple(head) == HEAD_KEYS
    assert all(isinstance(value, int) or value.replace("-", "").isascii() for value in head.values())
    assert head["body"] == sha256(row.body).hexdigest()


def test_the_same_event_twice_looks_different_in_its_head():
    recorded = Recorded(1, NOW, ANJA, AnswerGiven("schade", "geen", "Geen"))
    heads = {read_head(to_row(CASE, recorded, FIRST, salt).head)["body"] for salt in (b"a" * 32, b"b" * 32)}
    assert len(heads) == 2


def test_moments_are_written_in_utc_to_the_microsecond():
    amsterdam = timezone(timedelta(hours=1))
    assert to_moment(datetime(2026, 11, 23, 10, 0, 0, 5, tzinfo=amsterdam)) == "2026-11-23T09:00:00.000005Z"


@given(plain)
def test_canonical_json_depends_on_the_value_alone(value):
    assert json.loads(canonical(value)) == value
    assert canonical(json.loads(canonical(value))) == canonical(value)


@given(st.dictionaries(texts, plain, min_size=2))
def test_canonical_json_knows_no_order_of_keys(value: dict):
    assert canonical(value) == canonical(dict(reversed(value.items())))


@given(plain | st.integers() | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: [None, number]))
@example(2**64)
@example({"b": None, "a": "\x7f\u2028\U0001f600\x00"})
def test_canonical_json_is_as_it_always_was(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(value) == text.encode()


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, [None, "\udfff"]])
def test_canonical_json_refuses_half_characters(value):
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical(value)


@pytest.mark.parametrize("value", [NOW, CasePaused(), {1, 2}])
def test_canonical_json_refuses_what_is_no_json(value):
    with pytest.raises(TypeError, match="not JSON serializable"):
        canonical({"x": value})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_canonical_json_refuses_what_json_does_not_have(value: float):
    with pytest.raises(ValueError, match="Out of range float"):
        canonical({"x": value})


def test_an_empty_case_has_no_events():
    assert read_rows(CASE, []) == []


@pytest.mark.parametrize(
    ("text", "expected"), [(FIRST, True), ("0" * 63, False), ("G" * 64, False), (FIRST + "\n", False)]
)
def test_knows_a_chain_value(text: str, expected: bool):
    assert is_link(text) is expected


# --- damage ----------------------------------------------------------------------------


def _head(row: Row, **changes: object) -> Row:
    return replace(row, head=canonical({**read_head(row.head), **changes}))


def _body(row: Row, body: bytes) -> Row:
    """Give the row with another body whose hash fits: what only someone with the store's keys can do."""
    return _head(replace(row, body=body), body=sha256(body).hexdigest())


def _damaged(change: Callable[[list[Row]], object]) -> str:
    rows = rows_of(*[AnswerGiven("schade", str(number), "Geen") for number in range(1, 6)])
    changed = change(rows)
    with pytest.raises(TranscriptDamaged) as damage:
        read_rows(CASE, rows if changed is None else changed)
    return str(damage.value)


def test_a_chain_is_checked_without_its_bodies():
    rows = rows_of(CasePaused(), CasePaused(), CasePaused())
    read_heads(CASE, [replace(row, body=b"") for row in rows])
    with pytest.raises(TranscriptDamaged, match="event 2 does not follow"):
        read_heads(CASE, [rows[0], rows[2]])


def test_a_print_is_the_first_sixteen_digits():
    assert print_of("0123456789abcdef" * 4) == "0123456789abcdef"


def _put(rows: list[Row], place: int, row: Row) -> list[Row]:
    return [*rows[:place], row, *rows[place + 1 :]]


@pytest.mark.parametrize("place", range(5))
def test_names_the_event_whose_body_was_changed(place: int):
    found = _damaged(lambda rows: _put(rows, place, replace(rows[place], body=rows[place].body + b" ")))
    assert found == f"the body of event {place + 1} is not the one that was stored"


@pytest.mark.parametrize("place", range(4))
def test_names_the_event_after_one_that_was_left_out(place: int):
    assert (
        _damaged(lambda rows: rows[:place] + rows[place + 1 :])
        == f"event {place + 1} does not follow the one before it"
    )


@pytest.mark.parametrize("place", range(4))
def test_names_the_first_of_two_that_changed_places(place: int):
    found = _damaged(lambda rows: [*rows[:place], rows[place + 1], rows[place], *rows[place + 2 :]])
    assert found == f"event {place + 1} does not follow the one before it"


def test_names_an_event_that_is_there_twice():
    assert _damaged(lambda rows: [rows[0], *rows]) == "event 2 does not follow the one before it"


@pytest.mark.parametrize(
    "changes",
    [{"seq": 9}, {"seq": "3"}, {"case": "d" * 32}, {"prev": "1" * 64}, {"v": 2}],
    ids=str,
)
def test_names_an_event_with_another_place_case_or_version(changes: dict[str, object]):
    found = _damaged(lambda rows: _put(rows, 2, _head(rows[2], **changes)))
    assert found == "event 3 does not follow the one before it"


def test_names_an_event_that_the_store_gives_in_another_place():
    assert _damaged(lambda rows: _put(rows, 2, replace(rows[2], seq=7))) == "event 3 does not follow the one before it"


@pytest.mark.parametrize("changes", [{"at": "2026-11-23T09:00:00.000000Z"}, {"key": "1" * 64}, {"kind": "case.paused"}])
def test_a_changed_head_breaks_the_chain_at_the_next_event(changes: dict[str, str]):
    found = _damaged(lambda rows: _put(rows, 1, _head(rows[1], **changes)))
    assert found in ("event 3 does not follow the one before it", "event 2 cannot be read")


@pytest.mark.parametrize(
    "head",
    [b"", b"{", b"null", b"[]", b"{}", b"\xff", b'{"at":1}', b"\x00", b"9" * 5000, b"[" * 400 + b"]" * 400],
    ids=lambda head: repr(head[:9]),
)
def test_names_a_head_that_is_none(head: bytes):
    assert "a head" in _damaged(lambda rows: _put(rows, 1, replace(rows[1], head=head)))


@pytest.mark.parametrize("spelled", [b" %s", b"%s\n"])
def test_takes_a_head_only_as_it_was_written(spelled: bytes):
    assert "form of a head" in _damaged(lambda rows: _put(rows, 1, replace(rows[1], head=spelled % rows[1].head)))


def test_takes_no_head_with_a_key_more_or_less():
    row = rows_of(CasePaused())[0]
    head = read_head(row.head)
    for wrong in ({**head, "extra": 1}, {key: head[key] for key in HEAD_KEYS[1:]}):
        with pytest.raises(TranscriptDamaged, match="form of a head"):
            read_head(canonical(wrong))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"actor":{},"data":{}}',
        canonical({"actor": {"id": "a", "name": "", "function": "", "role": ""}, "data": {"question": 1}}),
        canonical({"actor": {"id": 1, "name": "", "function": "", "role": ""}, "data": {}}),
    ],
)
def test_names_an_event_whose_body_says_nothing(body: bytes):
    assert _damaged(lambda rows: _put(rows, 1, _body(rows[1], body))) == "event 2 cannot be read"


@pytest.mark.parametrize(
    ("data", "is_read"),
    [
        (b'{"advice":{"a":1,"b":[null,"\xc3\xa9"]}}', True),
        (b'{"advice":{"a":1,"b":[null, "\xc3\xa9"]}}', False),
        (b'{"advice":{"a":1,"b":[null,"\\u00e9"]}}', False),
        (b'{"advice":{"b":1,"a":1}}', False),
        (b'{"advice":{"a":1,"a":1}}', False),
        (b'{"advice":{"a":1e2}}', False),
        (b'{"advice":{"a":18446744073709551615}}', True),
        (b'{"advice":{"a":18446744073709551616}}', False),
        (b'{"advice":{"a":NaN}}', False),
        (b'{"advice":{"a":1e400}}', False),
        (b'{"advice":{"a":"\\ud800"}}', False),
        (b'{"advice":{"a":"\xed\xa0\x80"}}', False),
        (b'{"advice":{"a":' + b"[" * 400 + b"]" * 400 + b"}}", False),
        (b'{"advice":{"a":' + b"[" * 4000 + b"]" * 4000 + b"}}", False),
    ],
    ids=lambda value: repr(value[11:40]) if isinstance(value, bytes) else "",
)
def test_takes_a_body_only_as_it_was_written(data: bytes, is_read: bool):
    (row,) = rows_of(AdviceGiven({}))
    changed = _body(row, row.body.replace(b'{"advice":{}}', data))
    if is_read:
        assert read_rows(CASE, [changed])[0].event == AdviceGiven(json.loads(data)["advice"])
        return
    with pytest.raises(TranscriptDamaged, match="event 1 cannot be read"):
        read_rows(CASE, [changed])


@pytest.mark.parametrize("changes", [{"kind": "case.invented"}, {"kind": 7}, {"at": "gisteren"}, {"at": None}])
def test_names_an_event_of_an_unknown_kind_or_moment(changes: dict[str, object]):
    assert _damaged(lambda rows: _put(rows, 4, _head(rows[4], **changes))) == "event 5 cannot be read"


@given(st.data())
def test_no_changed_bit_goes_unnoticed(data: st.DataObject):
    rows = rows_of(*[AnswerGiven("schade", str(number), "Geen") for number in range(1, 4)], CasePaused())
    place = data.draw(st.integers(0, len(rows) - 1))
    part = data.draw(st.sampled_from(["head", "body"]))
    content = bytearray(getattr(rows[place], part))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = _put(rows, place, replace(rows[place], **{part: bytes(content)}))
    if part == "head" and place == len(rows) - 1:
        # Nothing follows the last head: that is what the print outside is for.
        assert changed[-1].link != rows[-1].link
        return
    with pytest.raises(TranscriptDamaged):
        read_rows(CASE, changed)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_rubbish_is_damage_and_nothing_else(head: bytes, body: bytes):
    with pytest.raises(TranscriptDamaged):
        read_rows(CASE, [Row(1, head, body)])


def test_damage_is_told_without_content():
    secret = "kanarie-77"
    (row,) = rows_of(AnswerGiven("schade", secret, secret))
    for changed in (replace(row, body=row.body + b"x"), _head(row, kind="x"), replace(row, head=row.head + b" ")):
        with pytest.raises(TranscriptDamaged) as damage:
            read_rows(CASE, [changed])
        assert secret not in str(damage.value)
