"""E2: odd, broken and forged requests with a valid token: never a 5xx, and nothing of them has an effect.

What Teams may send without an effect is answered with 200: edits, deletes, group chats, guests, strangers.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.teams.gate import MAX_BODY
from bot.teams.strict_json import MAX_DEPTH
from tests.bot.fakes_teams import activity
from tests.bot.room import PEOPLE, TENANT
from tests.bot.teams.test_gate import _MALFORMED, _NOT_JSON
from tests.trust import report
from tests.trust.door import ANJA, BRAM, CHANTAL, CHAT_TABLES, FATIMA, Town, Wire, fresh_id, request, to_bytes, town
from tests.trust.fuzz.mutations import bytewise, in_json

JSON = (("Content-Type", "application/json"),)
GUEST, STRANGE_TENANT = "29:guest", "99999999-9999-4999-8999-999999999999"
# Unlike anyone who is listed: a digit that changes makes nobody of them.
STRANGER = ("29:stranger", "a7c1e5d2-8b40-4f6e-9d3a-0c5b7e2f9a16")
STAFF = {f"29:staff-{n}": f"44444444-4444-4444-8444-{n:012d}" for n in range(400)}
# All that a refusal ever says, also one that HTTP itself is refused with.
WORDS = {
    400: "bad request", 401: "unauthorized", 403: "forbidden", 404: "not found", 405: "method not allowed",
    413: "too large",
}  # fmt: skip
STATUSES = frozenset({200, 400, 401, 403, 413})
OTHER_PLACES = frozenset({404, 405})


@dataclass(frozen=True)
class Odd:
    """A request that is not as it should be: the bytes to send, and how it is answered."""

    raw: Callable[[Town], bytes]
    status: int
    ends: bool = False


def posted(body: Any, status: int, headers: tuple[tuple[str, str], ...] = JSON, **more: Any) -> Odd:
    """Give a request with this body, which may be a function of the town."""

    def raw(here: Town) -> bytes:
        found = body(here) if callable(body) else body
        return request(to_bytes(found), here.bearer(), headers, **more)

    return Odd(raw, status)


def said(status: int = 200, /, who: str = ANJA, **changes: Any) -> Odd:
    """Give an activity with some fields changed; `...` takes a field away."""

    def body(here: Town) -> dict[str, Any]:
        changed = {**here.activity(who, id=fresh_id(), text="nieuw"), **changes}
        return {key: value for key, value in changed.items() if value is not ...}

    return posted(body, status)


def spoken(here: Town) -> dict[str, Any]:
    return here.activity(FATIMA, id=fresh_id(), text="hallo")


def quiet(here: Town) -> dict[str, Any]:
    return here.activity(FATIMA, id=fresh_id(), type="typing")


def sender(**fields: Any) -> dict[str, Any]:
    return {"from": {"id": ANJA, "aadObjectId": PEOPLE[ANJA], **fields}}


def place(kind: Any, **more: Any) -> dict[str, Any]:
    return {"conversation": {"id": "19:x@thread.v2", "conversationType": kind, "tenantId": TENANT, **more}}


def event(kind: str) -> dict[str, Any]:
    return {"channelData": {"tenant": {"id": TENANT}, "eventType": kind}}


def pressed(verb: str = "new", **data: Any) -> dict[str, Any]:
    return {"type": "invoke", "name": "adaptiveCard/action", "text": ..., "value": {
        "action": {"type": "Action.Execute", "verb": verb, "data": {"verb": verb, **data}}}}  # fmt: skip


def bare(head: str, body: bytes = b"", status: int = 400, **more: Any) -> Odd:
    """Give a request whose head is written out; `{token}`, `{body}` and `{length}` stand for what is true."""

    def raw(here: Town) -> bytes:
        good = to_bytes(spoken(here))
        text = head.format(token=here.bearer(), length=len(good)).replace("\n", "\r\n")
        return text.encode("latin-1") + (body or good)

    return Odd(raw, status, **more)


HEAD = "POST /api/messages HTTP/1.1\nHost: bot\nAuthorization: {token}\nContent-Type: application/json\n"

# --- what has no effect, although Teams may send it --------------------------------------------

HARMLESS: dict[str, Odd] = {
    **{f"of type {kind}": said(type=kind) for kind in (
        "messageUpdate", "messageDelete", "messageReaction", "typing", "event", "endOfConversation", "trace",
        "handoff", "contactRelationUpdate", "command", "suggestion", "deleteUserData", "ping", "MESSAGE", "x",
    )},
    **{f"a message with {kind}": said(**event(kind)) for kind in (
        "editMessage", "undeleteMessage", "softDeleteMessage",
    )},
    **{f"an invoke {name}": said(type="invoke", name=name, value={}, text=...) for name in (
        "task/fetch", "task/submit", "composeExtension/query", "composeExtension/submitAction", "signin/verifyState",
        "signin/tokenExchange", "fileConsent/invoke", "message/submitAction", "actionableMessage/executeAction",
        "application/search", "tab/fetch", "x",
    )},
    "an invoke without a name": said(type="invoke", name=..., text=...),
    "someone else was added": said(type="conversationUpdate", membersAdded=[{"id": "29:other"}], text=...),
    "someone was removed": said(type="conversationUpdate", membersRemoved=[{"id": "29:other"}], text=...),
    "a channel was made": said(**{**event("channelCreated"), "type": "conversationUpdate"}, text=...),
    "the bot was removed": said(type="installationUpdate", action="remove", text=...),
    "an installation that is neither": said(type="installationUpdate", action="upgrade", text=...),
}  # fmt: skip

# --- who may not, or not here ------------------------------------------------------------------

FORBIDDEN: dict[str, Odd] = {
    "a group chat": said(**place("groupChat")),
    "a channel": said(**place("channel")),
    "a meeting": said(**place("groupChat", id="19:meeting_x@thread.v2")),
    "a private chat that is called a group": said(**place("groupChat", isGroup=False)),
    "a kind of place that nobody knows": said(**place("PERSONAL")),
    "no kind of place": said(**place(None)),
    "someone who is not listed": said(who=FATIMA),
    "someone who is not listed presses": said(who=FATIMA, **pressed()),
    "someone who is not listed submits": said(who=FATIMA, value={"verb": "new"}, text=...),
    "a CMT member without another role": said(who=BRAM),
    "an administrator": said(who=CHANTAL),
    "a guest": said(**sender(id=GUEST)),
    "nobody's Entra id": said(**sender(aadObjectId=None)),
    "an empty Entra id": said(**sender(aadObjectId="")),
    "an Entra id with spaces": said(**sender(aadObjectId=f" {PEOPLE[ANJA]} ")),
    "the Entra id of another, with one's own account": said(**sender(id="user-id-1")),
    "an account that is in no team": said(**sender(id="29:gone")),
    "the team's id for an account": said(**sender(id="team-cmt-id")),
    "a path for an account": said(**sender(id="../team-cmt-id/members/user-id-0")),
    "a press in a group chat": said(**pressed(), **place("groupChat")),
    "a press in the channel": said(**pressed(), **place("channel")),
    "a press of a guest": said(**pressed(), **sender(id=GUEST)),
    "a submit in a group chat": said(value={"verb": "new"}, text=..., **place("groupChat")),
}

# --- what is no activity of Teams for us -------------------------------------------------------

REFUSED: dict[str, Odd] = {
    **{f"no JSON: {raw[:30]!r} of {len(raw)}": posted(raw, 400) for raw in _NOT_JSON if len(raw) <= MAX_BODY},
    **{f"{key} is {str(value)[:40]!r}": said(400, **{key: value}) for key, value in _MALFORMED},
    **{f"only {raw!r}": posted(raw, 400) for raw in (b"null", b"1", b'"x"', b"[]", b"{}", b"true", b"[{}]")},
    "another tenant": said(403, channelData={"tenant": {"id": STRANGE_TENANT}}),
    "another tenant in the conversation": said(403, **place("personal", tenantId=STRANGE_TENANT)),
    "deep enough": said(400, value=json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)),
    "a byte too long": posted(lambda here: to_bytes(spoken(here)).ljust(MAX_BODY + 1), 413),
    "a megabyte": posted(b" " * 1_000_000, 413),
    **{f"content type {kind!r}": posted(spoken, 400, (("Content-Type", kind),)) for kind in (
        "", "text/plain", "application/jsonx", "application/json, text/plain", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x", "application/json; charset=latin-1", "application/json; charset=utf-16",
        "application/json; charset=utf-7", "application/json; x=y", "application/xml", "application/octet-stream",
    )},
    "no content type": posted(spoken, 400, ()),
    **{f"content encoding {kind!r}": posted(spoken, 400, (*JSON, ("Content-Encoding", kind))) for kind in (
        "gzip", "deflate", "br", "zstd", "x", "gzip, gzip", "identity, gzip",
    )},
    **{f"an expectation of {kind}": posted(spoken, 400, (*JSON, ("Expect", kind))) for kind in ("x", "200-ok")},
}  # fmt: skip

# --- HTTP itself -------------------------------------------------------------------------------

WIRE: dict[str, Odd] = {
    "another path": posted(spoken, 404, line="POST /api/message HTTP/1.1"),
    "a path below": posted(spoken, 404, line="POST /api/messages/x HTTP/1.1"),
    "a path with a NUL": posted(spoken, 404, line="POST /api/messages%00 HTTP/1.1"),
    "the figures": posted(spoken, 404, line="GET /metrics HTTP/1.1"),
    "a star": posted(spoken, 404, line="OPTIONS * HTTP/1.1"),
    "a tunnel": posted(spoken, 404, line="CONNECT 127.0.0.1:1 HTTP/1.1"),
    **{f"the method {name}": posted(spoken, 405, line=f"{name} /api/messages HTTP/1.1") for name in (
        "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE",
    )},
    "a method in small letters": posted(spoken, 400, line="post /api/messages HTTP/1.1"),
    "a method of nobody": posted(spoken, 400, line="STEAL /api/messages HTTP/1.1"),
    "HTTP/9.9": posted(spoken, 400, line="POST /api/messages HTTP/9.9"),
    "HTTP/2's own beginning": posted(spoken, 400, line="PRI * HTTP/2.0"),
    "no version": posted(quiet, 200, line="POST /api/messages"),
    "an address of elsewhere": posted(spoken, 400, line="GET http://[::1/api/messages HTTP/1.1"),
    "two spaces in the line": posted(quiet, 200, line="POST  /api/messages  HTTP/1.1"),
    "two types": posted(spoken, 400, (*JSON, *JSON)),
    "two hosts": posted(spoken, 400, (*JSON, ("Host", "evil"))),
    "two lengths": posted(spoken, 400, (*JSON, ("Content-Length", "1"))),
    "a header of 9 000 characters": posted(spoken, 400, (*JSON, ("X", "a" * 9000))),
    "a name of 9 000 characters": posted(spoken, 400, (*JSON, ("a" * 9000, "X"))),
    "an address of 9 000 characters": posted(spoken, 400, line=f"POST /api/messages?{'a' * 9000} HTTP/1.1"),
    "200 headers": posted(spoken, 400, (*JSON, *((f"X-{n}", "1") for n in range(200)))),
    "a NUL in a header": posted(spoken, 400, (*JSON, ("X", "\x00"))),
    "a header in two lines": posted(spoken, 400, (*JSON, ("X", "a\r\n b"))),
    "a name with a space": posted(spoken, 400, (*JSON, ("X y", "1"))),
    "a name with a space behind it": posted(spoken, 400, (*JSON, ("X ", "1"))),
    "a length and chunks": posted(spoken, 400, (*JSON, ("Transfer-Encoding", "chunked"))),
    "no length": bare(HEAD + "\n", b"\r\n"),
    "a negative length": bare(HEAD + "Content-Length: -1\n\n"),
    "a length in words": bare(HEAD + "Content-Length: ten\n\n"),
    "a length with a plus": bare(HEAD + "Content-Length: +{length}\n\n"),
    "a length in hexadecimals": bare(HEAD + "Content-Length: 0x10\n\n"),
    "a length without end": bare(HEAD + "Content-Length: 99999999999999999999999\n\n"),
    "a length that is too long": bare(HEAD + "Content-Length: 300000\n\n", status=413),
    "chunks that are no numbers": bare(HEAD + "Transfer-Encoding: chunked\n\n", b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk without end": bare(HEAD + "Transfer-Encoding: chunked\n\n", b"FFFFFFFFFFFFFFFFFF\r\n{}"),
    "a negative chunk": bare(HEAD + "Transfer-Encoding: chunked\n\n", b"-1\r\n{}\r\n0\r\n\r\n"),
    "a coding that nobody knows": bare(HEAD + "Transfer-Encoding: xchunked\n\n", b"{}"),
    "two codings": bare(HEAD + "Transfer-Encoding: gzip, chunked\n\n", b"2\r\n{}\r\n0\r\n\r\n"),
    "chunks that are no activity": bare(HEAD + "Transfer-Encoding: chunked\n\n", b"2\r\n{}\r\n0\r\n\r\n"),
    "line feeds alone": bare("POST /api/messages HTTP/1.1\x85Host: bot\n\n"),
    "no lines at all": Odd(lambda _: b"\x00" * 100 + b"\r\n\r\n", 400),
    "TLS": Odd(lambda _: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "half a body": bare(HEAD + "Content-Length: 5000\n\n", status=0, ends=True),
    "half a head": Odd(lambda _: b"POST /api/messages HTTP/1.1\r\nHost: b", 0, ends=True),
    "an upgrade to WebSocket": posted(b"", 400, (*JSON, ("Connection", "Upgrade"), ("Upgrade", "websocket"))),
    "a WebSocket asked for": posted(b"", 405, (("Connection", "Upgrade"), ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")),
        line="GET /api/messages HTTP/1.1"),
    "HTTP/1.0 without a type": posted(spoken, 400, (), line="POST /api/messages HTTP/1.0"),
}  # fmt: skip
NAMED = {**HARMLESS, **FORBIDDEN, **REFUSED, **WIRE}


async def test_no_odd_request_brings_the_bot_down_or_has_an_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = access_file(tmp_path)
    async with town(tmp_path, monkeypatch, WEEGWIJZER_ACCESS_FILE=access) as here, Wire(here.address) as wire:
        here.teams.members[f"conversations/team-cmt-id/members/{GUEST}".replace(":", "%3A")] = {
            "id": GUEST, "aadObjectId": PEOPLE[ANJA], "tenantId": TENANT, "userRole": "guest"
        }  # fmt: skip
        await answers_the_named(here, wire)
        await answers_in_order(here, wire)
        tried = report.figure(20_000, 500_000)
        answered = await answers_the_mutated(here, wire, tried)
    assert len(NAMED) >= 110
    assert set(answered) == STATUSES | OTHER_PLACES
    report.say(
        "E2", f"{len(NAMED)} named and {tried} mutated requests with a valid token: 0 x 5xx, 0 unauthorised effects"
    )


async def answers_the_named(here: Town, wire: Wire) -> None:
    for name, odd in NAMED.items():
        before, rows = here.did(), here.rows(("register",))
        status, body = await wire.ask(odd.raw(here), ends=odd.ends)
        assert status == odd.status, (name, status, body)
        assert status in (0, 200) or body == to_bytes({"error": WORDS[status]}), (name, body)
        if name in WIRE:
            # What is left of such a request is not the beginning of the next.
            await wire.close()
        after = here.did()
        if name in FORBIDDEN:
            # An entry in the register and one sentence in the chat that it came from, or as the press's answer.
            assert after.calls - before.calls <= 3, name
            assert here.rows(("register",)) - rows <= 1, name
        else:
            assert after == before, name
        assert here.rows() == here.rows(CHAT_TABLES) == 0, name
    assert not [call for call in here.teams.calls if "IL-" in str(call.body) or "Bent u zelf" in str(call.body)]


async def answers_in_order(here: Town, wire: Wire) -> None:
    """Several requests in one packet are answered one by one; so are an older HTTP and a sender that asks first."""
    one, other = (NAMED[name].raw(here) for name in ("another tenant", "of type typing"))
    chunked = bare(HEAD + "Transfer-Encoding: chunked\n\n", b"2\r\n{}\r\n0\r\n\r\n").raw(here)
    assert (await wire.ask(one + other + chunked + other))[0] == 403
    assert [(await wire.answer())[0] for _ in range(3)] == [200, 400, 200]
    await wire.close()
    for raw in (
        other.replace(b"HTTP/1.1", b"HTTP/1.0"),
        other.replace(b"Host: bot", b"Host: bot\r\nExpect: 100-continue"),
    ):
        assert (await wire.ask(raw))[0] == 200


# --- mutations -----------------------------------------------------------------------------------

BASES = [activity(name) for name in (
    "to_bot_01_installationUpdate_add_personal", "to_bot_02_conversationUpdate_personal",
    "to_bot_03_message_personal", "to_bot_04_submit_personal", "to_bot_05_execute_personal",
    "to_bot_12_message_channel_mention", "to_bot_15_execute_channel", "to_bot_22_message_group_mention",
    "to_bot_24_submit_group", "to_bot_32_botRemoved_personal", "to_bot_44_channelCreated",
)]  # fmt: skip
HEADERS = [
    odd for name in ("Content-Type", "Content-Encoding", "Expect", "Accept-Encoding", "X-Forwarded-For", "Range")
    for odd in ((name, ""), (name, "x"), (name, "gzip"), (name, "application/json"), (name, "100-continue"))
]  # fmt: skip
LINES = ["POST /api/messages/ HTTP/1.1", "PUT /api/messages HTTP/1.1", "POST /%2e%2e/api HTTP/1.1"]


async def answers_the_mutated(here: Town, wire: Wire, tried: int) -> Counter[int]:
    """Send mutations, first of people who may not talk and then of people who may, and give the statuses."""
    found: Counter[int] = Counter()
    strangers = tried * 8 // 10
    for number, raw in enumerate(mutations(here, tried, strangers)):
        status, body = await wire.ask(raw)
        assert status in STATUSES | OTHER_PLACES, (status, body, raw)
        assert status == 200 or body == to_bytes({"error": WORDS[status]}), (status, body, raw)
        found[status] += 1
        if number % 500 == 0 or number == strangers - 1:
            assert here.rows() == 0
            assert number >= strangers or here.rows(CHAT_TABLES) == 0
            assert not [call for call in here.teams.calls if call.path == "/v3/conversations" or call.method == "PUT"]
            here.teams.calls.clear()
    assert here.rows() == 0
    return found


def mutations(here: Town, tried: int, strangers: int) -> Iterator[bytes]:
    """Give requests that began as what Teams sends; the persons of the second part may talk to the bot."""
    chance = Random(report.SEED)
    people = list(STAFF.items())
    # Now and then the good token of another region.
    bearers = [here.bearer()] * 99 + [here.bearer(serviceurl=f"{here.teams.url}/amer")]
    last = b""
    for number in range(tried):
        who = STRANGER if number < strangers else chance.choice(people)
        raw = mutated(base(chance, here.teams.url, *who), chance.choice(bearers), chance)
        # Now and then the same again, as Teams does.
        last = last if last and chance.random() < 0.02 and number != strangers else raw
        yield last


def base(chance: Random, url: str, account: str, object_id: str) -> dict[str, Any]:
    # Everywhere, so that no mutation puts the one who was recorded back in the sender's place.
    recorded = json.dumps(chance.choice(BASES)).replace(PEOPLE[ANJA], object_id).replace(ANJA, account)
    body: dict[str, Any] = {**json.loads(recorded), "serviceUrl": url, "id": f"{chance.getrandbits(64):x}"}
    body["from"] = {**body["from"], "id": account, "aadObjectId": object_id}
    if body.get("text"):
        body["text"] = chance.choice(("kopje koffie", "1", "terug", "overzicht", "help", "1,2", "gisteren 14:30"))
    return body


def mutated(body: dict[str, Any], bearer: str, chance: Random) -> bytes:
    data = to_bytes(body)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        data = chance.choice((in_json, in_json, in_json, bytewise, doubled))(data, chance)
    if chance.random() < 0.004:
        data = data.ljust(MAX_BODY + chance.choice((0, 1)))
    if chance.random() < 0.01:
        data = b'{"x":' * chance.choice((30, 40, 3000)) + data + b"}" * 30
    headers = JSON if chance.random() < 0.95 else (chance.choice(HEADERS),)
    line = chance.choice(LINES) if chance.random() < 0.01 else "POST /api/messages HTTP/1.1"
    return request(data, bearer, headers, line)


def doubled(data: bytes, chance: Random) -> bytes:
    """Give JSON with a key twice."""
    key = chance.choice((b"from", b"id", b"type", b"x", b"channelData"))
    return data.replace(b"{", b'{"%s": {}, ' % key, 1)


def access_file(folder: Path) -> str:
    """Write an access file with the people of the demo's roster and a staff of many, who need not be in the channel."""
    listed = {PEOPLE[ANJA]: ("[assessor, decider]", "true"), PEOPLE[BRAM]: ("[cmt]", "true")}
    listed[PEOPLE[CHANTAL]] = ("[administrator, auditor, framework_owner]", "false")
    listed |= dict.fromkeys(STAFF.values(), ("[assessor]", "false"))
    lines = [
        f"  - {{id: {one}, name: N, function: F, roles: {roles}, in_channel: {inside}}}"
        for one, (roles, inside) in listed.items()
    ]
    file = folder / "access.yaml"
    file.write_text("\n".join([f"tenants: [{TENANT}]", "people:", *lines, ""]))
    return str(file)
