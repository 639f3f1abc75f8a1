"""Everything that the program wrote, by the kind of place, without what people may see themselves."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.trust.silence.aviary import Person, texts_of
from tests.trust.silence.canaries import found
from tests.trust.silence.program import Program
from tests.trust.silence.stage import Stage

Places = dict[str, list[Any]]
# The case of the first goes to the second (`stage.live`).
HANDED_OVER = ("user-1", "user-5")


@dataclass
class Heard:
    """Everything that was written, by the kind of place; what people may see themselves is not in it."""

    places: Places = field(default_factory=dict)

    def add(self, place: str, *contents: Any) -> None:
        """Keep what was written in a place; an empty one was looked at, too."""
        self.places.setdefault(place, []).extend(contents)

    def leaks(self) -> dict[str, list[str]]:
        """Give the marked words by place."""
        hits = {
            place: [word for content in contents for word in found(content)] for place, contents in self.places.items()
        }
        return {place: words[:5] for place, words in hits.items() if words}


async def hear_pages(heard: Heard, here: Stage) -> None:
    """Keep what stands on the pages, and what the commands' door says to who has no token."""
    at = here.at
    for path in ("/healthz", "/readyz", "/metrics"):
        port = here.metrics_port if path == "/metrics" else at.address.rpartition(":")[2]
        async with at.session.get(f"http://127.0.0.1:{port}{path}") as response:
            assert response.status == 200
            heard.add(path, await response.read())
    await hear_door(heard, here, json.loads((here.program.data / "control.json").read_text("utf-8")))
    assert all(b"IL-" not in page for path in ("/healthz", "/readyz", "/metrics") for page in heard.places[path])
    # While it runs, what was written last stands in the journal alone.
    heard.add("database and its journals", *(path.read_bytes() for path in here.program.data.glob("*.sqlite*")))
    heard.add("limit of core dumps", here.program.core_limit)
    assert here.program.core_limit == "0"


async def hear_door(heard: Heard, here: Stage, control: Mapping[str, Any]) -> None:
    """Keep what the commands' door says to who has no token, and to who asks for what is not there."""
    word = here.at.canaries.word
    paths = (f"/cases/{word('case number')}", f"/{word('path')}", f"/do/{word('action')}")
    asked = itertools.product((word("token"), control["token"]), paths, ("GET", "POST"))
    for shown, path, method in asked:
        address, head = f"http://127.0.0.1:{control['port']}{path}", {"Authorization": f"Bearer {shown}"}
        async with here.at.session.request(method, address, data=word("body"), headers=head) as response:
            heard.add("answers of the commands' door", await response.read())


def hear_answers(heard: Heard, here: Stage) -> None:
    """Keep what HTTP answered and what went to Teams, except what people see in their own chat."""
    for is_own, answer in here.at.answers:
        heard.add("heads of answers to presses" if is_own else "answers to requests", answer)
    listed = {one.chat for one in here.people}
    for call in here.at.teams.calls:
        if call.body is None or call.method not in ("POST", "PUT"):
            continue
        message = call.body.get("activity", call.body)
        heard.add("notifications", *texts_of(message))
        if (message.get("conversation") or {}).get("id") not in listed:
            heard.add("cards outside a listed person's chat", *without_functions(message, here.people))
    assert not [text for text in heard.places["notifications"] if "IL-" in str(text)]
    hear_chats(heard, here)


def hear_chats(heard: Heard, here: Stage) -> None:
    """Keep what stands in the chats of two people though it is of one; who takes a case over may read it."""
    listed = {word for one in here.people for word in found([one.name, one.function])}
    chats = {user: set(in_chat(here, user)) - listed for user in here.at.people}
    for one, other in itertools.combinations(chats, 2):
        if (one, other) != HANDED_OVER:
            heard.add("another person's chat", *(chats[one] & chats[other]))


def in_chat(here: Stage, user: str) -> list[str]:
    """Give the marked words on the cards in someone's own chat."""
    return found([message.get("attachments") for message in here.at.said(user)])


def without_functions(message: Mapping[str, Any], people: list[Person]) -> Iterator[str]:
    """Give the cards of a message without the functions of people: the channel's card says by which one it was made."""
    for attachment in message.get("attachments") or ():
        text = json.dumps(attachment, ensure_ascii=False)
        for one in people:
            text = text.replace(one.function, "functie")
        yield text


def hear_files(heard: Heard, program: Program) -> None:
    """Keep all that stands on the disk, and how it is called."""
    heard.add("standard output", program.out.read_bytes())
    heard.add("log on standard error", program.err.read_bytes())
    assert b"IL-" not in program.out.read_bytes() + program.err.read_bytes()
    heard.add("names of files")
    for path in program.folder.rglob("*"):
        heard.add("names of files", str(path.relative_to(program.folder)))
    kinds = {
        "data": "other files of the bot",
        "tmpdir": "temporary files",
        "home": "home folder",
        "cwd": "working folder",
    }
    for folder, place in kinds.items():
        heard.add(place, *(path.read_bytes() for path in (program.folder / folder).rglob("*") if path.is_file()))
    heard.add("database and its journals", *(path.read_bytes() for path in program.data.glob("*.sqlite*")))
