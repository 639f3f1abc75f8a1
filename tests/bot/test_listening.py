import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.listening import QuietRunner
from tests.ports import free_port

NO_HTTP = (
    b"kanarie /x HTTP/1.1\r\n\r\n",
    b"GET /kanarie HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nkanarie\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: \x00kanarie\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: kanarie\r\n\r\n",
    b"GET /" + b"kanarie" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    runner = QuietRunner(web.Application())
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield port
    await runner.cleanup()


@pytest.mark.parametrize("sent", NO_HTTP)
async def test_what_is_no_http_is_not_repeated(port: int, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.0 400 ")
    assert answer.endswith(b'{"error": "bad request"}')
    assert b"kanarie" not in answer
    assert b"aiohttp" not in answer
