"""The program as a person meets it: exit codes, one line for wrong use, never a traceback."""

import json
import sys
from pathlib import Path

import pytest

from bot.cli.program import main
from bot.shelf import PUBLISHED

FRAMEWORK = str(PUBLISHED / "2.0" / "framework.yaml")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a command and give its exit code."""
    monkeypatch.setattr(sys, "argv", ["weegwijzer", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("framework",), "Missing command"),
        (("framework", "chek"), "'check'"),
        (("framework", "check"), "FILE"),
        (("framework", "check", "--nope", FRAMEWORK), "--nope"),
        (("framework", "check", FRAMEWORK, "another"), "another"),
        (("framework", "advise", FRAMEWORK), "--answers"),
        (("dossier", "export"), "--out"),
        (("serve", "now"), "now"),
        (("nope",), "nope"),
    ],
)
def test_wrong_use_is_one_line_that_says_where_the_right_use_stands(
    arguments: tuple[str, ...], names: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, *arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("weegwijzer: ")
    assert names in err
    assert "--help`" in err


def test_a_wrong_moment_for_the_demo_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "demo", "--now", "morgen") == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "weegwijzer: --now: 'morgen' is no moment; write for example 2026-11-25 22:00\n")


def test_the_help_of_the_demo_names_the_moment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "demo", "--help") == 0
    assert "--now MOMENT" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [(), ("--help",), ("framework", "--help"), ("framework", "advise", "--help"), ("dossier", "--help")],
)
def test_help_says_how_to_use_it(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, *arguments) == 0
    assert capsys.readouterr().out.startswith("Usage: weegwijzer")


def test_every_command_of_the_help_is_found_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--help") == 0
    lines = capsys.readouterr().out.partition("Commands:\n")[2].splitlines()
    names = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert {"serve", "demo", "dossier", "db", "backup"} <= set(names)
    for name in names:
        assert run(monkeypatch, name, "--help") == 0
        assert capsys.readouterr().out.startswith(f"Usage: weegwijzer {name}")


def test_a_mistake_of_ours_is_one_line_without_the_words_of_the_exception(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("kanarie")

    monkeypatch.setattr("bot.cli.framework.read_framework", broken)
    assert run(monkeypatch, "framework", "check", FRAMEWORK) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "went wrong inside: ValueError at test_program.py:" in err
    assert "kanarie" not in err


# --- framework ---------------------------------------------------------------------------------------------


def test_check_says_what_a_good_file_holds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "framework", "check", FRAMEWORK) == 0
    assert "31 questions, 23 steps, 165 rules, 58 sources" in capsys.readouterr().out
    assert run(monkeypatch, "framework", "check", FRAMEWORK, "--json") == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []


def test_check_prints_every_mistake_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.yaml"
    text = Path(FRAMEWORK).read_text("utf-8").replace("asked_when: always", "asked_wen: always", 1)
    broken.write_text(text.replace("type: single", "type: sinlge", 1), "utf-8")
    assert run(monkeypatch, "framework", "check", str(broken)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith(f"{broken}:") for line in lines)
    assert run(monkeypatch, "framework", "check", str(broken), "--json") == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [set(finding) for finding in findings] == [{"line", "column", "message"}] * len(lines)


def test_a_broken_framework_is_never_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: x\n", "utf-8")
    assert run(monkeypatch, "framework", "graph", str(broken)) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert f"{broken}:1:" in err


def test_graph_is_a_mermaid_flowchart(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "framework", "graph", FRAMEWORK) == 0
    assert capsys.readouterr().out.startswith("flowchart TD\n")


def answers_file(folder: Path, text: str) -> str:
    """Keep answers in a file and give its path."""
    file = folder / "answers.yaml"
    file.write_text(text, "utf-8")
    return str(file)


def test_advise_evaluates_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = answers_file(tmp_path, '{"now": "2026-11-23T10:00:00+01:00", "answers": {"eigen_betrokkenheid": "nee"}}')
    assert run(monkeypatch, "framework", "advise", FRAMEWORK, "--answers", file, "--json") == 0
    advice = json.loads(capsys.readouterr().out)
    assert advice["asked"][0] == "eigen_betrokkenheid"
    assert run(monkeypatch, "framework", "advise", FRAMEWORK, "--answers", file) == 0
    assert "geen standaardacties" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_answers_are_json_as_programs_write_it(
    start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # An emoji is two escapes in JSON, which are none in YAML.
    content = json.dumps({"now": "2026-11-23T10:00:00+01:00", "answers": {"omschrijving": "Gelekt \U0001f600"}})
    assert "\\ud83d\\ude00" in content
    file = answers_file(tmp_path, start + content)
    assert run(monkeypatch, "framework", "advise", FRAMEWORK, "--answers", file, "--json") == 0
    missing = json.loads(capsys.readouterr().out)["missing"]
    assert "omschrijving" not in [one["question"] for one in missing]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "empty"),
        ('{"now": "2026-11-23T10:00:00+01:00", "answers": {"spoed": "ja", "spoed": "nee"}}', ":1:65: the key 'spoed'"),
        ('{"now": "2026-11-23T10:00:00+01:00", "answers": {"omschrijving": "\\ud83d"}}', "omschrijving"),
        ('{"now": "2026-11-23T10:00:00+01:00", "answers": {"\\ud83d": "ja"}}', "no question"),
        ('{"now": ' + "[" * 100_000, "nested deeper"),
        ('{"now": ' + "9" * 5_000 + ', "answers": {}}', "now"),
        ("[]", "now"),
        ("{now: 2026-11-23T10:00:00+01:00}", "answers"),
        ("{now: 2026-11-23T10:00:00+01:00, answers: {}, more: 1}", "answers"),
        ("{now: 2026-11-23T10:00:00+01:00, answers: []}", "answers"),
        ("{now: yesterday, answers: {}}", "now"),
        ("{now: '2026-11-23T10:00:00', answers: {}}", "zone"),
        ("{now: '0001-01-01T00:00:00+14:00', answers: {}}", "year"),
        ("{now: '9999-12-31T23:59:59+00:00', answers: {}}", "year"),
        ("{now: 2026-11-23T10:00:00+01:00, answers: {bekend_sinds: '9999-12-31T23:59:59-14:00'}}", "bekend_sinds"),
        ("{now: 2026-11-23T10:00:00+01:00, answers: {nope: ja}}", "nope"),
        ("{now: 2026-11-23T10:00:00+01:00, answers: {spoed: misschien}}", "spoed"),
        ("{now: 2026-11-23T10:00:00+01:00, answers: {spoed: [ja]}}", "spoed"),
        ("{now: 2026-11-23T10:00:00+01:00, answers: {bekend_sinds: gisteren}}", "bekend_sinds"),
        ("{now: [", ":1:"),
    ],
)
def test_answers_that_cannot_be_read_are_one_line(
    text: str, names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "framework", "advise", FRAMEWORK, "--answers", answers_file(tmp_path, text)) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert names in err


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_one_line(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "framework.yaml"
    if content is not None:
        file.write_bytes(content)
    assert run(monkeypatch, "framework", "check", str(file)) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert str(file) in err


def test_several_faults_in_one_line_stand_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "nul")
    monkeypatch.setenv("WEEGWIJZER_MODE", "lokaal")
    assert run(monkeypatch, "serve") == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "use local or production | " in err
