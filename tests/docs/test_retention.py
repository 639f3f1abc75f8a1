"""`docs/retention.md` says what the tables of retention say."""

import re
from pathlib import Path

from dialogs.keeping import read_typed
from state.keeping import LAPSE, WAIT
from state.retention import CATEGORIES, CATEGORY_OF

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "retention.md").read_text("utf-8")


def test_every_category_stands_on_the_page_with_its_name_appraisal_and_term():
    rows = re.findall(r"^\| `([\d.]+)` \| (.+) \| ([VB]) \| (\d+|blijvend) \|$", PAGE, re.MULTILINE)
    assert rows == [
        (one.code, one.name.nl, one.appraisal, "blijvend" if one.years is None else str(one.years))
        for one in CATEGORIES.values()
    ]


def test_every_step_stands_on_the_page_with_its_category():
    rows = re.findall(r"^\| `([a-z_]+)` \| `([\d.]+)` \|$", PAGE, re.MULTILINE)
    assert dict(rows) == dict(CATEGORY_OF)
    assert len(rows) == len(CATEGORY_OF)


def test_the_days_on_the_page_are_those_of_the_program():
    assert (WAIT.days, LAPSE.days) == (7, 30)
    assert "Zeven dagen bedenktijd" in PAGE
    assert "dertig dagen\n   na het voorstel" in PAGE


def test_the_steps_without_an_option_are_counted_rightly(framework):
    without = [step.id for step in framework.framework.steps if step.done_when is None]
    assert len(without) == 13
    assert "dertien stappen" in PAGE
    assert "Thirteen steps" in PAGE


def test_every_command_on_the_page_is_understood():
    commands = re.findall(r"^\| `([^`]+)` \| (?:`(\w+)`)? ?\| ", PAGE.partition("## In de chat")[2], re.MULTILINE)
    assert len(commands) == 7
    for dutch, english in commands:
        assert read_typed(dutch) is not None
        number = re.search(r"IL-.*", dutch)
        assert not english or read_typed(f"{english} {number[0]}" if number else english) is not None
