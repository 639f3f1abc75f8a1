"""The Access port: listed in the file, from a tenant of the file, and in the channel now where that is asked."""

from bot.access.people import AccessFile
from bot.access.roster import Roster
from bot.errors import NoAccess
from bot.ports import ChatReference, Person, Role, Sender


class Directory:
    """Says who may talk to the bot; college members may be listed without being in the channel."""

    def __init__(self, file: AccessFile, roster: Roster) -> None:
        self._file = file
        self._roster = roster

    async def admit(self, sender: Sender, chat: ChatReference) -> Person:
        """Give the person when allowed now; raises NoAccess or AccessUnknown (roster not reachable)."""
        listed = self._file.people()
        person = listed.people.get(sender.object_id.lower())
        if person is None or sender.tenant.lower() not in listed.tenants:
            raise NoAccess
        if person.in_channel:
            await self._roster.require_member(sender, chat)
        return person

    def people_with(self, role: Role) -> tuple[Person, ...]:
        """Give everyone in the access file who has the role, in the file's order."""
        return self._file.people().by_role[role]

    def person(self, object_id: str) -> Person | None:
        """Give the person of the access file with this Entra object id."""
        return self._file.people().people.get(object_id.lower())

    def tenants(self) -> frozenset[str]:
        """Give the tenants of the access file, in lower case."""
        return self._file.people().tenants
