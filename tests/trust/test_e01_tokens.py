"""E1: attacks on the token of a request, each by name: nobody gets in, nothing happens, and never a 5xx.

An attack is a fault in a request that would otherwise open a case: in the token's header, key, claims or
signature, in the Authorization header, or in what the activity says against the token.
"""

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.bot.fakes_teams import APP_ID, claims, jwk, new_key
from tests.bot.room import TENANT
from tests.trust import report
from tests.trust.door import ANJA, GOOD, Town, Wire, fresh_id, request, to_bytes, town

PUBLISHED, ROGUE, WEBCHAT, SMALL = new_key(), new_key(), new_key(), new_key(1024)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
STRANGE_TENANT = "99999999-9999-4999-8999-999999999999"
EMULATOR = "d6d49420-f39b-4df7-a1dc-d59a935871db"
STS, LOGIN = "https://sts.windows.net", "https://login.microsoftonline.com"


@dataclass
class Draft:
    """A request that would open a case, in the parts in which it can be spoiled."""

    claims: dict[str, Any]
    body: dict[str, Any]
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "typ": "JWT", "kid": "k1"})
    sign: Callable[[bytes], bytes] = lambda signed: rs256(GOOD, signed)
    rework: list[Callable[[str], str]] = field(default_factory=list)
    form: str = "Bearer {}"
    more: list[tuple[str, str]] = field(default_factory=list)
    line: str = "POST /api/messages HTTP/1.1"

    def raw(self) -> bytes:
        """Give the request as it goes over the wire."""
        signed = f"{part(self.header)}.{part(self.claims)}"
        bearer = f"{signed}.{part(self.sign(signed.encode()))}"
        for change in self.rework:
            bearer = change(bearer)
        authorization = self.form.format(bearer) if self.form else None
        every = [("Content-Type", "application/json"), *((name, text.format(bearer)) for name, text in self.more)]
        return request(to_bytes(self.body), authorization, every, self.line.format(bearer))


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def rs256(key: RSAPrivateKey, signed: bytes) -> bytes:
    return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def signature(algorithm: str, key: Any) -> Callable[[bytes], bytes]:
    return lambda signed: jwt.get_algorithm_by_name(algorithm).sign(signed, key)


def public_pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()


Change = Callable[[Draft], None]


@dataclass(frozen=True)
class Fault:
    """One fault, and the status and code with which it is refused."""

    spoil: Change
    status: int
    code: str


def header(code: str, /, sign: Callable[[bytes], bytes] | None = None, **changes: Any) -> Fault:
    """Give a fault in the token's header; `...` takes a field away."""

    def spoil(draft: Draft) -> None:
        changed = {**draft.header, **changes}
        draft.header = {key: value for key, value in changed.items() if value is not ...}
        draft.sign = sign or draft.sign

    return Fault(spoil, 401, code)


def claim(code: str, /, **changes: Any) -> Fault:
    """Give a fault in the token's claims; `...` takes a claim away."""

    def spoil(draft: Draft) -> None:
        changed = {**draft.claims, **changes}
        draft.claims = {key: value for key, value in changed.items() if value is not ...}

    return Fault(spoil, 401, code)


def at(code: str, /, **seconds: float) -> Fault:
    """Give a fault in the token's times, in seconds from now."""
    return Fault(lambda draft: draft.claims.update({name: time.time() + by for name, by in seconds.items()}), 401, code)


def reworked(change: Callable[[str], str], code: str = "token_invalid") -> Fault:
    """Give a fault in the token as it was signed."""
    return Fault(lambda draft: draft.rework.append(change), 401, code)


def formed(form: str, code: str = "token_missing", **more: Any) -> Fault:
    """Give a fault in how the token is handed over."""

    def spoil(draft: Draft) -> None:
        draft.form = form
        draft.more += more.get("more", [])
        draft.line = more.get("line", draft.line)

    return Fault(spoil, 401, code)


