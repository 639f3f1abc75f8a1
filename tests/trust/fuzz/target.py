"""What is fuzzed: a reader of what others write. It takes bytes, and may turn them down in its own way only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
TESTS = HERE.parents[1]
CORPUS = HERE / "corpus"
FOUND = HERE / "found"
NAMES = ("activities", "answers", "frameworks", "bundles")

Mutate = Callable[[bytes, Random], bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """A reader, what it starts from, and how its input is changed; at most `most` bytes are tried."""

    read: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]
    mutations: tuple[Mutate, ...]
    most: int

    def mutated(self, data: bytes, chance: Random) -> bytes:
        """Give a changed input."""
        return chance.choice(self.mutations)(data, chance)[: self.most]
