"""The dossier keeper's side: what can be shown, and what was typed or pressed.

Beside the contract's verbs a keeper's cards carry `hold`, `release`, `destroy` and `withdraw`. What a handle on such
a card stands for is `keepings:<ids>` (a list), or `keeping:<id>.<version>` and `destroying:<id>.<version>`: a card
that shows an older state changes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dialogs.reading import bare, folded, plain
from dialogs.values import Incoming
from state.keeping import Certificate, Keeping

LONGEST_REASON = 500

# --- what can be shown -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A dossier in the list: where it stands in a word (`kept` in the texts) and the day that belongs to it."""

    id: str
    number: str
    status: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class KeepingsScreen:
    """The closed dossiers, the most urgent first; `more` are left out, `unreadable` are damaged."""

    lines: tuple[KeptLine, ...]
    more: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class KeepingScreen:
    """One dossier: how long, why, held by whom (`names` by id), and what this keeper can do with it now."""

    keeping: Keeping
    names: Mapping[str, str]
    actions: frozenset[str]
    proposed_at: datetime | None = None
    ready_at: datetime | None = None
    lapses_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DestroyScreen:
    """What is about to be proposed or confirmed (`step`), without any content."""

    keeping: Keeping
    step: str
    events: int
    days: int
    proposer: str = ""
    proposed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CertificateScreen:
    """What remains of a destroyed case."""

    certificate: Certificate


@dataclass(frozen=True, slots=True)
class CertificatesScreen:
    """The certificates, the latest first; `more` are left out."""

    certificates: tuple[Certificate, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class KeepingHelpScreen:
    """What a keeper can type."""


KeeperScreen = (
    KeepingsScreen | KeepingScreen | DestroyScreen | CertificateScreen | CertificatesScreen | KeepingHelpScreen
)


def context_of(screen: KeeperScreen) -> str:
    """Give what a handle on this screen's card stands for."""
    match screen:
        case KeepingsScreen(lines=lines):
            return "keepings:" + ",".join(line.id for line in lines)
        case KeepingScreen(keeping=keeping):
            return f"keeping:{keeping.case}.{keeping.version}"
        case DestroyScreen(keeping=keeping):
            return f"destroying:{keeping.case}.{keeping.version}"
        case _:
            return "keepings:"


def case_of(screen: KeeperScreen) -> str | None:
    """Give the case that a screen is about, if it is about one that is there."""
    return screen.keeping.case if isinstance(screen, KeepingScreen | DestroyScreen) else None


# --- what is wanted --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeeperWish:
    """What a keeper wants: of which case (number or random id), why or which, and from a card of which version."""

    verb: str
    case: str = ""
    note: str = ""
    choice: str = ""
    version: int | None = None


_WORDS: Mapping[str, str] = {
    word: verb
    for verb, words in {
        "list": "dossiers|dossier|alle dossiers|dossiers kept|all dossiers",
        "certificates": "verklaringen|verklaringen van vernietiging|certificates|certificates of destruction",
        "help": "dossierhulp|dossier help|dossiers help|help dossiers",
    }.items()
    for word in words.split("|")
}
_ABOUT_ONE: Mapping[str, str] = {
    word: verb
    for verb, words in {
        "show": "dossier",
        "hold": "bewaar|bevries|hold|freeze",
        "release": "vrijgeven|geef vrij|hef op|release|lift",
        "destroy": "vernietig|vernietigen|destroy",
        "withdraw": "intrekken|trek in|withdraw",
    }.items()
    for word in words.split("|")
}
_EITHER = "|".join(_ABOUT_ONE).replace(" ", r"\s+")
_COMMAND = re.compile(
    rf"({_EITHER})\s+(il-\d{{4}}-\d{{4}})[.:,]?(?:\s+(.*))?",
    re.DOTALL | re.IGNORECASE,
)
_YES = frozenset({"ja", "yes"})
_PRESSED: Mapping[str, str] = {
    "resume": "list",
    "choose_case": "show",
    "back": "show",
    "hold": "hold",
    "release": "release",
    "destroy": "destroy",
    "withdraw": "withdraw",
    "overview": "certificates",
    "help": "help",
    "language": "language",
}
_ABOUT_NONE = frozenset({"list", "certificates", "help", "language"})


def is_keepers(context: str) -> bool:
    """Tell whether a card that stood for this was one of a keeper's."""
    return context.partition(":")[0] in ("keepings", "keeping", "destroying")


def read_typed(text: str, shown: str = "") -> KeeperWish | None:
    """Give what a keeper typed under a card that stood for `shown`; None for what is no keeper's word."""
    words = plain(text)
    if verb := _WORDS.get(folded(words)):
        return KeeperWish(verb)
    kind, _, listed = shown.partition(":")
    if kind == "keepings" and bare(words).isdecimal():
        return _listed(listed, bare(words))
    found = _COMMAND.fullmatch(words)
    if found is None:
        return None
    word, number, rest = found.groups(default="")
    verb = _ABOUT_ONE[" ".join(word.casefold().split())]
    return KeeperWish(verb, number.upper(), rest.strip(), "yes" if folded(rest) in _YES else "")


def read_pressed(incoming: Incoming, context: str) -> KeeperWish | None:
    """Give what a press on a keeper's card asks for; None for no verb of such a card."""
    verb = _PRESSED.get(incoming.verb or "")
    kind, _, about = context.partition(":")
    choice = plain(incoming.answer or "")
    if verb is None or verb in _ABOUT_NONE:
        return KeeperWish(verb, choice=choice) if verb else None
    if kind == "keepings":
        return _listed(about, choice) if verb == "show" else None
    case, _, version = about.partition(".")
    return KeeperWish(verb, case, plain(incoming.note or ""), choice, int(version))


def _listed(listed: str, position: str) -> KeeperWish:
    """Give the wish to see the case at a position of a list; one that is not there is none of ours."""
    ids = listed.split(",") if listed else []
    place = int(position[:4]) if position.isdecimal() else 0
    return KeeperWish("show", ids[place - 1] if 1 <= place <= len(ids) else "-")
