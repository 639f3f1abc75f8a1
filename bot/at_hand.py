"""Open cases kept in memory between turns; only a cache, which the stored rows prove each time.

Decoding and folding a transcript is most of a turn and grows with it: 1.5 ms of CPU at 40 events, against 0.2 ms for
reading the rows and comparing one hash. So every turn still reads every row, and finds damage as if nothing were kept.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from state.case import Case
from state.codec import Row
from state.compiled import CompiledFramework

# A case takes some 4 KiB.
_AT_HAND = 5_000


class Proof:
    """A hash over rows as they were decrypted: equal only for the same heads and bodies in the same order."""

    __slots__ = ("_hash",)

    def __init__(self) -> None:
        self._hash = sha256()

    def of(self, rows: Iterable[Row]) -> "Proof":
        """Give the proof of these rows behind the ones before."""
        longer = Proof()
        longer._hash = self._hash.copy()
        for row in rows:
            longer._hash.update(b"%d %d %d " % (row.seq, len(row.head), len(row.body)) + row.head + row.body)
        return longer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Proof) and self._hash.digest() == other._hash.digest()

    def __hash__(self) -> int:
        return hash(self._hash.digest())


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case as it stands in the store, with the chain value of its last event and its latest moment.

    `print` is what people compare of the chain value at the last advice: it stands on the card, and does not
    change when the card is looked at again. `proof` is of the rows that the case was made from.
    """

    case: Case
    link: str
    framework: CompiledFramework
    latest: datetime | None = None
    print: str = ""
    proof: Proof = field(default_factory=Proof)


class AtHand:
    """The open cases that were used last."""

    def __init__(self) -> None:
        self._cases: OrderedDict[str, Loaded] = OrderedDict()

    def get(self, case_id: str, proof: Proof) -> Loaded | None:
        """Give a case when it was made from the very rows of this proof."""
        loaded = self._cases.get(case_id)
        return loaded if loaded is not None and loaded.proof == proof else None

    def keep(self, loaded: Loaded) -> None:
        """Keep an open case; of a closed one nothing stays in memory."""
        self.forget(loaded.case.id)
        if loaded.case.version == 0 or loaded.case.is_closed:
            return
        self._cases[loaded.case.id] = loaded
        if len(self._cases) > _AT_HAND:
            self._cases.popitem(last=False)

    def forget(self, case_id: str) -> None:
        """Keep nothing of a case."""
        self._cases.pop(case_id, None)
