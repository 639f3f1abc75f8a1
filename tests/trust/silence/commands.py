"""Many commands of the real program in one go: everything is imported once, and each command has a fork of its own.

Reads a list of `{arguments, env, heard}` from the file that it is given; writes exit code and words where `heard` says.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import bot.app  # noqa: F401  # what takes its time to import
from bot.cli.program import main


def _run(job: dict[str, Any]) -> None:
    """Be the program until its end."""
    heard = os.open(job["heard"], os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(heard, 1)
    os.dup2(heard, 2)
    os.environ.update(job["env"])
    sys.argv = ["weegwijzer", *job["arguments"]]
    main()


if __name__ == "__main__":
    for number, each in enumerate(json.loads(Path(sys.argv[1]).read_text("utf-8"))):
        child = os.fork()
        if child == 0:
            _run(each)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        Path(f"{sys.argv[1]}.{number}").write_text(str(code), "ascii")
