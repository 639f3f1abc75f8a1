"""What a turn and the outbox need from outside: values and Protocols, no library."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dialogs.values import Card, Incoming, Outgoing


class Role(StrEnum):
    """A role of the access file."""

    ASSESSOR = "assessor"
    DECIDER = "decider"
    CMT = "cmt"
    DOSSIER_KEEPER = "dossier_keeper"
    FRAMEWORK_OWNER = "framework_owner"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in the access file; `id` is the Entra object id."""

    id: str
    name: str
    function: str
    roles: frozenset[Role]
    in_channel: bool = True


class Place(StrEnum):
    """Where an activity happened."""

    PERSONAL = "personal"
    GROUP = "groupChat"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent an activity, as the verified token's channel says; `user_id` is Teams' own id."""

    object_id: str
    user_id: str
    tenant: str


@dataclass(frozen=True, slots=True)
class ChatReference:
    """Where to speak to a person later: service URL, conversation, and the two accounts in it."""

    service_url: str
    conversation: str
    user_id: str
    bot_id: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One activity that passed the gate, on its way to the desk; `welcome` when the bot was added."""

    activity_id: str
    sender: Sender
    place: Place
    chat: ChatReference
    incoming: Incoming
    is_invoke: bool = False
    welcome: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a turn says: messages to send, and for an invoke the card that replaces the pressed one.

    When `stored` is false nothing could be kept, and the messages say so.
    """

    messages: tuple[Outgoing, ...] = ()
    replace: Card | None = None
    stored: bool = True


class Desk(Protocol):
    """The one place where a turn is taken."""

    async def take_turn(self, turn: Turn) -> Reply:
        """Give the answer to one turn; raises nothing that a person caused."""
        ...

    def not_said(self, turn: Turn) -> None:
        """Hear that the answer did not arrive: a new delivery of the turn is answered again."""
        ...


class Access(Protocol):
    """Who may talk to the bot now."""

    async def admit(self, sender: Sender, chat: ChatReference) -> Person:
        """Give the person when allowed now; raises NoAccess or AccessUnknown (roster not reachable)."""
        ...

    def people_with(self, role: Role) -> tuple[Person, ...]:
        """Give everyone in the access file who has the role, in the file's order."""
        ...

    def person(self, object_id: str) -> Person | None:
        """Give the person of the access file with this Entra object id."""
        ...


@dataclass(frozen=True, slots=True)
class PostedActivity:
    """A message in a channel or chat that can be updated later."""

    service_url: str
    conversation: str
    activity: str


class Teams(Protocol):
    """Speaking outside a turn. Every method raises ChannelUnavailable (with `retry_after` seconds or None
    and `may_have_arrived`) when Teams does not take it, and PostRefused when trying again cannot help."""

    async def post_in_channel(self, outgoing: Outgoing, like: ChatReference) -> PostedActivity:
        """Start a new thread in the CMT channel (same service and tenant as `like`) and give where it stands."""
        ...

    async def update(self, posted: PostedActivity, outgoing: Outgoing) -> None:
        """Replace the content of a message that was posted before."""
        ...

    async def delete(self, posted: PostedActivity) -> None:
        """Delete a message that was posted before."""
        ...

    async def send_to(self, chat: ChatReference, outgoing: Outgoing) -> None:
        """Send a message in an existing private chat."""
        ...

    async def open_chat(self, object_id: str, like: ChatReference) -> ChatReference:
        """Give a private chat with a person that the bot did not talk to yet (same tenant as `like`)."""
        ...
