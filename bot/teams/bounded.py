"""Reading a body that may not be longer than expected."""

import asyncio

from aiohttp import StreamReader


class TooLongError(ValueError):
    """The body is longer than allowed."""


async def read_at_most(content: StreamReader, limit: int) -> bytes:
    """Give the whole body, counted as it comes in; raises TooLongError when there is more than `limit`."""
    try:
        await content.readexactly(limit + 1)
    except asyncio.IncompleteReadError as end:
        return end.partial
    raise TooLongError
