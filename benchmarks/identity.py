"""Microsoft's side of identity, on loopback: signs Teams' tokens, publishes keys, gives the bot its own token."""

import asyncio
import base64
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks.connector import CHANNEL, TEAM, TENANT, Connector
from benchmarks.process import free_port
from benchmarks.wire import Answer, Service

APP_ID = "22222222-2222-4222-8222-222222222222"
_ISSUER = "https://api.botframework.com"
_LIFE = 3600


@dataclass
class IdentityProvider:
    """The metadata, the keys and the tokens; each answer takes `latency` seconds."""

    latency: float
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    tokens_given: int = 0
    url: str = ""

    def bearer(self, teams: Connector) -> str:
        """Give the header of a request as Teams signs it."""
        now = int(time.time())
        claims = {"iss": _ISSUER, "aud": APP_ID, "nbf": now - 60, "exp": now + _LIFE, "serviceurl": teams.url}
        return f"Authorization: Bearer {jwt.encode(claims, self.key, 'RS256', {'kid': 'k1'})}\r\n"

    async def respond(self, method: str, target: str, body: bytes) -> Answer:
        """Answer a request of the bot."""
        await asyncio.sleep(self.latency)
        return 200, json.dumps(self._do(method, target)).encode()

    def _do(self, method: str, target: str) -> Any:
        if method == "POST":
            self.tokens_given += 1
            return {"access_token": f"token-{self.tokens_given}", "expires_in": _LIFE, "token_type": "Bearer"}
        if target.endswith("/keys"):
            numbers = self.key.public_key().public_numbers()
            key = {"kty": "RSA", "use": "sig", "kid": "k1", "endorsements": ["msteams"]}
            return {"keys": [{**key, "n": _number(numbers.n), "e": _number(numbers.e)}]}
        return {"issuer": _ISSUER, "jwks_uri": f"{self.url}/keys"}


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@asynccontextmanager
async def identity_provider(latency: float) -> AsyncIterator[IdentityProvider]:
    """Serve an identity provider while the block runs."""
    provider = IdentityProvider(latency)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Service(provider.respond, lambda: None), "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.close()


def production(provider: IdentityProvider, teams: Connector, home: Path) -> dict[str, str]:
    """Give the settings with which the bot asks for tokens, as in a tenant."""
    return {
        "WEEGWIJZER_MODE": "production",
        "MicrosoftAppId": APP_ID,
        "MicrosoftAppPassword": "secret",
        "MicrosoftAppTenantId": TENANT,
        "WEEGWIJZER_DATA_KEY_FILE": str(_data_key(home / "data.key")),
        "WEEGWIJZER_CMT_TEAM_ID": TEAM,
        "WEEGWIJZER_CMT_CHANNEL_ID": CHANNEL,
        "WEEGWIJZER_ALLOWED_SERVICE_URLS": teams.url.removeprefix("http://"),
        "WEEGWIJZER_METRICS_PORT": str(free_port()),
        "WEEGWIJZER_LOGIN_URL": provider.url,
        "WEEGWIJZER_OPENID_METADATA_URL": f"{provider.url}/openidconfiguration",
    }


def _data_key(path: Path) -> Path:
    path.touch(0o600)
    path.write_bytes(base64.b64encode(os.urandom(32)))
    return path
