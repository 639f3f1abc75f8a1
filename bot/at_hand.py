"""Open cases kept in memory between turns; only a cache, which the stored rows prove each time.

Decrypting, decoding and folding a transcript is most of a turn and grows with it: 1.7 ms of CPU at 40 events, against
0.08 ms for reading the rows and comparing one hash over them as they are stored. So every turn still reads every row,
and finds damage as if nothing were kept.
"""

from collections import OrderedDict
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
    """The open cases that were used last."""

    def __init__(self) -> None:
        self._cases: OrderedDict[str, Loaded] = OrderedDict()

    def get(self, case_id: str) -> Loaded | None:
        """Give a case as it was last; the store says whether it still stands so."""
        return self._cases.get(case_id)

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
