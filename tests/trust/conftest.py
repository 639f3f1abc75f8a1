"""The report of the trust suites at the end of a run."""

from typing import Any

from tests.trust import report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print each suite's line, and write the report."""
    found = report.lines()
    if not found:
        return
    terminalreporter.section("trust")
    for line in found:
        terminalreporter.write_line(line)
    report.write()