def says(status: int, code: str, /, **changes: Any) -> Fault:
    """Give an activity that says something else than the token allows; `...` takes a field away."""

    def spoil(draft: Draft) -> None:
        changed = {**draft.body, **deepcopy(changes)}
        draft.body = {key: value for key, value in changed.items() if value is not ...}

    return Fault(spoil, status, code)


def _parts(bearer: str) -> list[str]:
    return [*bearer.split("."), "", ""][:3]


def _kept(count: int) -> Callable[[str], str]:
    return lambda bearer: ".".join(bearer.split(".")[:count])


def _headed(header: bytes) -> Callable[[str], str]:
    return lambda bearer: ".".join([part(header), *_parts(bearer)[1:]])


def _another_payload(bearer: str) -> str:
    head, _, sign = _parts(bearer)
    return f"{head}.{part(claims(n=1))}.{sign}"


def _signed_again(payload: bytes) -> Callable[[str], str]:
    def change(bearer: str) -> str:
        signed = f"{_parts(bearer)[0]}.{part(payload)}"
        return f"{signed}.{part(rs256(GOOD, signed.encode()))}"

    return change


def _another_signature(bearer: str) -> str:
    return ".".join([*_parts(bearer)[:2], part(rs256(GOOD, b"another token"))])


def _one_off(bearer: str) -> str:
    head, body, sign = _parts(bearer)
    at = len(sign) // 2
    return f"{head}.{body}.{sign[:at]}{'A' if sign[at : at + 1] != 'A' else 'B'}{sign[at + 1 :]}"


def _personal(**changes: Any) -> dict[str, Any]:
    return {"id": "chat-user-id-0", "conversationType": "personal", "tenantId": TENANT, **changes}


