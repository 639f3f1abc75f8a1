"""Speaking to Teams: one pooled client for the process, the list of hosts checked at every call, no redirects.

The SDK makes a session, a configuration and a connection for every reply and never retries
(stack.md, trap 6); this client keeps its connections and knows which calls may be repeated.
"""

import asyncio
import json
from collections.abc import Mapping
from time import monotonic
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from bot.errors import ChannelUnavailable, PostRefused
from bot.teams.bounded import TooLongError, read_at_most
from bot.teams.credentials import Credentials
from bot.teams.service_url import HostRefused, ServiceUrls

_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
_MAX_ANSWER = 1024 * 1024
_ATTEMPTS = 3
# A turn is answered within Teams' 15 seconds: a longer wait is left to whoever may take longer.
_LONGEST_WAIT = 3.0
_LONGEST_TURN = 6.0
_FIRST_WAIT = 0.25
_UNAUTHORIZED = 401
_TRY_AGAIN = frozenset({408, 429})


def open_session() -> aiohttp.ClientSession:
    """Give the client of the process; whoever opens it closes it."""
    pool = aiohttp.TCPConnector(limit=256, keepalive_timeout=75)
    # No cookies and no proxy from the environment: only listed hosts are ever spoken to.
    return aiohttp.ClientSession(connector=pool, timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())


class Connector:
    """The Connector API of a listed host; raises ChannelUnavailable or PostRefused and nothing else."""

    def __init__(self, session: aiohttp.ClientSession, service_urls: ServiceUrls, credentials: Credentials) -> None:
        self._session = session
        self._service_urls = service_urls
        self._credentials = credentials

    async def get(self, service_url: str, path: str) -> Any:
        """Give the JSON at a path of the Connector API."""
        return await self._with_retries("GET", service_url, path, None)

    async def put(self, service_url: str, path: str, body: Mapping[str, Any]) -> Any:
        """Replace what stands at a path: may be repeated without harm."""
        return await self._with_retries("PUT", service_url, path, body)

    async def delete(self, service_url: str, path: str) -> Any:
        """Delete what stands at a path: may be repeated without harm."""
        return await self._with_retries("DELETE", service_url, path, None)

    async def send(self, service_url: str, path: str, body: Mapping[str, Any]) -> Any:
        """Post at least once: for a message that may stand there twice."""
        return await self._with_retries("POST", service_url, path, body)

    async def post_once(self, service_url: str, path: str, body: Mapping[str, Any]) -> Any:
        """Post at most once: what may have arrived is never posted again from here."""
        return await self._once("POST", service_url, path, body)

    async def _with_retries(self, method: str, service_url: str, path: str, body: Mapping[str, Any] | None) -> Any:
        # By hand: a library's retrying object for every call, also for one that goes well, took 5% of a turn.
        give_up = monotonic() + _LONGEST_TURN
        for attempt in range(1, _ATTEMPTS):
            try:
                return await self._once(method, service_url, path, body)
            except ChannelUnavailable as failure:
                pause = _pause(failure, attempt, give_up)
            await asyncio.sleep(pause)
        return await self._once(method, service_url, path, body)

    async def _once(self, method: str, service_url: str, path: str, body: Mapping[str, Any] | None) -> Any:
        try:
            base = self._service_urls.check(service_url)
        except HostRefused:
            raise PostRefused(403) from None
        try:
            return await self._call(method, URL(f"{base}/{path}", encoded=True), body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise ChannelUnavailable(None) from None
        except (aiohttp.ClientError, TimeoutError, TooLongError):
            raise ChannelUnavailable(None, may_have_arrived=True) from None

    async def _call(self, method: str, url: URL, body: Mapping[str, Any] | None) -> Any:
        data = None if body is None else orjson.dumps(body)
        headers = {"Accept": "application/json", **await self._authorization()}
        if data is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        call = self._session.request(method, url, data=data, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
        async with call as response:
            answer = await read_at_most(response.content, _MAX_ANSWER)
            self._check_status(response)
        return _to_json(answer)

    async def _authorization(self) -> dict[str, str]:
        token = await self._credentials.token()
        return {} if token is None else {"Authorization": f"Bearer {token}"}

    def _check_status(self, response: aiohttp.ClientResponse) -> None:
        status = response.status
        if 200 <= status < 300:
            return
        if status == _UNAUTHORIZED:
            # The token may have been withdrawn: a new one is tried, not this one again.
            self._credentials.forget()
            raise ChannelUnavailable(status)
        if 400 <= status < 500 and status not in _TRY_AGAIN:
            raise PostRefused(status)
        # A redirect is followed by nobody: Teams gives none, so something stands in between.
        is_clear = status == 429 or 300 <= status < 400
        raise ChannelUnavailable(status, retry_after=_retry_after(response), may_have_arrived=not is_clear)


def path_of(*parts: str) -> str:
    """Give a path of the Connector API; ids keep their meaning whatever is in them."""
    return "v3/" + "/".join(quote(part, safe="") for part in parts)


def _to_json(answer: bytes) -> Any:
    if not answer:
        return {}
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        raise ChannelUnavailable(None, may_have_arrived=True) from None


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    text = response.headers.get("Retry-After", "")
    # Only seconds: Teams sends no dates, and a wrong clock would make nonsense of one.
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _pause(failure: ChannelUnavailable, attempt: int, give_up: float) -> float:
    """Give how long to wait for the next attempt; raises the failure where there is none."""
    pause = min(_FIRST_WAIT * 2.0**attempt, _LONGEST_WAIT) if failure.retry_after is None else failure.retry_after
    is_redirect = failure.status is not None and 300 <= failure.status < 400
    if is_redirect or pause > _LONGEST_WAIT or monotonic() + pause >= give_up:
        raise failure
    return pause
