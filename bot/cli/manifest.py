"""`weegwijzer manifest`: the Teams app package."""

import json
import re
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.refusal import Refusal
from bot.errors import SettingsError
from bot.settings import read_app_id

app = typer.Typer(help="Build the Teams app package.")
commands = typer.Typer()
commands.add_typer(app, name="manifest")

_SOURCE = Path(__file__).resolve().parents[2] / "manifest"
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
# Zip files carry times; a fixed one makes the same package the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@app.callback()
def _group() -> None:
    """Build the Teams app package."""


@app.command()
def build(
    out: Annotated[Path, typer.Option(metavar="FILE.zip", help="Where to write the package.")],
    app_id: Annotated[str, typer.Option(help="The bot's app id; MicrosoftAppId when left out.")] = "",
    domain: Annotated[str, typer.Option(help="The municipality's own domain.")] = "weegwijzer.example",
) -> None:
    """Write the app package for the Teams admin centre."""
    given = app_id or _of_settings()
    if not _GUID.fullmatch(given):
        raise Refusal("the app id is missing or no GUID; give --app-id or set MicrosoftAppId")
    if not _DOMAIN.fullmatch(domain):
        raise Refusal(f"--domain {domain!r} is no domain name; give one such as weegwijzer.gemeente.nl")
    files = package(given.lower(), domain)
    try:
        _write(out, files)
    except OSError as error:
        raise Refusal(f"{out}: cannot be written ({error.strerror}); check the folder") from None
    print(f"{out}: {len(files)} files, app id {given.lower()}")


def _of_settings() -> str:
    try:
        return read_app_id()
    except SettingsError as error:
        raise Refusal(str(error)) from None


def package(app_id: str, domain: str) -> dict[str, bytes]:
    """Give the files of the package by name."""
    text = (_SOURCE / "manifest.json").read_text("utf-8")
    manifest = json.loads(text.replace("{{app_id}}", app_id).replace("{{domain}}", domain))
    return {
        "color.png": (_SOURCE / "color.png").read_bytes(),
        "en.json": (_SOURCE / "en.json").read_bytes(),
        "manifest.json": json.dumps(manifest, ensure_ascii=False, indent=2).encode(),
        "outline.png": (_SOURCE / "outline.png").read_bytes(),
    }


def _write(out: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content)