FAULTS: dict[str, Fault] = {
    # --- the algorithm
    "alg none, no signature": header("token_invalid", lambda _: b"", alg="none"),
    "alg None, no signature": header("token_invalid", lambda _: b"", alg="None"),
    "alg nOnE, signed": header("token_invalid", alg="nOnE"),
    "alg empty": header("token_invalid", alg=""),
    "alg missing": header("token_invalid", alg=...),
    "alg null": header("token_invalid", alg=None),
    "alg a list": header("token_invalid", alg=["RS256"]),
    "alg rs256 in small letters": header("token_invalid", alg="rs256"),
    "HS256 with the public key": header("token_invalid", hs256(public_pem(GOOD)), alg="HS256"),
    "HS256 with the key's number": header("token_invalid", hs256(jwk(GOOD, "k1")["n"].encode()), alg="HS256"),
    "HS256 with an empty secret": header("token_invalid", hs256(b""), alg="HS256"),
    "HS256 with a published shared key": header("token_invalid", hs256(b"secret"), alg="HS256", kid="shared"),
    "RS256 said, HS256 done": header("token_invalid", hs256(public_pem(GOOD))),
    "PS256": header("token_invalid", signature("PS256", GOOD), alg="PS256"),
    "RS256 said, PS256 done": header("token_invalid", signature("PS256", GOOD)),
    "RS384": header("token_invalid", signature("RS384", GOOD), alg="RS384"),
    "RS512": header("token_invalid", signature("RS512", GOOD), alg="RS512"),
    "ES256": header("token_invalid", signature("ES256", EC_KEY), alg="ES256"),
    # --- the key
    "a key of nobody under a known id": header("token_invalid", lambda signed: rs256(ROGUE, signed)),
    "the key's name of another": header("token_invalid", kid="k2"),
    "an unknown key id": header("token_key", lambda signed: rs256(ROGUE, signed), kid="k9"),
    "no key id": header("token_invalid", kid=...),
    "an empty key id": header("token_invalid", kid=""),
    "a number for a key id": header("token_invalid", kid=1),
    "a list for a key id": header("token_invalid", kid=["k1"]),
    "a path for a key id": header("token_key", kid="../../../../dev/null"),
    "SQL for a key id": header("token_key", kid="k1' OR '1'='1"),
    "a key id of 1 000 characters": header("token_key", kid="k" * 1000),
    "own key in the header (jwk)": header("token_invalid", lambda s: rs256(ROGUE, s), jwk=jwk(ROGUE, "k1")),
    "own key elsewhere (jku)": header("token_invalid", lambda s: rs256(ROGUE, s), jku="http://127.0.0.1:1/keys"),
    "own key elsewhere (x5u)": header("token_invalid", lambda s: rs256(ROGUE, s), x5u="http://127.0.0.1:1/cert"),
    "own certificate (x5c)": header("token_invalid", lambda s: rs256(ROGUE, s), x5c=["MIIB"]),
    "a good key, with jku": header("token_invalid", jku="http://127.0.0.1:1/keys"),
    "a good key, with jwk": header("token_invalid", jwk=jwk(GOOD, "k1")),
    "a key of 1 024 bits": header("token_key", lambda signed: rs256(SMALL, signed), kid="small"),
    "a key for encryption": header("token_key", lambda signed: rs256(PUBLISHED, signed), kid="enc"),
    "a key without endorsements": header("token_endorsement", lambda s: rs256(PUBLISHED, s), kid="bare"),
    "a key that endorses nothing": header("token_endorsement", lambda s: rs256(PUBLISHED, s), kid="nothing"),
    "a key of Web Chat": header("token_endorsement", lambda signed: rs256(WEBCHAT, signed), kid="webchat"),
    "a key endorsed as msteams2": header("token_endorsement", lambda s: rs256(WEBCHAT, s), kid="msteams2"),
    # --- the header's extras
    "a critical extension": header("token_invalid", crit=["exp"]),
    "a payload that is not encoded (b64)": header("token_invalid", b64=False),
    "a compressed payload (zip)": header("token_invalid", zip="DEF"),
    "a token in a token (cty)": header("token_invalid", cty="JWT"),
    "another type": header("token_invalid", typ="at+jwt"),
    # --- the signature and the form of the token
    "the signature taken away": reworked(lambda bearer: ".".join([*bearer.split(".")[:2], ""])),
    "the signature of another token": reworked(_another_signature),
    "a signature one character off": reworked(_one_off),
    "claims changed after signing": reworked(_another_payload),
    "two parts": reworked(_kept(2)),
    "one part": reworked(_kept(1)),
    "four parts": reworked(lambda bearer: f"{bearer}.x"),
    "not base64": reworked(lambda _: "!.!.!"),
    "only dots": reworked(lambda _: ".."),
    "a header that is no JSON": reworked(_headed(b"{")),
    "a header that is a list": reworked(_headed(b'["RS256"]')),
    "a header 1 500 deep": reworked(_headed(b"[" * 1500)),
    "claims that are a list": reworked(_signed_again(b"[1]")),
    "claims that are no JSON": reworked(_signed_again(b"\xff\xfe")),
    "a token of more than six kilobytes": reworked(lambda bearer: bearer + "A" * 5600, "token_missing"),
    # --- the audience
    "another audience": claim("token_invalid", aud=STRANGE_TENANT),
    "no audience": claim("token_invalid", aud=...),
    "an empty audience": claim("token_invalid", aud=""),
    "the audience in a list": claim("token_invalid", aud=[APP_ID]),
    "the audience among others": claim("token_invalid", aud=["x", APP_ID]),
    "the audience with api://": claim("token_invalid", aud=f"api://{APP_ID}"),
    "the audience of the channel": claim("token_invalid", aud="https://api.botframework.com"),
    # --- the issuer
    "another issuer": claim("token_invalid", iss="https://evil.example"),
    "no issuer": claim("token_invalid", iss=...),
    "an issuer with a slash": claim("token_invalid", iss="https://api.botframework.com/"),
    "the issuer in capitals": claim("token_invalid", iss="https://API.botframework.com"),
    "the issuer of the government cloud": claim("token_invalid", iss="https://api.botframework.us"),
    "the issuer in a list": claim("token_invalid", iss=["https://api.botframework.com"]),
    # --- the emulator (threat model F3) and skills
    "emulator v1": claim("token_invalid", iss=f"{STS}/{EMULATOR}/", appid=APP_ID, ver="1.0"),
    "emulator v2": claim("token_invalid", iss=f"{LOGIN}/{EMULATOR}/v2.0", azp=APP_ID, ver="2.0"),
    "emulator v1 of Microsoft": claim("token_invalid", iss=f"{STS}/72f988bf-86f1-41af-91ab-2d7cd011db47/"),
    "emulator v2 of Microsoft": claim("token_invalid", iss=f"{LOGIN}/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"),
    "emulator without a service URL": claim("token_invalid", iss=f"{STS}/{EMULATOR}/", serviceurl=...),
    "an app's own token (appid)": claim("token_app", appid=APP_ID),
    "an app's own token (azp)": claim("token_app", azp=APP_ID),
    "an app's own token, empty": claim("token_app", azp=""),
    "a skill of our tenant, v1": claim("token_invalid", iss=f"{STS}/{TENANT}/", appid=STRANGE_TENANT, ver="1.0"),
    "a skill of our tenant, v2": claim("token_invalid", iss=f"{LOGIN}/{TENANT}/v2.0", azp=STRANGE_TENANT, ver="2.0"),
    "a skill with the channel's issuer": claim("token_app", azp=STRANGE_TENANT, ver="2.0"),
    # --- the times
    "expired": at("token_time", nbf=-7200, exp=-310),
    "expired long ago": at("token_time", nbf=-400_000, exp=-399_000),
    "not valid yet": at("token_time", nbf=310, exp=3600),
    "valid next year": at("token_time", nbf=365 * 86_400, exp=365 * 86_400 + 60),
    "no expiry": claim("token_invalid", exp=...),
    "no beginning": claim("token_invalid", nbf=...),
    "the expiry is a text": claim("token_time", exp="9999999999"),
    "the beginning is a text": claim("token_time", nbf="1"),
    "the expiry is true": claim("token_time", exp=True),
    "the expiry is NaN": claim("token_time", exp=float("nan")),
    "the expiry is never": claim("token_time", exp=float("inf")),
    "the expiry is null": claim("token_invalid", exp=None),
    "ends before it begins": at("token_life", nbf=100, exp=50),
    "lives for a hundred years": at("token_life", nbf=-60, exp=3_155_760_000),
    "lives a day and eleven minutes": at("token_life", nbf=0, exp=87_060),
    "issued long before it begins": at("token_life", nbf=-60, exp=3600, iat=-90_000),
    "issued at a text": claim("token_time", iat="now"),
    # --- the service URL's claim
    "no service URL in the token": claim("token_service_url", serviceurl=...),
    "an empty service URL": claim("token_service_url", serviceurl=""),
    "a list of service URLs": claim("token_service_url", serviceurl=["http://127.0.0.1:1/"]),
    "the service URL under another name": claim("token_service_url", serviceurl=..., serviceUrl="http://127.0.0.1/"),
    "the service URL of elsewhere": claim("service_url_claim", serviceurl="https://smba.trafficmanager.net/emea/"),
    "the service URL of an attacker": claim("service_url_claim", serviceurl="http://127.0.0.1:1/evil"),
    # --- how it is handed over
    "no token": formed(""),
    "Basic": formed("Basic {}"),
    "bearer in small letters": formed("bearer {}"),
    "two spaces": formed("Bearer  {}", "token_invalid"),
    "only the word": formed("Bearer"),
    "the bare token": formed("{}"),
    "the token in the address": formed("", line="POST /api/messages?access_token={} HTTP/1.1"),
    "the token in another header": formed("", more=[("X-Authorization", "Bearer {}")]),
    "the token in a cookie": formed("", more=[("Cookie", "Authorization=Bearer {}")]),
    # --- what the activity says against the token
    "channel webchat": says(403, "channel", channelId="webchat"),
    "channel directline": says(403, "channel", channelId="directline"),
    "channel emulator": says(403, "channel", channelId="emulator"),
    "channel MSTEAMS": says(403, "channel", channelId="MSTEAMS"),
    "channel msteams with a space": says(403, "channel", channelId="msteams "),
    "no channel": says(400, "shape", channelId=...),
    "another tenant": says(403, "tenant", channelData={"tenant": {"id": STRANGE_TENANT}}),
    "another tenant in the conversation": says(403, "tenant", conversation=_personal(tenantId=STRANGE_TENANT)),
    "no tenant": says(400, "shape", channelData={}),
    "an activity of elsewhere": says(403, "service_url", serviceUrl="https://evil.example/"),
    "an activity of another region": says(403, "service_url", serviceUrl="https://smba.trafficmanager.net/amer/"),
    "an activity of nowhere": says(400, "shape", serviceUrl=...),
}  # fmt: skip


