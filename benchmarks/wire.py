"""HTTP as little as is needed, on asyncio's protocols: the load generator must not be what is measured.

aiohttp's client and server cost the generator a millisecond a turn, as much as the fastest server here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, cast

_END = b"\r\n\r\n"


class HungUp(Exception):
    """The other side closed the connection instead of answering."""


class Message(NamedTuple):
    """A request or an answer: the words of its first line, and its body."""

    first: list[str]
    body: bytes


class _Reader(asyncio.Protocol):
    """Cuts what comes in into messages."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and hand over every message that is whole."""
        self._buffer += data
        while (message := self._cut()) is not None:
            self.take(message)

    def take(self, message: Message) -> None:
        """Hear of a message."""
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def _cut(self) -> Message | None:
        end = self._buffer.find(_END)
        if end < 0:
            return None
        head = bytes(self._buffer[:end])
        found = self._body(head.lower(), end + len(_END))
        if found is None:
            return None
        body, after = found
        del self._buffer[:after]
        return Message(head.partition(b"\r\n")[0].decode("latin-1").split(" ", 2), body)

    def _body(self, head: bytes, start: int) -> tuple[bytes, int] | None:
        """Give the body and where it ends, or None when it is not all there."""
        if b"\r\ntransfer-encoding: chunked" in head:
            return self._chunks(start)
        _, _, length = head.partition(b"\r\ncontent-length:")
        after = start + int(length.partition(b"\r\n")[0] or 0)
        return (bytes(self._buffer[start:after]), after) if len(self._buffer) >= after else None

    def _chunks(self, start: int) -> tuple[bytes, int] | None:
        body = bytearray()
        while (end := self._buffer.find(b"\r\n", start)) >= 0:
            size = int(bytes(self._buffer[start:end]).partition(b";")[0], 16)
            start, after = end + 2, end + 4 + size
            if len(self._buffer) < after:
                return None
            if size == 0:
                return bytes(body), after
            body += self._buffer[start : start + size]
            start = after
        return None


class _Connection(_Reader):
    """One connection of a client: one request at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: asyncio.Future[Message] | None = None
        self.is_open = True

    def take(self, message: Message) -> None:
        """Give the answer to who waits for it."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits."""
        self.is_open = False
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(HungUp(str(exc or "closed")))


class Client:
    """Posts to one server, on connections that are kept."""

    def __init__(self, port: int, headers: str = "") -> None:
        self._port = port
        self._headers = headers
        self._free: list[_Connection] = []

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Give status and body of the answer; raises HungUp or OSError."""
        connection = await self._connection()
        connection.answer = asyncio.get_running_loop().create_future()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"{self._headers}Content-Length: {len(body)}\r\n\r\n"
        )
        connection.write(head.encode() + body)
        message = await connection.answer
        self._free.append(connection)
        return int(message.first[1]), message.body

    async def _connection(self) -> _Connection:
        while self._free:
            connection = self._free.pop()
            if connection.is_open:
                return connection
        _, made = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", self._port)
        return made

    def close(self) -> None:
        """Close what is not in use."""
        for connection in self._free:
            if connection.transport is not None:
                connection.transport.close()


Answer = tuple[int, bytes]
Respond = Callable[[str, str, bytes], Awaitable[Answer] | Answer]


class Service(_Reader):
    """One connection of a server; answers in the order of the requests."""

    def __init__(self, respond: Respond, count: Callable[[], None]) -> None:
        super().__init__()
        self._respond = respond
        self._count = count
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        super().connection_made(transport)
        self._count()

    def take(self, message: Message) -> None:
        """Answer a request, at once where that can be."""
        answer = self._respond(message.first[0], message.first[1], message.body)
        if isinstance(answer, tuple):
            self._answer(*answer)
            return
        task = asyncio.ensure_future(self._later(answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _later(self, answer: Awaitable[Answer]) -> None:
        self._answer(*await answer)

    def _answer(self, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.write(head.encode() + body)
