import json
from typing import Any

import pytest

from bot.teams.gate import MAX_BODY, Gate, Refused, check_content
from bot.teams.service_url import HostRefused, ServiceUrls
from bot.teams.strict_json import MAX_DEPTH, NotJson, read_json
from tests.bot.fakes_teams import ANJA, DATA, TEAMS_URL, TENANT, activity, sample

GATE = Gate(lambda: frozenset({TENANT}), ServiceUrls({"smba.trafficmanager.net"}))


def _refusal(body: Any, claimed: str | None = TEAMS_URL) -> Refused:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(Refused) as caught:
        GATE.admit(raw, claimed)
    return caught.value


# --- what passes -------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("to_bot_*.json")))
def test_everything_the_playground_sends_passes(name: str):
    clean = GATE.admit(json.dumps(activity(name)).encode(), None)
    assert clean is not None
    assert clean["type"] == sample(name)["body"]["type"]


def test_only_the_fields_we_use_are_let_through():
    clean = GATE.admit(json.dumps(activity(callerId="x", relatesTo={"a": 1}, entities=[{"type": "x"}])).encode(), None)
    assert clean is not None
    assert not {"callerId", "relatesTo", "entities", "timestamp"} & clean.keys()
    assert clean["from"] == {"id": "user-id-0", "aadObjectId": ANJA}


@pytest.mark.parametrize(
    "kind", ["messageUpdate", "messageDelete", "messageReaction", "event", "typing", "endOfConversation", "trace", "x"]
)
def test_other_types_have_no_effect(kind: str):
    assert GATE.admit(json.dumps(activity(type=kind)).encode(), None) is None


@pytest.mark.parametrize("event", ["editMessage", "undeleteMessage", "softDeleteMessage"])
def test_a_message_that_was_edited_or_deleted_has_no_effect(event: str):
    body = activity(channelData={"tenant": {"id": TENANT}, "eventType": event})
    assert GATE.admit(json.dumps(body).encode(), None) is None


def test_the_service_url_of_the_token_may_be_the_one_of_the_activity():
    assert GATE.admit(json.dumps(activity()).encode(), TEAMS_URL) is not None


# --- where it comes from -------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["webchat", "directline", "emulator", "MSTEAMS", "msteams ", "teams"])
def test_another_channel_is_refused(channel: str):
    refusal = _refusal(activity(channelId=channel))
    assert (refusal.status, refusal.code) == (403, "channel")


@pytest.mark.parametrize(
    "changes",
    [
        {"channelData": {"tenant": {"id": "99999999-9999-4999-8999-999999999999"}}},
        {"conversation": {"id": "c", "tenantId": "99999999-9999-4999-8999-999999999999"}},
        {"conversation": {"id": "c", "tenantId": ""}},
    ],
)
def test_another_tenant_is_refused(changes: dict[str, Any]):
    refusal = _refusal(activity(**changes))
    assert (refusal.status, refusal.code) == (403, "tenant")


def test_the_tenants_are_those_of_now():
    tenants = {TENANT}
    gate = Gate(lambda: frozenset(tenants), ServiceUrls({"smba.trafficmanager.net"}))
    assert gate.admit(json.dumps(activity()).encode(), None) is not None
    tenants.clear()
    with pytest.raises(Refused, match="tenant"):
        gate.admit(json.dumps(activity()).encode(), None)


@pytest.mark.parametrize(
    "claimed", ["https://smba.trafficmanager.net/emea", "https://smba.trafficmanager.net/amer/", "", TEAMS_URL.upper()]
)
def test_a_token_for_another_service_url_is_refused(claimed: str):
    assert _refusal(activity(), claimed).status == 401