def draft(here: Town) -> Draft:
    """Give what opens a case when nothing is spoiled."""
    return Draft(claims(serviceurl=here.teams.url), here.activity(ANJA, text="nieuw", id=fresh_id()))


async def refused(here: Town, wire: Wire, faults: tuple[Fault, ...]) -> int:
    """Send a spoiled request; give its status after seeing that nothing else happened."""
    spoiled, before = draft(here), here.did()
    for fault in faults:
        fault.spoil(spoiled)
    status, body = await wire.ask(spoiled.raw())
    assert here.did() == before
    assert body in (b'{"error": "unauthorized"}', b'{"error": "forbidden"}', b'{"error": "bad request"}')
    return status


async def let_in(here: Town, wire: Wire) -> bool:
    """Tell whether the same request without a fault is taken: else the attacks would prove nothing."""
    taken, calls = here.rows(("inbox",)), len(here.teams.calls)
    status, _ = await wire.ask(draft(here).raw())
    return status == 200 and here.rows(("inbox",)) == taken + 1 and len(here.teams.calls) > calls


def publish(here: Town) -> None:
    here.identity.keys += [
        jwk(PUBLISHED, "k2"),
        jwk(SMALL, "small"),
        jwk(PUBLISHED, "enc", use="enc"),
        jwk(PUBLISHED, "bare", None),
        jwk(PUBLISHED, "nothing", ()),
        jwk(WEBCHAT, "webchat", ("webchat", "directline")),
        jwk(WEBCHAT, "msteams2", ("msteams2", "MSTEAMS", "msteams ")),
        {"kty": "oct", "kid": "shared", "k": part(b"secret")},
    ]


