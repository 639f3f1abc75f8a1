"""Requests that are turned away or do nothing, each full of marked words."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.trust.silence.aviary import Aviary, Person

Change = Callable[[Aviary, dict[str, Any]], dict[str, Any]]

# What is wrong with an activity that is otherwise someone's; the words in it are still marked.
CHANGES: dict[str, Change] = {
    "tenant": lambda at, body: {**body, "channelData": {"tenant": {"id": at.canaries.word("tenant id")}}},
    "service url": lambda at, body: {**body, "serviceUrl": f"https://{at.canaries.word('service url')}.example/x"},
    "channel": lambda at, body: {**body, "channelId": at.canaries.word("channel name")},
    "type": lambda at, body: {**body, "type": at.canaries.word("activity type")},
    "delivery mode": lambda at, body: {**body, "deliveryMode": at.canaries.word("delivery mode")},
    "id": lambda at, body: {**body, "id": f"{at.canaries.word('activity id')} met spatie"},
    "list": lambda at, body: {**body, "entities": at.canaries.word("wrong type")},
    "number": lambda at, body: {**body, "text": [at.canaries.word("wrong type")]},
    "no sender": lambda at, body: {**body, "from": at.canaries.word("wrong type")},
    "group": lambda at, body: {**body, "conversation": {**body["conversation"], "conversationType": "groupChat"}},
    "place": lambda at, body: {
        **body, "conversation": {**body["conversation"], "conversationType": at.canaries.word("conversation type")},
    },
    "edit": lambda at, body: {
        **body, "type": "messageUpdate", "channelData": {**body["channelData"], "eventType": "editMessage"},
    },
    "reaction": lambda at, body: {**body, "type": "messageReaction", "reactionsAdded": [at.canaries.word("reaction")]},
    "invoke": lambda at, body: {**body, "type": "invoke", "name": at.canaries.word("invoke name")},
    "forged": lambda at, body: {
        **body,
        "value": {
            "verb": at.canaries.word("verb"), "handle": at.canaries.word("handle"),
            "answer": at.canaries.word("answer"), "note": at.canaries.word("note"),
        },
    },
    "forged execute": lambda at, body: {
        **body, "type": "invoke", "name": "adaptiveCard/action",
        "value": {"action": {
            "type": "Action.Execute", "verb": at.canaries.word("verb"),
            "data": {"verb": "answer", "handle": at.canaries.word("handle"), "answer": at.canaries.word("answer")},
        }},
    },
    "value": lambda at, body: {**body, "value": at.canaries.words("wrong type", 3)},
    "added": lambda at, body: {
        **body, "type": "conversationUpdate", "membersAdded": [{"id": at.canaries.word("member")}],
    },
    "removed": lambda at, body: {**body, "type": "installationUpdate", "action": at.canaries.word("action")},
}  # fmt: skip


async def send_changed(at: Aviary, who: Person) -> None:
    """Send one activity of each kind in someone's name."""
    for change in CHANGES.values():
        body = change(at, at.stuffed(who, text=" ".join(at.canaries.words("typed text", 6))))
        await at.post(json.dumps(body).encode())


async def send_malformed(at: Aviary, who: Person) -> None:
    """Send bodies that are no activity, and requests that are for nothing that is there."""
    word = at.canaries.word
    whole = json.dumps(at.stuffed(who, text=word("typed text"))).encode()
    for content in (whole[: len(whole) // 2], whole + b"}", whole.replace(b'"text"', b'"id"'), b"\xff" + whole):
        await at.post(content)
    await at.post(whole * 200)
    kind = f"text/{word('content type')}"
    await at.post(whole, **{"Content-Type": kind})
    await at.post(whole, **{"Content-Encoding": word("content encoding")})
    for place in ("/", "/api/messages/", "/healthz/", "/../", "/metrics/"):
        await at.post(whole, path=place + word("path"))
        await at.post(b"", path=place + word("path"), method="GET")
    for method in ("GET", "PUT", "DELETE", "OPTIONS", word("method").upper()):
        await at.post(whole, method=method)
    for path in ("/healthz", "/readyz"):
        await at.post(b"", path=path, method="GET")


def _lines(at: Aviary) -> Iterator[bytes]:
    word = at.canaries.word
    yield f"{word('method')} /x HTTP/1.1\r\n\r\n".encode()
    yield f"GET /{word('path')} HTTP/9.9\r\n\r\n".encode()
    yield f"GET / HTTP/1.1\r\n{word('header')}\r\n\r\n".encode()
    yield f"GET / HTTP/1.1\r\nHost: x\r\nX: \x00{word('header')}\r\n\r\n".encode()
    yield f"GET / HTTP/1.1\r\nHost: x\r\nExpect: {word('header')}\r\n\r\n".encode()
    yield f"GET / HTTP/1.1\r\nHost: {word('host')}[\r\n\r\n".encode()
    yield f"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: {word('header')}\r\n\r\n".encode()
    yield f"POST /api/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{word('body')}\r\n".encode()
    yield f"GET /{word('path') * 700} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    yield f"GET /%zz{word('path')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    yield f"GET https://{word('host')}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    yield f"CONNECT {word('host')}:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


async def send_no_http(at: Aviary) -> None:
    """Send what is hardly HTTP, and keep the answers."""
    for line in _lines(at):
        at.answers.append((False, await _answer_to(line, at.address)))


async def _answer_to(line: bytes, address: str) -> bytes:
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(line)
        async with asyncio.timeout(10):
            return await reader.read(8192)
    finally:
        writer.close()
