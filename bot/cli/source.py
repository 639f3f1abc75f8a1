"""Where the commands read cases: through the running bot, or from the database itself when no bot runs."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from bot.cli.refusal import Refusal
from bot.control import ControlClient, DossierSource, StoreSource
from bot.errors import CaseSealed, SettingsError, StoreUnavailable
from bot.settings import Whereabouts, read_whereabouts
from bot.storage.database import open_store
from bot.storage.keyring import origin_of
from state.errors import TranscriptDamaged

T = TypeVar("T")


def run(reading: Coroutine[Any, Any, T]) -> T:
    """Give what was read, or refuse in one line."""
    try:
        return asyncio.run(reading)
    except (SettingsError, StoreUnavailable) as error:
        raise Refusal(f"not done: {error}") from None
    except TranscriptDamaged as damage:
        raise Refusal(f"the record is damaged ({damage}); nothing was written") from None
    except CaseSealed:
        raise Refusal("this case is sealed: its two keepers open it together (docs/sealing.md)") from None


def where() -> Whereabouts:
    """Give where the cases are, or refuse in one line."""
    try:
        return read_whereabouts()
    except SettingsError as error:
        raise Refusal(str(error)) from None


@asynccontextmanager
async def source_of(place: Whereabouts) -> AsyncIterator[DossierSource]:
    """Hold where cases are read while the block runs."""
    source: DossierSource | None = await ControlClient.find(place.data_dir)
    if source is None:
        store = open_store(
            place.database_url,
            place.database_schema,
            place.data_dir,
            place.data_key_file,
            origin=origin_of(place.organisation[0]),
        )
        source = StoreSource(store, key_file=place.data_key_file)
    try:
        yield source
    finally:
        await source.close()