async def replayed(here: Town, wire: Wire) -> None:
    """A good request sent again, later and by several at once, is one case."""
    raw = draft(here).raw()
    assert (await wire.ask(raw))[0] == 200
    before = here.did()
    others = [Wire(here.address) for _ in range(5)]
    for one in (wire, *others, wire):
        assert (await one.ask(raw))[0] == 200
        await one.close()
    assert here.did() == before


async def test_no_attack_on_the_token_gets_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with town(tmp_path, monkeypatch) as here, Wire(here.address) as wire:
        publish(here)
        assert await let_in(here, wire)
        turns = await here.turns()
        for name, fault in FAULTS.items():
            before = Counter(await here.refusals())
            assert await refused(here, wire, (fault,)) == fault.status, name
            assert Counter(await here.refusals()) - before == {fault.code: 1}, name
        assert await here.turns() == turns
        # Only the keys were fetched, and for all the unknown ids once more at most.
        assert here.identity.asked.count("keys") <= 2
        assert len(here.identity.forms) == 1
        await replayed(here, wire)
        assert await let_in(here, wire)
        pairs = await refuse_pairs(here, wire)
    right = len(FAULTS) + 1  # and the replay
    assert right >= 80
    report.say(
        "E1",
        f"{right} named token attacks and {pairs} pairs of them: 0 effects, 0 x 5xx, {right} right answers",
    )


async def refuse_pairs(here: Town, wire: Wire) -> int:
    """Try pairs of faults, every one of them in the nightly run: a second fault never mends the first."""
    pairs = list(itertools.combinations(FAULTS, 2))[:: report.figure(4, 1)]
    for names in pairs:
        both = tuple(FAULTS[name] for name in names)
        assert await refused(here, wire, both) in [fault.status for fault in both], names
    return len(pairs)