_HOSTILE = [
    "https://evil.example/",
    "https://smba.trafficmanager.net.evil.example/",
    "https://evil.smba.trafficmanager.net/",
    "https://evil-smba.trafficmanager.net/",
    "https://evil.trafficmanager.net/",
    "https://trafficmanager.net/",
    "https://smba.trafficmanager.net./",
    "https://smba.trafficmanager.net:443/",
    "https://smba.trafficmanager.net:8443/",
    "https://smba.trafficmanager.net:/",
    "https://smba.trafficmanager.net@evil.example/",
    "https://user:pass@smba.trafficmanager.net/",
    "https://@smba.trafficmanager.net/",
    "https://evil.example#@smba.trafficmanager.net/",
    "https://evil.example?@smba.trafficmanager.net/",
    "https://evil.example\\@smba.trafficmanager.net/",
    "https:\\\\smba.trafficmanager.net/",
    "https:/smba.trafficmanager.net/",
    "https:smba.trafficmanager.net",
    "//smba.trafficmanager.net/",
    "smba.trafficmanager.net",
    "http://smba.trafficmanager.net/",
    "ftp://smba.trafficmanager.net/",
    "wss://smba.trafficmanager.net/",
    "urn:botframework:websocket",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "HTTPS://smba.trafficmanager.net/",
    "https://SMBA.trafficmanager.net/",
    "https://smba.trafficmanag\u0435r.net/",
    "https://smba\u3002trafficmanager\u3002net/",
    "https://\uff53mba.trafficmanager.net/",
    "https://xn--smba-.trafficmanager.net/",
    "https://smba.trafficmanager.net%2eevil.example/",
    "https://smba%2etrafficmanager.net/",
    "https://smba.trafficmanager.net%00.evil.example/",
    "https://smba.trafficmanager.net/..%2f..%2f",
    "https://smba.trafficmanager.net/../../",
    "https://smba.trafficmanager.net/emea/../../x",
    "https://smba.trafficmanager.net//evil.example/",
    "https://smba.trafficmanager.net/?to=https://evil.example",
    "https://smba.trafficmanager.net/#x",
    "https://smba.trafficmanager.net/;x",
    "https://smba.trafficmanager.net/ x",
    " https://smba.trafficmanager.net/",
    "https://smba.trafficmanager.net/\n",
    "https://smba.trafficmanager.net/\r\nHost: evil.example",
    "https://smba.trafficmanager.net\t.evil.example/",
    "https://127.0.0.1/",
    "http://127.0.0.1:3978/",
    "http://localhost/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "https://" + "a" * 600 + ".net/",
    "https://smba.trafficmanager.net" + "/a" * 300,
]


@pytest.mark.parametrize("url", _HOSTILE, ids=range(len(_HOSTILE)))
def test_a_hostile_service_url_is_refused(url: str):
    assert _refusal(activity(serviceUrl=url), None).status in (400, 403)
    with pytest.raises(HostRefused):
        ServiceUrls({"smba.trafficmanager.net"}).check(url)


@pytest.mark.parametrize(
    ("hosts", "url", "is_allowed"),
    [
        ({"127.0.0.1"}, "http://127.0.0.1:5000/_connector", True),
        ({"127.0.0.1"}, "https://127.0.0.1/", True),
        ({"127.0.0.1:5000"}, "http://127.0.0.1:5000/", True),
        ({"127.0.0.1:5000"}, "http://127.0.0.1:5001/", False),
        ({"127.0.0.1"}, "http://localhost:5000/", False),
        ({"[::1]"}, "http://[::1]:5000/", True),
        ({"localhost"}, "http://user@localhost:5000/", False),
        ({"smba.trafficmanager.net"}, "https://smba.trafficmanager.net/teams", True),
        ({"smba.trafficmanager.net"}, f"https://smba.trafficmanager.net/emea/{TENANT}/", True),
        ({"10.0.0.1"}, "http://10.0.0.1/", False),
        (set(), "https://smba.trafficmanager.net/", False),
    ],
)
def test_a_host_is_called_only_as_it_is_listed(hosts: set[str], url: str, is_allowed: bool):
    if is_allowed:
        assert ServiceUrls(hosts).check(url) == url.rstrip("/")
    else:
        with pytest.raises(HostRefused):
            ServiceUrls(hosts).check(url)


# --- form and JSON -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "length", "status"),
    [
        ({}, 2, 400),
        ({"Content-Type": ""}, 2, 400),
        ({"Content-Type": "text/plain"}, 2, 400),
        ({"Content-Type": "application/jsonx"}, 2, 400),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 2, 400),
        ({"Content-Type": "application/json; charset=latin-1"}, 2, 400),
        ({"Content-Type": "application/json; charset=utf-7"}, 2, 400),
        ({"Content-Type": "application/json, text/plain"}, 2, 400),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 2, 400),
        ({"Content-Type": "application/json", "Content-Encoding": "br"}, 2, 400),
        ({"Content-Type": "application/json"}, MAX_BODY + 1, 413),
    ],
)
def test_another_form_than_json_is_refused(headers: dict[str, str], length: int, status: int):
    with pytest.raises(Refused) as caught:
        check_content(headers, length)
    assert caught.value.status == status


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
def test_json_in_utf_8_is_the_form(kind: str):
    check_content({"Content-Type": kind, "Content-Encoding": "identity"}, None)


