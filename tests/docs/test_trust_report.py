"""The README quotes the trust report and nothing else, and the report has every suite of the test plan."""

import re

from tests.trust.report import BEGIN, END, PUBLISHED, README, ROOT

LINE = re.compile(r"^- (E\d+): .+$", re.MULTILINE)


def quoted() -> str:
    """Give what the README quotes."""
    return README.read_text("utf-8").split(BEGIN)[1].split(END)[0]


def test_the_readme_quotes_the_report_word_for_word():
    report = PUBLISHED.read_text("utf-8")
    assert [match.group() for match in LINE.finditer(quoted())] == [match.group() for match in LINE.finditer(report)]


def test_every_suite_of_the_plan_has_its_line():
    # E24, the soak, is a command of its own.
    assert LINE.findall(PUBLISHED.read_text("utf-8")) == [f"E{n}" for n in range(1, 26) if n != 24]


def test_every_suite_stands_in_a_file_of_its_number():
    files = {int(path.name[6:8]) for path in (ROOT / "tests" / "trust").glob("test_e*.py")}
    assert files == set(range(1, 26)) - {24}
