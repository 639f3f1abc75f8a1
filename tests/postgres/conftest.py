"""What the tests with PostgreSQL counted, at the end of a run."""

from typing import Any

from tests.postgres import figures


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print each test's line."""
    if figures.said:
        terminalreporter.section("PostgreSQL")
        for line in figures.said:
            terminalreporter.write_line(line)
