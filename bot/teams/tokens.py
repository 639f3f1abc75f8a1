"""The token of every request: signed by the channel, for this bot, now, and for the service URL it names.

Stricter than the SDK (threat model F3, F4): every claim is required, one issuer, one algorithm, no app's token.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from time import time
from typing import Any

import jwt

from bot.teams.gate import Refused
from bot.teams.signing_keys import KeyStore, SigningKey

ISSUER = "https://api.botframework.com"
CHANNEL = "msteams"
_SKEW = 300
_MAX_LIFE = 24 * 3600 + 600
# Teams' tokens have about a thousand characters; aiohttp itself takes headers of up to 8 190.
_MAX_TOKEN = 6144
_REMEMBERED = 5_000
# Another key, or a rule that we do not know, is never taken from the token itself.
_FORBIDDEN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "cty"})


@dataclass(frozen=True, slots=True)
class _Valid:
    """What a token proved; signature and claims need no second look, time and key do."""

    key_id: str
    key: SigningKey
    not_before: float
    expires: float
    service_url: str


class Tokens:
    """Checks tokens, and remembers those that were good."""

    def __init__(self, app_id: str, keys: KeyStore, clock: Callable[[], float] = time) -> None:
        self._app_id = app_id
        self._keys = keys
        self._clock = clock
        self._good: OrderedDict[bytes, _Valid] = OrderedDict()

    async def check(self, authorization: list[str]) -> str:
        """Give the service URL that the request's token is for; raises Refused with 401."""
        token = _bearer(authorization)
        digest = sha256(token.encode()).digest()
        valid = self._good.get(digest)
        # A key that the channel withdrew takes its tokens with it.
        if valid is None or self._keys.known(valid.key_id) is not valid.key:
            valid = await self._verify(token)
            self._remember(digest, valid)
        now = self._clock()
        if not valid.not_before - _SKEW <= now <= valid.expires + _SKEW:
            raise Refused(401, "token_time")
        return valid.service_url

    def _remember(self, digest: bytes, valid: _Valid) -> None:
        self._good[digest] = valid
        self._good.move_to_end(digest)
        if len(self._good) > _REMEMBERED:
            self._good.popitem(last=False)

    async def _verify(self, token: str) -> _Valid:
        key_id = _key_id(token)
        key = await self._keys.find(key_id)
        if key is None:
            raise Refused(401, "token_key")
        if CHANNEL not in key.endorsements:
            raise Refused(401, "token_endorsement")
        claims = self._claims(token, key)
        if "appid" in claims or "azp" in claims:
            raise Refused(401, "token_app")
        not_before, expires = _moments(claims)
        return _Valid(key_id, key, not_before, expires, _service_url(claims))

    def _claims(self, token: str, key: SigningKey) -> Mapping[str, Any]:
        try:
            claims = jwt.decode(
                token,
                key.public,
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=ISSUER,
                # Times are checked here, against our own clock, also for a remembered token.
                options={
                    "require": ["exp", "nbf", "iss", "aud"],
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise Refused(401, "token_invalid") from None
        return claims


def _bearer(authorization: list[str]) -> str:
    if len(authorization) != 1:
        raise Refused(401, "token_missing")
    scheme, _, token = authorization[0].partition(" ")
    if scheme != "Bearer" or not token or len(token) > _MAX_TOKEN or not token.isascii():
        raise Refused(401, "token_missing")
    return token


def _key_id(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError, AttributeError):
        raise Refused(401, "token_invalid") from None
    key_id = header.get("kid")
    if header.get("alg") != "RS256" or not isinstance(key_id, str) or not key_id:
        raise Refused(401, "token_invalid")
    if header.get("typ", "JWT") != "JWT" or header.keys() & _FORBIDDEN_HEADERS:
        raise Refused(401, "token_invalid")
    return key_id


def _moments(claims: Mapping[str, Any]) -> tuple[float, float]:
    not_before, expires = _moment(claims["nbf"]), _moment(claims["exp"])
    begun = min(not_before, _moment(claims["iat"])) if "iat" in claims else not_before
    if not 0 < expires - begun <= _MAX_LIFE:
        raise Refused(401, "token_life")
    return not_before, expires


def _moment(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(401, "token_time")
    return float(value)


def _service_url(claims: Mapping[str, Any]) -> str:
    url = claims.get("serviceurl")
    if not isinstance(url, str) or not url:
        raise Refused(401, "token_service_url")
    return url
