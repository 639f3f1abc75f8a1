"""The channel's signing keys: fetched without blocking, by one request at a time, at most once a minute."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from bot.teams.bounded import read_at_most

_log = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_MAX_BYTES = 1024 * 1024
_MIN_BITS = 2048
_REFRESH_AFTER = 24 * 3600.0
_KEEP_STALE = 5 * 24 * 3600.0
_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of the channel, and the channels that it may speak for."""

    public: RSAPublicKey
    endorsements: frozenset[str]


class KeyStore:
    """Gives signing keys by their id; known keys go on working for five days while the source is down."""

    def __init__(self, metadata_url: str, session: aiohttp.ClientSession, clock: Callable[[], float] = monotonic):
        self._metadata_url = metadata_url
        self._session = session
        self._clock = clock
        self._keys: Mapping[str, SigningKey] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._refresh: asyncio.Task[None] | None = None

    def known(self, key_id: str) -> SigningKey | None:
        """Give a key that is at hand, without waiting for anything."""
        age = self._clock() - self._fetched_at
        if age > _REFRESH_AFTER:
            self._start_refresh()
        return self._keys.get(key_id) if age <= _KEEP_STALE else None

    async def find(self, key_id: str) -> SigningKey | None:
        """Give a key; for an unknown one the source is asked, when that was not done this last minute."""
        key = self.known(key_id)
        if key is not None:
            return key
        refresh = self._start_refresh()
        if refresh is not None:
            # Shielded: one caller who gives up must not stop it for the others.
            await asyncio.shield(refresh)
        return self.known(key_id)

    async def close(self) -> None:
        """Stop fetching."""
        if self._refresh is not None:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)

    def _start_refresh(self) -> asyncio.Task[None] | None:
        """Give the running refresh, a new one, or None when the last try is too recent."""
        if self._refresh is not None and not self._refresh.done():
            return self._refresh
        now = self._clock()
        if now - self._tried_at < _PAUSE:
            return None
        self._tried_at = now
        self._refresh = asyncio.create_task(self._fetch())
        return self._refresh

    async def _fetch(self) -> None:
        try:
            metadata = await self._get(self._metadata_url)
            keys_url = metadata["jwks_uri"]
            if _origin(keys_url) != _origin(self._metadata_url):
                raise ValueError
            keys = _read_keys(await self._get(keys_url))
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            _log.warning("signing_keys_unavailable")
            return
        if keys:
            self._keys, self._fetched_at = keys, self._clock()

    async def _get(self, url: str) -> Any:
        async with self._session.get(url, timeout=_TIMEOUT, allow_redirects=False) as response:
            if response.status != 200:
                raise ValueError
            return json.loads(await read_at_most(response.content, _MAX_BYTES))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _read_keys(key_set: Any) -> dict[str, SigningKey]:
    """Give the usable keys of a set; one that is odd is left out, it does not spoil the others."""
    keys: dict[str, SigningKey] = {}
    for entry in key_set["keys"]:
        key = _read_key(entry)
        if key is not None:
            keys.setdefault(entry["kid"], key)
    return keys


def _read_key(entry: Any) -> SigningKey | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str) or entry.get("kty") != "RSA":
        return None
    if entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
        return None
    try:
        public = RSAAlgorithm.from_jwk({"kty": "RSA", "n": entry["n"], "e": entry["e"]})
    except (InvalidKeyError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not isinstance(public, RSAPublicKey) or public.key_size < _MIN_BITS:
        return None
    endorsements = entry.get("endorsements")
    names = endorsements if isinstance(endorsements, list) else []
    return SigningKey(public, frozenset(name for name in names if isinstance(name, str)))
