"""The bare limit's echo, with one fault: what the benchmarks must notice."""

import asyncio
import os
from typing import Any

import aiohttp
from aiohttp import web

FAULT, AT = os.environ["FAULT"], 20
_background: set[asyncio.Task[None]] = set()


async def messages(request: web.Request) -> web.Response:
    activity = await request.json()
    request.app["count"][0] += 1
    is_bad = request.app["count"][0] == AT
    if is_bad and FAULT == "hangs up":
        assert request.transport
        request.transport.abort()
    await _answer(activity, FAULT if is_bad else "")
    return web.Response(status=500 if is_bad and FAULT == "refuses" else 200)


async def _answer(activity: dict[str, Any], fault: str) -> None:
    chat, text = activity["conversation"]["id"], f"Echo: {activity['text']}"
    match fault:
        case "drops":
            return
        case "changes":
            text = text[:-1]
        case "mixes up":
            chat = "chat-29:u00000" if chat != "chat-29:u00000" else "chat-29:u00001"
        case "says elsewhere":
            await _say(activity, "chat-of-nobody", text)
        case "says twice":
            await _say(activity, chat, text)
        case "is late":
            _background.add(asyncio.create_task(_say_late(activity, chat, text)))
            return
    await _say(activity, chat, text)


async def _say_late(activity: dict[str, Any], chat: str, text: str) -> None:
    await asyncio.sleep(30)
    await _say(activity, chat, text)


async def _say(activity: dict[str, Any], chat: str, text: str) -> None:
    url = f"{activity['serviceUrl']}/v3/conversations/{chat}/activities"
    async with aiohttp.request("POST", url, json={"type": "message", "text": text}) as answer:
        await answer.read()


if __name__ == "__main__":
    made = web.Application()
    made["count"] = [0]
    made.router.add_post("/api/messages", messages)
    web.run_app(made, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
