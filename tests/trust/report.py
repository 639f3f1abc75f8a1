"""What the trust suites measured, one line each; `scripts/trust` runs them with the nightly figures."""

import json
import os
import platform
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ROOT / "build" / "trust"
PUBLISHED = ROOT / "docs" / "trust-report.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- trust -->", "<!-- /trust -->"
NIGHTLY = os.environ.get("TRUST_FIGURES") == "nightly"
# One seed for everything that is drawn; a run with another one is `TRUST_SEED=... scripts/trust`.
SEED = int(os.environ.get("TRUST_SEED", "20261123"))

_lines: dict[str, str] = {}


def figure(ci: int, nightly: int) -> int:
    """Give how often something is tried: in every run, or in the nightly one."""
    return nightly if NIGHTLY else ci


def say(suite: str, line: str) -> None:
    """Keep the one line of a suite: what was tried, and what was found. Said only after every check held."""
    _lines[suite] = line


def lines() -> list[str]:
    """Give the lines of the suites that ran to their end, in the test plan's order."""
    return [f"{suite}: {_lines[suite]}" for suite in sorted(_lines, key=lambda name: int(name[1:]))]


def write() -> None:
    """Write the report of this run, for people and for programs."""
    if not _lines:
        return
    WRITTEN.mkdir(parents=True, exist_ok=True)
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "figures": "nightly" if NIGHTLY else "every run",
        "seed": SEED,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "weegwijzer": version("weegwijzer"),
    }
    report = {**about, "suites": dict(sorted(_lines.items(), key=lambda item: int(item[0][1:])))}
    (WRITTEN / "trust-report.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    text = "\n".join(f"- {line}" for line in lines())
    told = ", ".join(f"{name} {value}" for name, value in about.items())
    (WRITTEN / "trust-report.md").write_text(f"# What the trust suites measured\n\n{text}\n\n{told}\n", "utf-8")


def publish() -> None:
    """Put the lines of the last whole run where people find them, and into the README, which quotes them."""
    report = json.loads((WRITTEN / "trust-report.json").read_text("utf-8"))
    text = "\n".join(f"- {suite}: {line}" for suite, line in report["suites"].items())
    about = f"Made by `python -m tests.trust.report` after `scripts/test`; figures of {report['figures']}."
    PUBLISHED.write_text(f"# What the trust suites measured\n\n{about}\n\n{text}\n", "utf-8")
    before, rest = README.read_text("utf-8").split(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", "utf-8")


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    publish()
    sys.stdout.write(PUBLISHED.read_text("utf-8"))
