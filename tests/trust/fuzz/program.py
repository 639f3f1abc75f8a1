"""One fuzzer as a program: `python -m tests.trust.fuzz.program NAME --runs N`; it ends with 0 when nothing crashed.

With atheris (Linux on x86-64) the inputs are led by what they reach in our code; elsewhere the same mutations are
tried at random. An input that crashes a reader is kept under `found/`, where the tests read it for ever after.
"""

import argparse
import importlib
import os
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from tests.trust import report
from tests.trust.fuzz.target import FOUND, Target

# By the clock on the wall: a machine that is busy with something else must not look like a reader that hangs.
_TOO_LONG_SECONDS = 600
_MOST_MEGABYTES = 2_048
_OURS = ["bot", "dialogs", "state", "tests.trust.fuzz.planted"]


def atheris_or_none() -> Any:
    """Give the library that leads the fuzzers, or None where there is none."""
    try:
        return importlib.import_module("atheris")
    except ImportError:
        return None


def main() -> None:
    """Fuzz one reader as often as asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--found", type=Path, default=FOUND)
    parser.add_argument("--at-random", action="store_true")
    asked = parser.parse_args()
    (asked.found / asked.name).mkdir(parents=True, exist_ok=True)
    atheris = None if asked.at_random else atheris_or_none()
    if atheris is None:
        _at_random(asked.name, asked.runs, asked.found)
    else:
        _led(atheris, asked.name, asked.runs, asked.found)


def _target(name: str) -> Target:
    # Only now: what is imported before atheris looks is not seen by it.
    target: Target = importlib.import_module(f"tests.trust.fuzz.{name}").TARGET
    return target


def _led(atheris: Any, name: str, runs: int, found: Path) -> None:
    with atheris.instrument_imports(
        include=["bot", "dialogs", "state", "tests.trust.fuzz.planted"], enable_loader_override=False
    ):
        target = _target(name)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        if seed % 3 == 0:
            return bytes(atheris.Mutate(data, most))
        return target.mutated(data, Random(seed))[:most]

    with tempfile.TemporaryDirectory(prefix="fuzz-") as corpus:
        for number, seed in enumerate(target.seeds()):
            (Path(corpus) / f"{number:04d}").write_bytes(seed)
        options = {
            "runs": runs,
            "seed": report.SEED,
            "max_len": target.most,
            "timeout": _TOO_LONG_SECONDS,
            # What is nearly right is worth more than what is short.
            "reduce_inputs": 0,
            "rss_limit_mb": _MOST_MEGABYTES,
            "artifact_prefix": f"{found / name}/",
            "print_final_stats": 1,
        }
        arguments = [f"-{key}={value}" for key, value in options.items()]
        atheris.Setup([name, *arguments, corpus], target.read, custom_mutator=mutate)
        atheris.Fuzz()


def _at_random(name: str, runs: int, found: Path) -> None:
    target, chance = _target(name), Random(report.SEED)
    seeds = list(target.seeds())
    pool = list(seeds)
    for _ in range(runs):
        data = chance.choice(seeds if chance.random() < 0.5 else pool)
        for _ in range(chance.randint(1, 4)):
            data = target.mutated(data, chance)
        try:
            target.read(data)
        except BaseException:
            (found / name / f"crash-{sha256(data).hexdigest()[:40]}").write_bytes(data)
            raise
        if chance.random() < 0.01:
            pool.append(data)
    sys.stderr.write(f"Done {runs} runs\n")


if __name__ == "__main__":
    os.umask(0o077)
    main()
