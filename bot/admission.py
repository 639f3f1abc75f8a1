"""Who acts: a person of the access file as the core knows them, with the role that they weigh in."""

from bot.ports import Person, Role
from state.events import Actor
from state.permissions import CARD_ROLES, WEIGHING_ROLES

# Who has both may conclude as a decider. Another role comes last: the core permits it nothing in a case.
_ORDER = (Role.DECIDER, Role.ASSESSOR, *Role)


def may_weigh(person: Person) -> bool:
    """Tell whether this person has a role with which someone weighs."""
    return not WEIGHING_ROLES.isdisjoint(person.roles)


def may_keep_dossiers(person: Person) -> bool:
    """Tell whether this person keeps dossiers."""
    return Role.DOSSIER_KEEPER in person.roles


def may_talk(person: Person, *, with_keepers: bool) -> bool:
    """Tell whether there is anything for this person here at all."""
    return may_weigh(person) or (with_keepers and may_keep_dossiers(person))


def may_use_card(person: Person) -> bool:
    """Tell whether this person is one of those before whom the channel card stands."""
    return not CARD_ROLES.isdisjoint(person.roles)


def to_actor(person: Person) -> Actor:
    """Give the person as who acts in a case."""
    role = next((role.value for role in _ORDER if role in person.roles), "")
    return Actor(person.id, person.name, person.function, role)
