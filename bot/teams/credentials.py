"""The bot's own bearer tokens for the Connector API: fetched ahead of expiry, by one request at a time.

MSAL is not used: it blocks, takes three calls for its first token, and refuses an identity provider on
loopback, so that it could not be tested. The exchange is one POST (OAuth 2.0 client credentials, RFC 6749 4.4).
"""

import asyncio
import json
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp

from bot.errors import ChannelUnavailable
from bot.teams.bounded import read_at_most

_log = logging.getLogger(__name__)

_SCOPE = "https://api.botframework.com/.default"
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_MAX_BYTES = 64 * 1024
_AHEAD = 300.0
_PAUSE = 10.0


class Credentials(Protocol):
    """Where the connector gets its bearer token."""

    async def token(self) -> str | None:
        """Give a token that is good now, or None when none is needed; raises ChannelUnavailable."""
        ...

    def forget(self) -> None:
        """Fetch another token next time: Teams did not take this one."""
        ...


class NoCredentials:
    """Local mode: the Playground asks for no token."""

    async def token(self) -> str | None:
        """Give None."""
        return None

    def forget(self) -> None:
        """Do nothing."""


class ClientCredentials:
    """Gets tokens from the identity provider with the bot's id and secret, once per lifetime of a token."""

    def __init__(
        self,
        login_url: str,
        tenant: str,
        app_id: str,
        password: str,
        session: aiohttp.ClientSession,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._url = f"{login_url}/{quote(tenant, safe='')}/oauth2/v2.0/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": password,
            "scope": _SCOPE,
        }
        self._session = session
        self._clock = clock
        self._token = ""
        self._expires = self._renew_at = self._tried_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def token(self) -> str | None:
        """Give a token that is good now; one that soon expires is replaced meanwhile, nobody waits for it."""
        now = self._clock()
        fetching = self._fetch_once() if now >= self._renew_at else None
        if fetching is not None and now >= self._expires:
            await asyncio.shield(fetching)
        if self._expires <= self._clock():
            raise ChannelUnavailable(None)
        return self._token

    def forget(self) -> None:
        """Fetch another token next time."""
        self._expires = self._renew_at = float("-inf")

    async def close(self) -> None:
        """Stop fetching."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _fetch_once(self) -> asyncio.Task[None] | None:
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        if self._clock() - self._tried_at < _PAUSE:
            return None
        self._tried_at = self._clock()
        self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        asked_at = self._clock()
        try:
            answer = await self._ask()
            token, lifetime = answer["access_token"], float(answer["expires_in"])
            if not isinstance(token, str) or not token.isascii() or not token.isprintable():
                raise ValueError
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, RecursionError):
            _log.error("bot_token_unavailable")
            return
        # A short-lived token must not be fetched over and over: half its life at least is used.
        self._renew_at = asked_at + max(lifetime - _AHEAD, lifetime / 2)
        self._token, self._expires = token, asked_at + lifetime

    async def _ask(self) -> dict[str, Any]:
        call = self._session.post(self._url, data=self._form, timeout=_TIMEOUT, allow_redirects=False)
        async with call as response:
            if response.status != 200:
                raise ValueError
            answer = json.loads(await read_at_most(response.content, _MAX_BYTES))
        if not isinstance(answer, dict):
            raise ValueError
        return answer
