"""What keeping closed cases needs of the store; the values are of `state.keeping`.

A `Keeping` and a `Certificate` can betray content (a whistleblower's case is kept for good), so the store encrypts
both (`state.keeping.to_json`, `to_keeping`, `to_certificate`); in the clear is no more than the case's random id.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bot.store import CaseEntry, RegisterEntry, Store
from state.keeping import Certificate, Keeping


class KeepingStore(Store, Protocol):
    """A store that keeps closed cases.

    `commit` keeps `Write.keeping` in the place of the one before: version 1 when the case is closed, and after that
    only the version that follows the stored one; it raises TranscriptConflict otherwise, and for a case that was
    destroyed.
    """

    async def keepings(self) -> tuple[Keeping, ...]:
        """Give what is kept of every closed case, the one closed first coming first; a damaged one is left out."""
        ...

    def unkept(self) -> AsyncIterator[tuple[CaseEntry, ...]]:
        """Give the closed cases of which nothing is kept, as versions before there was any left them; beside turns."""
        ...

    async def destroy(self, certificate: Certificate, version: int, register: Sequence[RegisterEntry]) -> None:
        """Discard the case's key and all its rows, and keep the certificate and the register's entries.

        Everything is durable when it returns, and nothing of the case is left in a free page or a log of changes.
        Raises TranscriptConflict unless the keeping stands at `version` and the case at `certificate.link`. After
        a crash in the middle it is ended at the next start; a number that was used stays taken.
        """
        ...

    async def certificates(self) -> tuple[Certificate, ...]:
        """Give what remains of destroyed cases, the one destroyed first coming first; raises TranscriptDamaged."""
        ...