_NOT_JSON = [
    b"",
    b" ",
    b"x",
    b"{",
    b"{]",
    b"{'a':1}",
    b'{"a":1,}',
    b'{"a":1} x',
    b'{"a":1}{"a":1}',
    b'{"a":1,"a":1}',
    b'{"b":{"a":1,"a":2}}',
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":-Infinity}',
    b'{"a":1e999}',
    b'{"a":' + b"9" * 21 + b"}",
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":0.' + b"1" * 60 + b"}",
    b'{"a":"\\ud800"}',
    b'{"a":"x\\uDFFFy"}',
    b'{"\\ud800":1}',
    b'{"a":["\\udc00"]}',
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\xff"}',
    b'\xef\xbb\xbf{"a":1}',
    '{"a":1}'.encode("utf-16"),
    b'{"a":"\n"}',
    b'{"a":"\x00"}',
    b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    b"[" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"a":01}',
    b'{"a":+1}',
    b'{"a":0x1}',
    b"{a:1}",
    b"// x\n{}",
]


@pytest.mark.parametrize("body", _NOT_JSON, ids=range(len(_NOT_JSON)))
def test_what_another_reader_could_read_differently_is_no_json(body: bytes):
    with pytest.raises(NotJson):
        read_json(body)


def test_whole_characters_outside_the_basic_plane_are_fine():
    assert read_json(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}


# --- shape: every field with a wrong type -----------------------------------------------------

_WRONG_TYPES: dict[str, list[Any]] = {
    "type": [None, 1, "", [], {}, "x" * 65],
    "id": [None, 1, "", [], {}, "a b", "a\n", "\u00e9", "..", "x" * 513],
    "channelId": [None, 1, "", [], True],
    "serviceUrl": [None, 1, "", [], {}],
    "from": [None, 1, "x", [], {}, {"id": 1}, {"id": ""}, {"id": "x", "aadObjectId": 1}, {"id": "x", "name": []}],
    "recipient": [None, 1, "x", [], {}, {"id": None}, {"id": ".."}],
    "conversation": [
        None,
        1,
        "x",
        [],
        {},
        {"id": 1},
        {"id": "."},
        {"id": "a/ b"},
        {"id": "x", "conversationType": 1},
        {"id": "x", "tenantId": 1},
        {"id": "x", "isGroup": "ja"},
    ],
    "channelData": [
        None,
        1,
        "x",
        [],
        {},
        {"tenant": None},
        {"tenant": "x"},
        {"tenant": {}},
        {"tenant": {"id": 1}},
        {"tenant": {"id": TENANT}, "team": "x"},
        {"tenant": {"id": TENANT}, "channel": {"id": 1}},
        {"tenant": {"id": TENANT}, "eventType": 1},
    ],
    "text": [1, True, [], {}],
    "name": [1, [], {}],
    "locale": [1, [], {}, "x" * 65],
    "replyToId": [1, [], {}],
    "action": [1, [], {}],
    "membersAdded": [1, "x", {}, [1], [None], [{}], [{"id": 1}]],
    "membersRemoved": [1, "x", {}, [[]], [{"id": None}]],
    "deliveryMode": ["expectReplies", "ephemeral", "x", 1, True, [], {}],
    "timestamp": [1, [], {}],
    "textFormat": [1, []],
    "entities": [1, "x", {}],
    "attachments": [1, "x", {}],
}
_MALFORMED = [(key, value) for key, values in _WRONG_TYPES.items() for value in values]


@pytest.mark.parametrize(("key", "value"), _MALFORMED, ids=lambda part: repr(part)[:40])
def test_a_wrong_type_anywhere_is_refused(key: str, value: Any):
    body = {**activity(), key: value}
    assert _refusal(body, None).status == 400


@pytest.mark.parametrize("body", [b"null", b"1", b'"x"', b"[]", b"{}", b"true", b"[{}]"])
def test_json_that_is_no_activity_is_refused(body: bytes):
    assert _refusal(body).status == 400


def test_a_conversation_update_may_have_no_id():
    body = activity("to_bot_02_conversationUpdate_personal")
    del body["id"]
    assert GATE.admit(json.dumps(body).encode(), None) is not None


def test_what_was_typed_may_be_long():
    clean = GATE.admit(json.dumps(activity(text="x" * 100_000)).encode(), None)
    assert clean is not None
    assert len(clean["text"]) == 100_000
