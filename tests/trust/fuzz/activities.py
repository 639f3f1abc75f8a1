"""The reader of activities: bytes to the wish that the desk would take."""

import json
from collections.abc import Iterator

from bot.ports import Place
from bot.teams.gate import Gate, Refused
from bot.teams.incoming import to_activity, to_turn
from bot.teams.service_url import ServiceUrls
from dialogs.reading import read_press, read_text, split_note
from tests.trust.fuzz.mutations import bytewise, in_json
from tests.trust.fuzz.target import CORPUS, TESTS, Target

TENANT = "11111111-1111-4111-8111-111111111111"
GATE = Gate(lambda: frozenset({TENANT}), ServiceUrls({"smba.trafficmanager.net", "127.0.0.1"}))


def read_activity(data: bytes) -> None:
    """Bring an activity as far as the wish that the desk would take."""
    try:
        clean = GATE.admit(data, None)
    except Refused as refusal:
        assert refusal.status in (400, 401, 403, 413)
        return
    if clean is None:
        return
    activity = to_activity(clean)
    turn, welcome = to_turn(activity), to_turn(activity, welcome=True)
    # Anything else than a private chat of our tenant must never look like one.
    assert turn.place is not Place.PERSONAL or clean["conversation"]["conversationType"] == "personal"
    assert turn.sender.tenant == turn.chat.tenant == TENANT
    assert not welcome.incoming.text
    if turn.incoming.verb is None:
        wish = read_text(turn.incoming.text, "cases:a,b")
        assert wish.verb
        split_note(wish.argument)
    else:
        read_press(turn.incoming, "question:spoed")


def _activities() -> Iterator[bytes]:
    for path in sorted((TESTS / "data" / "activities").glob("to_bot_*.json")):
        yield json.dumps(json.loads(path.read_text("utf-8"))["body"]).encode()
    yield from (path.read_bytes() for path in sorted((CORPUS / "activities").iterdir()))


TARGET = Target(read_activity, _activities, (in_json, in_json, bytewise), most=8_192)
