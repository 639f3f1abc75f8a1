"""(f) The bare limit: aiohttp, JSON, one durable commit, one reply over a pooled connection."""

import json
import os
import sqlite3
from collections.abc import AsyncIterator
from urllib.parse import quote

import aiohttp
from aiohttp import web

_SESSION = web.AppKey("session", aiohttp.ClientSession)
_DB = web.AppKey("db", sqlite3.Connection)


async def messages(request: web.Request) -> web.Response:
    """Keep what was said, and say it back."""
    body = await request.read()
    activity = json.loads(body)
    with request.app[_DB] as db:
        db.execute("INSERT INTO said (body) VALUES (?)", (body,))
    chat = activity["conversation"]["id"]
    reply = {"type": "message", "text": f"Echo: {activity['text']}", "conversation": {"id": chat}}
    url = f"{activity['serviceUrl']}/v3/conversations/{quote(chat, safe='')}/activities"
    async with request.app[_SESSION].post(url, json=reply) as answer:
        await answer.read()
    return web.Response()


async def _resources(application: web.Application) -> AsyncIterator[None]:
    db = application[_DB] = sqlite3.connect("bare.sqlite")
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE IF NOT EXISTS said (number INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    async with aiohttp.ClientSession() as session:
        application[_SESSION] = session
        yield
    db.close()


def application() -> web.Application:
    """Give the server."""
    made = web.Application()
    made.cleanup_ctx.append(_resources)
    made.router.add_post("/api/messages", messages)
    return made


if __name__ == "__main__":
    web.run_app(application(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
