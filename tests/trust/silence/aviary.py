"""People at the running program whose every request is full of marked words; Teams around it is written by hand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from tests.bot.fakes_teams import FakeTeams
from tests.bot.room import Room
from tests.trust.silence.canaries import Canaries

TENANT = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Person:
    """Someone with marked ids, name and function."""

    user: str
    object_id: str
    chat: str
    name: str
    function: str
    roles: tuple[str, ...] = ()


def person(canaries: Canaries, *roles: str) -> Person:
    """Give someone; who has roles stands in the access file."""
    return Person(
        f"29:{canaries.word('user id')}",
        canaries.identity("Entra id"),
        f"a:{canaries.word('conversation id')}",
        f"Naam {canaries.word('name in the access file')}",
        f"functie {canaries.word('function in the access file')}",
        roles,
    )


def access_file(people: list[Person]) -> str:
    """Give the text of an access file."""
    entries = [
        {"id": one.object_id, "name": one.name, "function": one.function, "roles": list(one.roles)} for one in people
    ]
    return json.dumps({"tenants": [TENANT], "people": entries})


@dataclass
class Aviary(Room):
    """A room in which every request is stuffed; `bearer` gives a token where one is asked for."""

    canaries: Canaries = field(default_factory=Canaries)
    people: dict[str, Person] = field(default_factory=dict)
    bearer: Any = None
    answers: list[tuple[bool, bytes]] = field(default_factory=list)

    def activity(self, user: str, **more: Any) -> dict[str, Any]:
        """Give what Teams would send from a person's private chat, with marked words all over."""
        return self.stuffed(self.people[user], **more)

    def stuffed(self, who: Person, **more: Any) -> dict[str, Any]:
        """Give an activity of someone, with marked words in every field that may hold one."""
        word, words = self.canaries.word, self.canaries.words
        return {
            **dict(zip(words("unknown key", 8), words("unknown value", 8), strict=True)),
            "type": "message",
            "id": word("activity id"),
            "channelId": "msteams",
            "serviceUrl": self.teams.url,
            "locale": f"nl-{word('locale')}",
            "from": {"id": who.user, "aadObjectId": who.object_id, **self._account("sender")},
            "recipient": {"id": f"28:{word('bot id')}", **self._account("recipient")},
            "conversation": {
                "id": who.chat, "conversationType": "personal", "tenantId": TENANT, **self._account("conversation"),
            },
            "channelData": {
                "tenant": {"id": TENANT, **self._account("tenant")},
                "team": {"id": word("team id"), **self._account("team")},
                "channel": {"id": word("channel id"), **self._account("channel")},
                "source": {"name": word("channel data")},
                "settings": [{"a": word("channel data"), word("channel data"): [word("channel data")]}],
            },
            "replyToId": word("reply id"),
            "entities": [{"type": "mention", "text": f"<at>{word('entity')}</at>", "mentioned": {"id": word("x")}}],
            "attachments": [{"contentType": word("attachment"), "contentUrl": f"https://{word('attachment')}/x"}],
            **{name: word("unused text") for name in ("localTimezone", "textFormat", "summary", "importance")},
            **more,
        }  # fmt: skip

    def _account(self, kind: str) -> dict[str, str]:
        names = self.canaries.words("unknown key", 3)
        return {"name": self.canaries.word(f"{kind} name"), **{name: self.canaries.word(kind) for name in names}}

    def headers(self) -> dict[str, str]:
        """Give headers with marked words, in known names and in unknown ones."""
        word = self.canaries.word
        known = ("User-Agent", "Cookie", "X-Forwarded-For", "Referer", "X-Ms-Conversation-Id", "Traceparent", "Origin")
        return {name: word("header") for name in known} | {f"X-{word('header')}": word("header") for _ in range(4)}

    def address_of(self, path: str) -> URL:
        """Give an address with marked words in its query."""
        pairs = "&".join(f"{self.canaries.word('query')}={self.canaries.word('query')}" for _ in range(2))
        return URL(f"{self.address}{path}?{pairs}", encoded=True)

    async def deliver(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Post an activity; give status and body of the answer."""
        action = (body.get("value") or {}).get("action") or {}
        if action:
            unknown = {self.canaries.word("unknown key"): self.canaries.word("unknown value")}
            body = {**body, "value": {"action": {**action, "data": {**action["data"], **unknown}}, **unknown}}
        status, content = await self.post(json.dumps(body).encode(), is_own=body.get("type") == "invoke")
        return status, json.loads(content) if content else None

    async def post(
        self, content: bytes, *, is_own: bool = False, path: str = "/api/messages", method: str = "POST", **headers: str
    ) -> tuple[int, bytes]:
        """Send bytes and keep the answer; `is_own` says that it is for the eyes of who asks."""
        token = {"Authorization": self.bearer()} if self.bearer else {}
        send = {"Content-Type": "application/json", **self.headers(), **token, **headers}
        async with self.session.request(method, self.address_of(path), data=content, headers=send) as response:
            answer = await response.read()
            told = f"{response.status} {response.reason}\n" + "\n".join(map(": ".join, response.headers.items()))
        self.answers.append((is_own, told.encode() + (b"" if is_own else answer)))
        return response.status, answer

    def said(self, user: str) -> list[dict[str, Any]]:
        """Give all that the bot said in a person's chat."""
        return self.said_in(self.people[user].chat)

    def said_in(self, chat: str) -> list[dict[str, Any]]:
        """Give all that the bot said in a chat."""
        place = f"/v3/conversations/{quote(chat, safe='')}/activities"
        return [call.body for call in self.teams.calls if call.method == "POST" and place in call.path]


def know(teams: FakeTeams, people: list[Person], place: str) -> None:
    """Let Teams know these people as members of a team or channel."""
    for one in people:
        teams.members[f"conversations/{quote(place, safe='')}/members/{quote(one.user, safe='')}"] = {
            "id": one.user, "aadObjectId": one.object_id, "tenantId": TENANT, "userRole": "user", "name": one.name,
        }  # fmt: skip


def texts_of(message: Mapping[str, Any]) -> Iterator[Any]:
    """Give what of an outgoing message may be shown outside its chat: by a notification or a client that fails."""
    yield {
        key: value for key, value in message.items() if key not in ("from", "recipient", "conversation", "attachments")
    }
    for attachment in message.get("attachments") or ():
        yield {key: value for key, value in attachment.items() if key != "content"}
        yield {key: attachment["content"].get(key) for key in ("fallbackText", "speak", "lang", "version", "msteams")}


def open_session() -> aiohttp.ClientSession:
    """Give a client that adds nothing of its own."""
    return aiohttp.ClientSession(skip_auto_headers=["User-Agent"])
