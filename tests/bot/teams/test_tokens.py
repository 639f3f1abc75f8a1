"""Attacks on the token: each is a name, what it does, and nothing that ever gets in."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

from bot.teams.gate import Refused
from bot.teams.signing_keys import KeyStore
from bot.teams.tokens import Tokens
from tests.bot.fakes_teams import APP_ID, TEAMS_URL, Clock, FakeIdentity, claims, fake_identity, jwk, new_key, token

GOOD = new_key()
OTHER = new_key()
THIRD = new_key()
NEXT = new_key()
SMALL = new_key(1024)
NOW = int(time.time())


@pytest.fixture
def published(identity: FakeIdentity) -> FakeIdentity:
    identity.keys = [
        jwk(GOOD, "k1"),
        jwk(OTHER, "k2"),
        jwk(THIRD, "webchat-only", ("webchat",)),
        jwk(OTHER, "no-endorsements", None),
        jwk(OTHER, "odd-endorsements", "msteams"),
        jwk(SMALL, "small"),
        jwk(OTHER, "for-encryption", use="enc"),
        jwk(OTHER, "other-algorithm", alg="RS512"),
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
        {"kid": "nothing"},
        "no key at all",
        None,
    ]
    return identity


def _tokens(identity: FakeIdentity, session: aiohttp.ClientSession, clock: Clock | None = None) -> Tokens:
    return Tokens(APP_ID, KeyStore(identity.metadata_url, session, clock or Clock()))


async def _code(tokens: Tokens, *headers: str) -> str:
    with pytest.raises(Refused) as caught:
        await tokens.check(list(headers))
    assert caught.value.status == 401
    return caught.value.code


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _public_pem() -> bytes:
    return GOOD.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _hs256_with_public_key() -> str:
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k1'})}.{_part(claims())}"
    return f"{signed}.{_part(hmac.new(_public_pem(), signed.encode(), hashlib.sha256).digest())}"


def _spliced(header: Any = None, payload: Any = None, signature: bytes | None = None) -> str:
    head, body, sign = token(GOOD).split(".")
    parts = (
        _part(header) if header is not None else head,
        _part(payload) if payload is not None else body,
        _part(signature) if signature is not None else sign,
    )
    return ".".join(parts)


def _unsigned(algorithm: str) -> str:
    return f"{_part({'alg': algorithm, 'typ': 'JWT', 'kid': 'k1'})}.{_part(claims())}."


def _small() -> str:
    """Give a token signed with 1024 bits, which PyJWT itself would warn about."""
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT', 'kid': 'small'})}.{_part(claims())}"
    return f"{signed}.{_part(SMALL.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


_EC = ec.generate_private_key(ec.SECP256R1())

_ATTACKS: dict[str, Callable[[], str]] = {
    "alg none": lambda: _unsigned("none"),
    "alg None": lambda: _unsigned("None"),
    "alg nOnE": lambda: _unsigned("nOnE"),
    "alg empty": lambda: _unsigned(""),
    "no alg": lambda: _spliced(header={"typ": "JWT", "kid": "k1"}),
    "alg as a list": lambda: _spliced(header={"alg": ["RS256"], "kid": "k1"}),
    "HS256 with the public key as secret": _hs256_with_public_key,
    "HS256 with a known secret": lambda: jwt.encode(claims(), "s" * 32, "HS256", headers={"kid": "k1"}),
    "HS256 with a published shared key": lambda: token("secret-secret-secret-secret-secret", "shared", "HS256"),
    "PS256": lambda: token(GOOD, algorithm="PS256"),
    "RS384": lambda: token(GOOD, algorithm="RS384"),
    "RS512": lambda: token(GOOD, algorithm="RS512"),
    "ES256": lambda: jwt.encode(claims(), _EC, "ES256", headers={"kid": "k1"}),
    "another key under a known id": lambda: token(OTHER, "k1"),
    "a known key under another's id": lambda: token(GOOD, "k2"),
    "unknown key id": lambda: token(GOOD, "k9"),
    "no key id": lambda: token(GOOD, None),
    "empty key id": lambda: token(GOOD, ""),
    "key id as a number": lambda: _spliced(header={"alg": "RS256", "typ": "JWT", "kid": 1}),
    "key id as a path": lambda: token(GOOD, "../../k1"),
    "own key in the header (jwk)": lambda: token(OTHER, headers={"jwk": jwk(OTHER, "k1")}),
    "own key behind an address (jku)": lambda: token(OTHER, headers={"jku": "https://evil.example/keys"}),
    "own key behind an address (x5u)": lambda: token(OTHER, headers={"x5u": "https://evil.example/cert"}),
    "good key with jku": lambda: token(GOOD, headers={"jku": "https://evil.example/keys"}),
    "critical extension": lambda: token(GOOD, headers={"crit": ["x"], "x": 1}),
    "another type": lambda: token(GOOD, headers={"typ": "at+jwt"}),
    "a small key": _small,
    "a key for encryption": lambda: token(OTHER, "for-encryption"),
    "a key for another algorithm": lambda: token(OTHER, "other-algorithm"),
    "a key without endorsements": lambda: token(OTHER, "no-endorsements"),
    "a key endorsed by a text": lambda: token(OTHER, "odd-endorsements"),
    "a key of Web Chat": lambda: token(THIRD, "webchat-only"),
    "signature taken away": lambda: _spliced(signature=b""),
    "signature of another token": lambda: _spliced(signature=base64.urlsafe_b64decode(
        token(GOOD, aud="x").split(".")[2] + "==")),
    "signature one bit off": lambda: _spliced(signature=bytes(256)),
    "claims swapped": lambda: _spliced(payload=claims(serviceurl="https://evil.example/")),
    "claims are no object": lambda: _spliced(payload=[1]),
    "claims are no JSON": lambda: _spliced(payload=b"\xff\xfe"),
    "header is no JSON": lambda: _spliced(header=b"{"),
    "header is no object": lambda: _spliced(header=["RS256"]),
    "two parts": lambda: ".".join(token(GOOD).split(".")[:2]),
    "four parts": lambda: token(GOOD) + ".x",
    "not base64": lambda: "!.!.!",
    "nothing between the dots": lambda: "..",
    "another audience": lambda: token(GOOD, aud="99999999-9999-4999-8999-999999999999"),
    "no audience": lambda: token(GOOD, aud=None),
    "empty audience": lambda: token(GOOD, aud=""),
    "audience in a list": lambda: token(GOOD, aud=[APP_ID]),
    "audience among others": lambda: token(GOOD, aud=["x", APP_ID]),
    "audience with a prefix": lambda: token(GOOD, aud=f"api://{APP_ID}"),
    "another issuer": lambda: token(GOOD, iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"),
    "issuer of the emulator": lambda: token(
        GOOD, iss="https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0"),
    "issuer with a slash": lambda: token(GOOD, iss="https://api.botframework.com/"),
    "issuer of the government cloud": lambda: token(GOOD, iss="https://api.botframework.us"),
    "no issuer": lambda: token(GOOD, iss=None),
    "issuer as a list": lambda: _signed_claims(iss=["https://api.botframework.com"]),
    "expired": lambda: token(GOOD, nbf=NOW - 7200, exp=NOW - 301),
    "no expiry": lambda: token(GOOD, exp=None),
    "expiry as a text": lambda: _signed_claims(exp=str(NOW + 600)),
    "expiry is true": lambda: _signed_claims(exp=True),
    "expiry is NaN": lambda: _signed_claims(exp=float("nan")),
    "expiry never": lambda: _signed_claims(exp=float("inf")),
    "not yet valid": lambda: token(GOOD, nbf=int(time.time()) + 400, exp=int(time.time()) + 800),
    "no beginning": lambda: token(GOOD, nbf=None),
    "beginning as a text": lambda: _signed_claims(nbf=str(NOW)),
    "ends before it begins": lambda: token(GOOD, nbf=NOW + 100, exp=NOW + 50),
    "lives for a hundred years": lambda: token(GOOD, exp=NOW + 100 * 365 * 86400),
    "lives longer than a day and ten minutes": lambda: token(GOOD, nbf=NOW, exp=NOW + 87_001),
    "issued long before it begins": lambda: token(GOOD, iat=NOW - 90_000),
    "no service URL": lambda: token(GOOD, serviceurl=None),
    "empty service URL": lambda: token(GOOD, serviceurl=""),
    "service URL as a list": lambda: token(GOOD, serviceurl=[TEAMS_URL]),
    "service URL under another spelling": lambda: token(GOOD, serviceurl=None, serviceUrl=TEAMS_URL),
    "an app's token (appid)": lambda: token(GOOD, appid=APP_ID),
    "an app's token (azp)": lambda: token(GOOD, azp=APP_ID),
    "an app's token, empty": lambda: token(GOOD, azp=""),
    "a token of half a megabyte": lambda: token(GOOD, junk="x" * 500_000),
}  # fmt: skip


def _signed_claims(**changes: Any) -> str:
    """Give a token whose claims PyJWT itself would not write."""
    payload = json.dumps({**claims(), **changes}).encode()
    return jwt.PyJWS().encode(payload, GOOD, "RS256", headers={"kid": "k1"})


@pytest.mark.parametrize("name", _ATTACKS)
async def test_an_attack_on_the_token_is_refused(name: str, published: FakeIdentity, session: aiohttp.ClientSession):
    await _code(_tokens(published, session), f"Bearer {_ATTACKS[name]()}")


async def test_a_good_token_gives_its_service_url(published: FakeIdentity, session: aiohttp.ClientSession):
    assert await _tokens(published, session).check([f"Bearer {token(GOOD)}"]) == TEAMS_URL


@pytest.mark.parametrize(
    "after",
    [{"nbf": 200, "exp": 3600}, {"nbf": -3600, "exp": -200}, {"nbf": 0, "exp": 87_000}, {"iat": 0}, {"exp": 600.5}],
)
async def test_five_minutes_of_skew_and_a_day_of_life_are_fine(
    after: dict[str, float], published: FakeIdentity, session: aiohttp.ClientSession
):
    # From now on, not from the start of the suite, which takes longer than the skew.
    moments = {name: int(time.time()) + seconds for name, seconds in after.items()}
    assert await _tokens(published, session).check([f"Bearer {token(GOOD, **moments)}"]) == TEAMS_URL


@pytest.mark.parametrize(
    "form",
    ["{}", "bearer {}", "BEARER {}", "Bearer  {}", "Bearer\t{}", "Basic {}", "Bearer {} x", "Bearer", "Bearer ", ""],
)
async def test_another_form_of_the_header_is_refused(
    form: str, published: FakeIdentity, session: aiohttp.ClientSession
):
    await _code(_tokens(published, session), form.format(token(GOOD)))


async def test_no_header_and_two_headers_are_refused(published: FakeIdentity, session: aiohttp.ClientSession):
    tokens = _tokens(published, session)
    assert await _code(tokens) == "token_missing"
    assert await _code(tokens, f"Bearer {token(GOOD)}", f"Bearer {token(GOOD)}") == "token_missing"
    assert await _code(tokens, "Bearer \u00e9") == "token_missing"


async def test_a_remembered_token_ends_with_its_time(published: FakeIdentity, session: aiohttp.ClientSession):
    clock = Clock(float(NOW))
    tokens = Tokens(APP_ID, KeyStore(published.metadata_url, session, Clock()), clock)
    header = f"Bearer {token(GOOD, exp=NOW + 3600)}"
    await tokens.check([header])
    clock.now += 3600 + 299
    await tokens.check([header])
    clock.now += 10
    assert await _code(tokens, header) == "token_time"


async def test_a_remembered_token_falls_with_its_key(published: FakeIdentity, session: aiohttp.ClientSession):
    clock = Clock()
    tokens = _tokens(published, session, clock)
    header = f"Bearer {token(GOOD)}"
    await tokens.check([header])
    published.keys = [jwk(OTHER, "k2")]
    clock.now += 61
    await tokens.check([f"Bearer {token(OTHER, 'k2')}"])
    await _code(tokens, f"Bearer {token(OTHER, 'k9')}")  # makes it look again
    assert await _code(tokens, header) == "token_key"


async def test_a_bad_token_with_the_claims_of_a_remembered_one_is_refused(
    published: FakeIdentity, session: aiohttp.ClientSession
):
    tokens = _tokens(published, session)
    good = token(GOOD)
    await tokens.check([f"Bearer {good}"])
    head, body, _ = good.split(".")
    await _code(tokens, f"Bearer {head}.{body}.{_part(bytes(256))}")


async def test_remembered_tokens_do_not_grow_without_end(
    published: FakeIdentity, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.teams.tokens._REMEMBERED", 3)
    tokens = _tokens(published, session)
    for number in range(5):
        await tokens.check([f"Bearer {token(GOOD, n=number)}"])
    assert len(tokens._good) == 3


# --- the keys: where they come from, and what happens when they do not ---------------------------


async def test_a_new_key_counts_at_once_when_it_is_first_seen(published: FakeIdentity, session: aiohttp.ClientSession):
    clock = Clock()
    tokens = _tokens(published, session, clock)
    await tokens.check([f"Bearer {token(GOOD)}"])
    published.keys.append(jwk(NEXT, "k3"))
    clock.now += 60
    await tokens.check([f"Bearer {token(NEXT, 'k3')}"])
    assert published.asked.count("keys") == 2


async def test_unknown_keys_make_it_ask_once_a_minute_at_most(published: FakeIdentity, session: aiohttp.ClientSession):
    clock = Clock()
    tokens = _tokens(published, session, clock)
    for second in range(120):
        clock.now = 1000.0 + second
        await _code(tokens, f"Bearer {token(GOOD, f'x{second}')}")
    assert published.asked.count("metadata") == 2


async def test_many_at_once_ask_once(published: FakeIdentity, session: aiohttp.ClientSession):
    tokens = _tokens(published, session)
    header = [f"Bearer {token(GOOD)}"]
    assert await asyncio.gather(*(tokens.check(header) for _ in range(50))) == [TEAMS_URL] * 50
    assert published.asked == ["metadata", "keys"]


async def test_a_source_that_hangs_holds_up_nobody_with_a_known_key(
    published: FakeIdentity, session: aiohttp.ClientSession
):
    clock = Clock()
    tokens = _tokens(published, session, clock)
    good = [f"Bearer {token(GOOD)}"]
    await tokens.check(good)
    started, release = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        started.set()
        await release.wait()
        return web.json_response({})

    published.on_metadata = hang
    clock.now += 61
    waiting = asyncio.create_task(_code(tokens, f"Bearer {token(GOOD, 'k9')}"))
    await started.wait()
    assert await tokens.check(good) == TEAMS_URL
    assert await tokens.check([f"Bearer {token(GOOD, n=1)}"]) == TEAMS_URL
    assert not waiting.done()
    release.set()
    assert await waiting == "token_key"


async def _down(_: web.Request) -> web.Response:
    return web.Response(status=503)


async def _huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        for _ in range(200):
            await response.write(b" " * 65536)
    except ConnectionError:
        pass
    return response


def _says(value: Any, **options: Any) -> Callable[[web.Request], Any]:
    async def answer(_: web.Request) -> web.Response:
        text = value if isinstance(value, str) else json.dumps(value)
        return web.Response(text=text, content_type="application/json", **options)

    return answer


async def _elsewhere(request: web.Request) -> web.Response:
    raise web.HTTPFound("/v1/.well-known/keys")


@pytest.mark.parametrize(
    "answer",
    [
        _down,
        _huge,
        _elsewhere,
        _says("no json"),
        _says([]),
        _says({}),
        _says({"jwks_uri": 1}),
        _says({"jwks_uri": "https://evil.example/keys"}),
        _says({"jwks_uri": "http://127.0.0.1:9/keys"}),
        _says({"jwks_uri": None}),
        _says("[" * 100_000),
    ],
    ids=range(11),
)
async def test_keys_are_kept_five_days_when_the_source_fails(
    answer: Callable[[web.Request], Any], published: FakeIdentity, session: aiohttp.ClientSession
):
    clock = Clock()
    keys = KeyStore(published.metadata_url, session, clock)
    tokens = Tokens(APP_ID, keys)
    header = [f"Bearer {token(GOOD)}"]
    await tokens.check(header)
    published.on_metadata = answer
    clock.now += 5 * 86400
    assert await tokens.check(header) == TEAMS_URL
    await keys.find("unknown")  # wait for the failing refresh
    clock.now += 1
    await _code(tokens, *header)
    await keys.close()


@pytest.mark.parametrize("answer", [_says({"keys": []}), _says({"keys": None}), _says({}), _says({"keys": {"a": 1}})])
async def test_a_key_set_without_keys_changes_nothing(
    answer: Callable[[web.Request], Any], published: FakeIdentity, session: aiohttp.ClientSession
):
    clock = Clock()
    tokens = _tokens(published, session, clock)
    header = [f"Bearer {token(GOOD)}"]
    await tokens.check(header)
    published.on_keys = answer
    clock.now += 61
    await _code(tokens, f"Bearer {token(GOOD, 'k9')}")
    assert await tokens.check(header) == TEAMS_URL


async def test_keys_are_fetched_again_after_a_day_while_nobody_waits(
    published: FakeIdentity, session: aiohttp.ClientSession
):
    clock = Clock()
    keys = KeyStore(published.metadata_url, session, clock)
    await keys.find("k1")
    clock.now += 86_401
    assert keys.known("k1") is not None
    await keys.find("unknown")
    assert published.asked.count("keys") == 2
    await keys.close()


async def test_without_any_source_nobody_gets_in(session: aiohttp.ClientSession):
    keys = KeyStore("http://127.0.0.1:9/metadata", session, Clock())
    await _code(Tokens(APP_ID, keys), f"Bearer {token(GOOD)}")


async def test_closing_stops_a_fetch(published: FakeIdentity, session: aiohttp.ClientSession):
    started = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        started.set()
        await asyncio.sleep(3600)
        return web.json_response({})

    published.on_metadata = hang
    keys = KeyStore(published.metadata_url, session, Clock())
    waiting = asyncio.create_task(keys.find("k1"))
    await started.wait()
    await keys.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_keys_from_elsewhere_are_not_taken(published: FakeIdentity, session: aiohttp.ClientSession):
    async with fake_identity() as evil:
        evil.keys = [jwk(NEXT, "evil")]
        forged = f"Bearer {token(NEXT, 'evil')}"
        for answer in (
            _says({"jwks_uri": f"{evil.url}/v1/.well-known/keys"}),
            _redirects(evil.metadata_url),
        ):
            published.on_metadata = answer
            assert await _code(_tokens(published, session), forged) == "token_key"
        published.on_metadata, published.on_keys = None, _redirects(f"{evil.url}/v1/.well-known/keys")
        assert await _code(_tokens(published, session), forged) == "token_key"
        assert not evil.asked


def _redirects(url: str) -> Callable[[web.Request], Any]:
    async def answer(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(url)

    return answer
