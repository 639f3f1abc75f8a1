"""The access file: the people and tenants it lists, read again when it changes."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any

from bot.errors import SettingsError
from bot.ports import Person, Role
from state.errors import Finding
from state.nodes import Path as Place
from state.nodes import Tree, read_nodes

_log = logging.getLogger(__name__)

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_QUOTED = re.compile(r""" (['"]).{2,}\1""")
_TOP = ("tenants", "people")
_FIELDS = ("id", "name", "function", "roles", "in_channel")
_MAX_TEXT = 200
_LOOK_EVERY = 1.0


@dataclass(frozen=True)
class People:
    """What an access file says."""

    tenants: frozenset[str]
    people: Mapping[str, Person]

    @cached_property
    def by_role(self) -> Mapping[Role, tuple[Person, ...]]:
        """Give who has each role, in the file's order; found once, because every turn asks."""
        return {role: tuple(one for one in self.people.values() if role in one.roles) for role in Role}

    def only(self, ids: frozenset[str]) -> "People":
        """Give the same with these people alone."""
        kept = {key: person for key, person in self.people.items() if key in ids}
        return People(self.tenants, kept)


def read_people(text: str, name: str) -> People:
    """Give what an access file says; raises SettingsError with `file:line` for every mistake in it."""
    tree = read_nodes(text)
    check = _Check(tree)
    people = check.read() if not tree.findings else None
    if tree.findings or people is None:
        said = (f"{name}:{found.line}: {_without_names(found.message)}" for found in sorted(tree.findings))
        raise SettingsError("\n".join(said))
    return people


def _without_names(message: str) -> str:
    """Give a complaint without what it quotes: in this file that may be someone's name."""
    return _QUOTED.sub("", message)


class AccessFile:
    """An access file that is looked at again at most once a second, without a restart.

    A new version with a mistake must not lock everyone out in the middle of a crisis, and must not keep
    someone in who was just removed. So while the file is broken the last good version holds, but only for
    people whose id still stands in the broken text (outside comments); a file that is gone lets nobody in.
    What else was changed for them (a role, their channel) counts once the file can be read again.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        """Read the file for the first time; raises SettingsError when it has mistakes."""
        self._path = path
        self._clock = clock
        self._stamp = self._seen()
        self._good = self._people = read_people(self._text(), str(path))
        self._looked = clock()

    def people(self) -> People:
        """Give what the file says now."""
        if self._clock() - self._looked >= _LOOK_EVERY:
            self._looked = self._clock()
            self._look()
        return self._people

    def _look(self) -> None:
        stamp = self._seen()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        text = ""
        try:
            text = self._text()
            self._good = self._people = read_people(text, str(self._path))
        except SettingsError:
            self._people = self._good.only(_ids(text))
            _log.error("access_file_broken")
        else:
            _log.info("access_file_read")

    def _seen(self) -> tuple[int, ...]:
        try:
            stat = self._path.stat()
        except OSError:
            return ()
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)

    def _text(self) -> str:
        try:
            return self._path.read_text("utf-8")
        except OSError as error:
            raise SettingsError(f"{self._path}: cannot be read ({error.strerror}); make it readable") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{self._path}: is not UTF-8; save it as UTF-8") from None


def _ids(text: str) -> frozenset[str]:
    """Give every id that stands in a text outside comments; cutting too much only lets fewer people in."""
    without_comments = re.sub(r"#.*", "", text)
    return frozenset(found.group().lower() for found in _GUID.finditer(without_comments))


class _Check:
    """Turns the plain values of an access file into people and complains with the line."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def read(self) -> People | None:
        top = self._mapping(self._tree.value, (), _TOP, required=_TOP)
        if top is None:
            return None
        tenants = frozenset(self._guid(entry, place) for place, entry in self._list(top.get("tenants"), ("tenants",)))
        people: dict[str, Person] = {}
        for place, entry in self._list(top.get("people"), ("people",)):
            person = self._person(entry, place)
            if person and person.id in people:
                self._complain((*place, "id"), "this person stands here twice; keep one entry")
            if person:
                people.setdefault(person.id, person)
        return People(tenants, people)

    def _person(self, value: Any, place: Place) -> Person | None:
        fields = self._mapping(value, place, _FIELDS, required=("id", "name", "function", "roles"))
        if fields is None:
            return None
        in_channel = fields.get("in_channel", True)
        if not isinstance(in_channel, bool):
            self._complain((*place, "in_channel"), "in_channel is true or false")
        return Person(
            id=self._guid(fields.get("id"), (*place, "id")),
            name=self._text(fields.get("name"), (*place, "name")),
            function=self._text(fields.get("function"), (*place, "function")),
            roles=frozenset(self._roles(fields.get("roles"), (*place, "roles"))),
            in_channel=bool(in_channel),
        )

    def _roles(self, value: Any, place: Place) -> Iterator[Role]:
        for spot, name in self._list(value, place):
            if name in tuple(Role):
                yield Role(name)
            else:
                self._complain(spot, f"no such role; use one of {', '.join(Role)}")

    def _mapping(self, value: Any, place: Place, known: tuple[str, ...], required: tuple[str, ...]) -> Any:
        if not isinstance(value, dict):
            self._complain(place, f"expected the keys {', '.join(known)}")
            return None
        for key in value.keys() - set(known):
            self._complain((*place, f"key:{key}"), f"no such key; use {', '.join(known)}")
        for key in required:
            if key not in value:
                self._complain(place, f"{key} is missing; add it")
        return value

    def _list(self, value: Any, place: Place) -> list[tuple[Place, Any]]:
        if value is None and place not in self._tree.places:
            return []  # its absence was complained about
        if not isinstance(value, list) or not value:
            self._complain(place, "expected a list with at least one entry")
            return []
        return [((*place, position), entry) for position, entry in enumerate(value)]

    def _guid(self, value: Any, place: Place) -> str:
        if isinstance(value, str) and _GUID.fullmatch(value):
            return value.lower()
        if place in self._tree.places:
            self._complain(place, "this is no Entra id; it looks like 00000000-0000-0000-0000-000000000000")
        return ""

    def _text(self, value: Any, place: Place) -> str:
        if isinstance(value, str) and value.strip() and len(value) <= _MAX_TEXT:
            return value.strip()
        if place in self._tree.places:
            self._complain(place, f"expected a text of at most {_MAX_TEXT} characters; put it in quotes")
        return ""

    def _complain(self, place: Place, message: str) -> None:
        line, column = self._tree.place(place)
        self._tree.findings.append(Finding(line, column, message))
