"""`weegwijzer framework`: check a framework file, advise with it, draw it."""

import json
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.refusal import Refusal
from state.advice import Advice, to_json
from state.compiled import CompiledFramework, compile_framework
from state.errors import AnswerError, FrameworkError
from state.graph import to_mermaid
from state.nodes import read_nodes
from state.questionnaire import YEARS, asked, check_answer
from state.reader import read_framework
from state.weighing import missing, weigh, weigh_for_channel

app = typer.Typer(help="Check a framework file, advise with it, draw it.")
commands = typer.Typer()
commands.add_typer(app, name="framework")

File = Annotated[Path, typer.Argument(metavar="FILE", help="A framework file (framework.yaml).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Print every mistake in a framework file as file:line:column, with what would be right."""
    text = _text(file)
    try:
        framework = read_framework(text, str(file))
    except FrameworkError as error:
        _print_findings(error, as_json)
        raise typer.Exit(1) from None
    if as_json:
        print(json.dumps({"file": str(file), "findings": []}))
        return
    print(
        f"{file}: no findings. {framework.id} {framework.version} ({framework.status}): "
        f"{len(framework.questions)} questions, {len(framework.steps)} steps, {len(framework.rules)} rules, "
        f"{len(framework.sources)} sources."
    )


@app.command()
def advise(
    file: File,
    answers: Annotated[Path, typer.Option(metavar="ANSWERS", help="JSON or YAML: {now, answers}.")],
    as_json: AsJson = False,
) -> None:
    """Evaluate answers without a conversation."""
    compiled = _framework(file)
    now, given = read_answers(answers, compiled)
    advice = weigh(compiled, given, now)
    found = to_json(advice, weigh_for_channel(compiled, given, now), missing(compiled, given, now))
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _print_advice(advice, compiled)


@app.command()
def graph(file: File) -> None:
    """Print the question flow as a mermaid flowchart."""
    print(to_mermaid(_framework(file).framework), end="")


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(f"{file}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise Refusal(f"{file}: cannot be read ({error.strerror}); check the path") from None


def _framework(file: Path) -> CompiledFramework:
    text = _text(file)
    try:
        return compile_framework(read_framework(text, str(file)), sha256(text.encode()).hexdigest())
    except FrameworkError as error:
        raise Refusal(f"{error.in_short()}; see `weegwijzer framework check`") from None


def read_answers(file: Path, compiled: CompiledFramework) -> tuple[datetime, dict[str, str | tuple[str, ...]]]:
    """Give the moment and the answers that a file holds; raises Refusal in one line."""
    content = _json_or_yaml(file)
    if not isinstance(content, dict) or set(content) != {"now", "answers"}:
        raise Refusal(f'{file}: expected {{"now": "<ISO time with zone>", "answers": {{...}}}} and nothing else')
    if not isinstance(content["answers"], dict):
        raise Refusal(f"{file}: `answers` must hold question ids with their answers")
    return _now(file, content["now"]), _given(file, content["answers"], compiled)


def _json_or_yaml(file: Path) -> Any:
    text = _text(file)
    # Not as YAML, which does not take JSON's two escapes for one character (an emoji, as many programs write it).
    with suppress(ValueError, RecursionError):
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_each_once)
    # Whatever is wrong with it is told with its place.
    tree = read_nodes(text)
    if tree.findings:
        first = tree.findings[0]
        raise Refusal(f"{file}:{first.line}:{first.column}: {first.message}")
    return tree.value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError
    return found


def _now(file: Path, value: Any) -> datetime:
    try:
        now = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refusal(f"{file}: `now` must be an ISO time, as in 2026-11-23T10:00:00+01:00") from None
    if now.year not in YEARS:
        raise Refusal(f"{file}: the year of `now` must be one from {YEARS[0]} to {YEARS[-1]}")
    if now.tzinfo is None:
        raise Refusal(f"{file}: `now` needs a zone, as in 2026-11-23T10:00:00+01:00")
    return now


def _given(file: Path, answers: dict[str, Any], compiled: CompiledFramework) -> dict[str, str | tuple[str, ...]]:
    try:
        given = {question: check_answer(compiled, question, value) for question, value in answers.items()}
    except AnswerError as error:
        raise Refusal(f"{file}: {error}") from None
    path = asked(compiled, given)
    for question in given:
        if question not in path:
            raise Refusal(f"{file}: question {question!r} does not apply with these answers; leave it out")
    return given


def _print_findings(error: FrameworkError, as_json: bool) -> None:
    if not as_json:
        print("\n".join(str(finding) for finding in error.findings))
        return
    findings = [
        {"line": finding.line, "column": finding.column, "message": finding.message} for finding in error.findings
    ]
    print(json.dumps({"file": error.findings[0].file, "findings": findings}, ensure_ascii=False, indent=1))


def _print_advice(advice: Advice, compiled: CompiledFramework) -> None:
    framework = compiled.framework
    table = Table(title=f"{framework.title.nl} {framework.version} ({framework.status})")
    for column in ("Stap", "Graad", "Regels", "Wie besluit"):
        table.add_column(column, overflow="fold")
    order = sorted(framework.steps, key=lambda step: -framework.rank_of[advice.steps[step.id].grade])
    for step in order:
        found = advice.steps[step.id]
        grade = framework.grade_by_id[found.grade]
        done = " (al gedaan)" if found.done else ""
        table.add_row(step.name.nl + done, f"{grade.glyph} {grade.name.nl}", ", ".join(found.rules), found.decider.nl)
    console = Console()
    console.print(table)
    for key, deadline in advice.deadlines.items():
        due = deadline.due.strftime("%d-%m-%Y %H:%M") if deadline.due else "geen tijdstip"
        console.print(f"Termijn {framework.deadline_by_id[key].name.nl}: {due} ({deadline.status})")
    for stop in advice.stops:
        console.print(f"Grens {framework.stop_by_id[stop].name.nl}: {framework.stop_by_id[stop].text.nl}")
    console.print(
        "Hulpmiddel bij de afweging. Feiten en omstandigheden verschillen per geval: "
        "er zijn geen standaardacties. Mensen besluiten."
    )
