import logging
import os
from pathlib import Path

import pytest

from bot.access.people import AccessFile, read_people
from bot.errors import SettingsError
from bot.ports import Role
from tests.bot.fakes_teams import ANJA, BRAM, TENANT, Clock

GOOD = f"""\
tenants: [{TENANT}]
people:
  - id: {ANJA.upper()}
    name: Anja de Vries
    function: gemeentesecretaris
    roles: [assessor, decider]
  - id: {BRAM}
    name: Bram Jansen
    function: wethouder
    roles: [decider]
    in_channel: false
"""


def test_people_have_their_roles_and_are_in_the_channel_unless_said_otherwise():
    listed = read_people(GOOD, "access.yaml")
    assert listed.tenants == {TENANT}
    assert listed.people[ANJA].roles == {Role.ASSESSOR, Role.DECIDER}
    assert listed.people[ANJA].in_channel
    assert not listed.people[BRAM].in_channel


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("roles: [decider]", "roles: [boss]", "access.yaml:10: no such role; use one of assessor"),
        ("roles: [decider]", "roles: decider", "access.yaml:10: expected a list"),
        ("roles: [decider]", "roles: []", "access.yaml:10: expected a list with at least one entry"),
        ("    function: wethouder\n", "", "access.yaml:7: function is missing; add it"),
        ("    roles: [decider]\n", "", "access.yaml:7: roles is missing; add it"),
        ("function: wethouder", "functie: wethouder", "access.yaml:9: no such key; use id, name"),
        ("name: Bram Jansen", "name: 12", "access.yaml:8: expected a text"),
        ("name: Bram Jansen", "name: ''", "access.yaml:8: expected a text"),
        (f"id: {BRAM}", "id: bram", "access.yaml:7: this is no Entra id"),
        (f"id: {BRAM}", f"id: {BRAM}0", "access.yaml:7: this is no Entra id"),
        (f"id: {BRAM}", f"id: {ANJA}", "access.yaml:7: this person stands here twice"),
        ("in_channel: false", "in_channel: no", "access.yaml:11: in_channel is true or false"),
        ("in_channel: false", "in_channel: false\n    in_channel: true", "access.yaml:12: the key stands here twice"),
        (f"[{TENANT}]", "[gemeente.nl]", "access.yaml:1: this is no Entra id"),
        (f"[{TENANT}]", "[]", "access.yaml:1: expected a list"),
        (f"tenants: [{TENANT}]\n", "", "access.yaml:1: tenants is missing"),
        ("people:", "persons:", "access.yaml:2: no such key; use tenants, people"),
        ("people:", "people: x\nmensen:", "access.yaml:2: expected a list"),
        ("people:", "people: *x\nmensen:", "anchors and aliases are not allowed"),
        (GOOD, "", "access.yaml:1: the file is empty"),
        (GOOD, "- a\n", "access.yaml:1: expected the keys tenants, people"),
        (GOOD, "a: [", "access.yaml:2: this is not YAML"),
        ("  - id:", "  -id:", "this is not YAML"),
    ],
)
def test_a_mistake_is_shown_with_its_line_and_how_to_mend_it(old: str, new: str, expected: str):
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        read_people(GOOD.replace(old, new, 1), "access.yaml")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    ["Bram O'Jansen: 1\n    Bram O'Jansen: 2", "'Bram \"B\" Jansen': 1\n    'Bram \"B\" Jansen': 2", "x: !Bram y"],
)
def test_a_mistake_around_a_name_is_shown_without_the_name(wrong: str):
    with pytest.raises(SettingsError, match=r"^access\.yaml:\d+: the (key|tag)") as caught:
        read_people(GOOD + f"    {wrong}\n", "access.yaml")
    assert "Bram" not in str(caught.value)


def test_all_mistakes_are_shown_at_once():
    with pytest.raises(SettingsError) as caught:
        read_people(GOOD.replace("[decider]", "[boss]").replace(TENANT, "x"), "access.yaml")
    assert len(str(caught.value).splitlines()) == 2


# --- taken over while the bot runs -------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "access.yaml"
    file.write_text(GOOD)
    return file


def _rewrite(path: Path, text: str) -> None:
    """Write as an editor does: a new file in the old one's place."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def test_a_change_counts_within_a_second(path: Path):
    clock = Clock()
    file = AccessFile(path, clock)
    _rewrite(path, GOOD.replace(BRAM, "33333333-3333-4333-8333-333333333339"))
    clock.now += 0.9
    assert BRAM in file.people().people
    clock.now += 0.1
    assert BRAM not in file.people().people


def test_a_broken_edit_keeps_those_who_still_stand_in_it(path: Path, caplog: pytest.LogCaptureFixture):
    clock = Clock()
    file = AccessFile(path, clock)
    _rewrite(path, GOOD.replace("[assessor, decider]", "[asessor]"))
    clock.now += 1
    with caplog.at_level(logging.INFO):
        assert set(file.people().people) == {ANJA, BRAM}
    assert [record.message for record in caplog.records] == ["access_file_broken"]
    assert ANJA not in caplog.text


def test_a_broken_edit_does_not_keep_someone_it_removes(path: Path):
    clock = Clock()
    file = AccessFile(path, clock)
    removed = GOOD[: GOOD.index(f"  - id: {BRAM}")]
    _rewrite(path, removed + "  - oops\n")
    clock.now += 1
    assert set(file.people().people) == {ANJA}


def test_a_broken_edit_does_not_keep_someone_it_puts_in_a_comment(path: Path):
    clock = Clock()
    file = AccessFile(path, clock)
    _rewrite(path, f"# - id: {BRAM}\n- id: {ANJA}\n")
    clock.now += 1
    assert set(file.people().people) == {ANJA}


def test_someone_new_in_a_broken_edit_gets_nothing(path: Path):
    clock = Clock()
    file = AccessFile(path, clock)
    _rewrite(path, GOOD + "  - id: 33333333-3333-4333-8333-333333333339\n")
    clock.now += 1
    assert set(file.people().people) == {ANJA, BRAM}


def test_a_file_that_is_gone_lets_nobody_in_until_it_is_back(path: Path):
    clock = Clock()
    file = AccessFile(path, clock)
    path.unlink()
    clock.now += 1
    assert not file.people().people
    path.write_text(GOOD)
    clock.now += 1
    assert set(file.people().people) == {ANJA, BRAM}


def test_after_a_broken_edit_a_good_one_counts(path: Path):
    clock = Clock()
    file = AccessFile(path, clock)
    for text in ("x", GOOD):
        _rewrite(path, text)
        clock.now += 1
        file.people()
    assert set(file.people().people) == {ANJA, BRAM}


def test_an_edit_of_the_same_length_within_a_clock_tick_is_seen(path: Path):
    clock = Clock()
    stat = path.stat()
    file = AccessFile(path, clock)
    _rewrite(path, GOOD.replace("[decider]", "[auditor]"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    clock.now += 1
    assert file.people().people[BRAM].roles == {Role.AUDITOR}


@pytest.mark.parametrize("content", [None, b"tenants: \xff"])
def test_a_start_without_a_readable_file_is_refused(content: bytes | None, tmp_path: Path):
    file = tmp_path / "access.yaml"
    if content:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"access\.yaml: "):
        AccessFile(file)
