"""Cases kept in memory between turns; only a cache, which the stored rows prove each time.

Decrypting, decoding and folding a transcript is most of a turn and grows with it: 1.7 ms of CPU at 40 events, against
0.08 ms for reading the rows and comparing one hash over them as they are stored. So every turn still reads every row,
and finds damage as if nothing were kept. A case that was just closed is asked for once more, milliseconds later, by its
closing (1.2 ms of CPU instead of 5.5), and then goes.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from state.case import Case
from state.compiled import CompiledFramework

# A case takes some 4 KiB.
_AT_HAND = 5_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case as it stands in the store, with the chain value of its last event and its latest moment.

    `print` is what people compare of the chain value at the last advice: it stands on the card, and does not
    change when the card is looked at again.
    """

    case: Case
    link: str
    framework: CompiledFramework
    latest: datetime | None = None
    print: str = ""


class AtHand:
    """The cases that were used last: open ones, and those that were closed here until their closing is done."""

    def __init__(self) -> None:
        self._cases: OrderedDict[str, Loaded] = OrderedDict()
        self._closed: set[str] = set()

    def get(self, case_id: str) -> Loaded | None:
        """Give a case as it was last; the store says whether it still stands so."""
        return self._cases.get(case_id)

    def keep(self, loaded: Loaded) -> None:
        """Keep a case."""
        self.forget(loaded.case.id)
        if loaded.case.version == 0:
            return
        self._cases[loaded.case.id] = loaded
        if loaded.case.is_closed:
            self._closed.add(loaded.case.id)
        if len(self._cases) > _AT_HAND:
            self.forget(next(iter(self._cases)))

    def forget(self, case_id: str) -> None:
        """Keep nothing of a case."""
        self._cases.pop(case_id, None)
        self._closed.discard(case_id)

    def forget_closed(self, but: Collection[str]) -> None:
        """Keep nothing of closed cases but these."""
        for case_id in self._closed.difference(but):
            self.forget(case_id)
