"""The Teams app package: valid against Microsoft's schema, the same bytes each time."""

import json
import struct
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from bot.cli.program import with_command
from bot.cli.refusal import Refusal

ROOT = Path(__file__).resolve().parents[3]
APP_ID = "22222222-2222-4222-8222-222222222222"


def build(out: Path, *more: str) -> None:
    arguments = ["manifest", "build", "--out", str(out), "--app-id", APP_ID, *more]
    result = CliRunner().invoke(with_command("manifest"), arguments)
    if isinstance(result.exception, Refusal):
        raise result.exception
    assert result.exit_code == 0


def test_the_manifest_is_valid_against_the_official_schema(tmp_path: Path) -> None:
    build(tmp_path / "app.zip", "--domain", "weegwijzer.gemeente.nl")
    manifest = json.loads(zipfile.ZipFile(tmp_path / "app.zip").read("manifest.json"))
    schema = json.loads((ROOT / "manifest/schema/MicrosoftTeams.v1.25.schema.json").read_text("utf-8"))
    # The schema holds an ECMA regular expression that Python cannot compile; it is about no field of ours.
    assert not list(Draft7Validator(_without_ecma(schema)).iter_errors(manifest))
    assert manifest["bots"][0]["botId"] == APP_ID
    assert all(len(commands["commands"]) <= 10 for commands in manifest["bots"][0]["commandLists"])


def test_the_package_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    build(tmp_path / "a.zip")
    build(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_every_dutch_command_has_its_english_twin() -> None:
    manifest = json.loads((ROOT / "manifest/manifest.json").read_text("utf-8"))
    english = json.loads((ROOT / "manifest/en.json").read_text("utf-8"))
    for position, commands in enumerate(manifest["bots"][0]["commandLists"]):
        for place in range(len(commands["commands"])):
            assert f"bots[0].commandLists[{position}].commands[{place}].title" in english


@pytest.mark.parametrize(("name", "size"), [("color.png", 192), ("outline.png", 32)])
def test_the_icons_have_the_size_that_teams_asks(name: str, size: int) -> None:
    content = (ROOT / "manifest" / name).read_bytes()
    assert struct.unpack(">II", content[16:24]) == (size, size)


def test_the_app_id_is_that_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text(f"MicrosoftAppId={APP_ID}\n")
    result = CliRunner().invoke(with_command("manifest"), ["manifest", "build", "--out", "app.zip"])
    assert (result.exception, result.stdout) == (None, f"app.zip: 4 files, app id {APP_ID}\n")
    Path(".env").write_text("MicrosoftAppId=weegwijzer\n")
    result = CliRunner().invoke(with_command("manifest"), ["manifest", "build", "--out", "app.zip"])
    assert "MicrosoftAppId: this is no id" in str(result.exception)


@pytest.mark.parametrize("more", [("--app-id", "geen-guid"), ("--domain", "geen domein")])
def test_refuses_what_teams_would_refuse(tmp_path: Path, more: tuple[str, str]) -> None:
    with pytest.raises(Refusal):
        build(tmp_path / "app.zip", *more)


def _without_ecma(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_ecma(one) for key, one in value.items() if not (key == "pattern" and "\\p{" in str(one))}
    return [_without_ecma(one) for one in value] if isinstance(value, list) else value
