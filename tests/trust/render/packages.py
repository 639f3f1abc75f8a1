"""The renderer's packages: fetched once from the package index into `.demo`, each held to its hash.

`python -m tests.trust.render.packages` fetches them; nothing of them is kept in this project.
"""

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from bot.demo.playground import node_env, node_folder, npm_command
from bot.demo.run import HOME
from bot.errors import SettingsError

HERE = Path(__file__).parent
_PINS = ("package.json", "package-lock.json")
SCRIPTS = ("adaptivecards/dist/adaptivecards.min.js", "markdown-it/dist/markdown-it.min.js")


def scripts() -> list[Path]:
    """Give the scripts that a page needs to draw cards; loud when they were not fetched."""
    found = [_folder() / "node_modules" / script for script in SCRIPTS]
    assert all(script.is_file() for script in found), "the renderer was not fetched; scripts/test does it"
    return found


def fetch() -> None:
    """Fetch the packages of the lock file, unless they are there; raises SettingsError."""
    folder = _folder()
    if all((folder / "node_modules" / script).is_file() for script in SCRIPTS):
        return
    print("Fetching the renderer of Adaptive Cards for the tests; this happens once.", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PINS:
        shutil.copyfile(HERE / name, folder / name)
    node = node_folder()
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--ignore-scripts"]
    done = subprocess.run(
        [*npm_command(node), "ci", *quiet], cwd=folder, env=node_env(node), stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise SettingsError("the renderer of Adaptive Cards could not be fetched; is the package index within reach?")


def _folder() -> Path:
    """Give where they stand: another place for other pins, so that an old fetch is never taken for the new."""
    pins = sha256(b"".join((HERE / name).read_bytes() for name in _PINS)).hexdigest()
    return HOME / f"renderer-{pins[:12]}"


if __name__ == "__main__":
    try:
        fetch()
    except SettingsError as error:
        sys.exit(f"weegwijzer: {error}")
