"""What the tests of the keepers' side share: a few dossiers, every card, and a talk with one of two keepers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from dialogs import keeping as screens
from dialogs.keeping import KeeperWish, context_of, read_pressed, read_typed
from dialogs.keeping_conversation import KeeperOutcome, KeeperScene, respond_keeper
from dialogs.values import Incoming
from state import keeping as keep
from state.keeping import Certificate, Keeping
from state.permissions import Parts

CLOSED = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DUE = datetime(2031, 11, 25, 9, 0, tzinfo=UTC)
ELS, FLEUR, ANJA = "els", "fleur", "anja"
NAMES: Mapping[str, str] = {ELS: "Els Visser", FLEUR: "Fleur Mulder"}
ROLES = {ELS: ("dossier_keeper",), FLEUR: ("dossier_keeper",)}
NUMBER = "IL-2026-0042"


def kept(number: str = NUMBER, **more: object) -> Keeping:
    """Give a dossier that is due on 25 November 2031."""
    settings = {"category": "21.1", "due": date(2031, 11, 25), "parts": Parts(holder=ANJA), **more}
    opened = CLOSED - timedelta(days=2)
    return Keeping(f"case-{number}", number, opened, CLOSED, **settings)


def certificate(number: str = "IL-2025-7310") -> Certificate:
    """Give what remains of a destroyed case."""
    proposed = keep.propose(kept(number), ELS, DUE)
    assert proposed.proposal
    return keep.certify(proposed, proposed.proposal, 41, "0123456789abcdef" * 4, DUE + timedelta(days=8))


@dataclass
class Keepers:
    """Two keepers before the same dossiers; what a wish comes to is kept here."""

    keepings: dict[str, Keeping] = field(default_factory=lambda: {NUMBER: kept()})
    certificates: list[Certificate] = field(default_factory=list)
    now: datetime = DUE
    shown: dict[str, str] = field(default_factory=dict)

    def types(self, text: str, person: str = ELS, **more: object) -> KeeperOutcome:
        """Give what a typed text comes to."""
        wish = read_typed(text, self.shown.get(person, ""))
        assert wish is not None, text
        return self._answer(wish, person, self.shown.get(person, ""), **more)

    def presses(self, verb: str, answer: str = "", note: str = "", person: str = ELS, card: str = "") -> KeeperOutcome:
        """Give what a press on the last card comes to, or on the card that stood for `card`."""
        context = card or self.shown[person]
        wish = read_pressed(Incoming(verb=verb, handle="h", answer=answer, note=note), context)
        assert wish is not None
        return self._answer(wish, person, context)

    def _answer(self, wish: KeeperWish, person: str, shown: str, **more: object) -> KeeperOutcome:
        settings = {
            "person": person,
            "roles": ROLES.get(person, ("assessor",)),
            "now": self.now,
            "keepings": tuple(self.keepings.values()),
            "certificates": tuple(self.certificates),
            "names": NAMES,
            "roles_of": ROLES,
            "heads": {one.case: (41, "f" * 64) for one in self.keepings.values()},
            "shown": shown,
            **more,
        }
        outcome = respond_keeper(wish, KeeperScene(**settings))
        if outcome.keeping:
            self.keepings[outcome.keeping.number] = outcome.keeping
        if outcome.certificate:
            assert self.keepings.pop(outcome.certificate.number).version == outcome.version
            self.certificates.append(outcome.certificate)
        self.shown[person] = context_of(outcome.screen)
        return outcome


def every_screen(reason: str = "lopend Woo-verzoek") -> Iterator[tuple[str, screens.KeeperScreen]]:
    """Give every kind of keeper's screen in each of its forms, by a name."""
    dossiers = [kept(f"IL-2026-{number:04d}") for number in range(16)]
    held = keep.hold(keep.hold(dossiers[1], ELS, DUE, reason), FLEUR, DUE, "bezwaar tegen een besluit")
    states = [
        keep.propose(dossiers[0], ELS, DUE),
        held,
        replace(dossiers[2], due=date(2036, 11, 25), category="12.1.7"),
        replace(dossiers[3], due=None, category="4.1.4"),
        replace(dossiers[4], parts=Parts(holder=FLEUR)),
        keep.propose(dossiers[5], FLEUR, DUE),
    ]
    several = Keepers({one.number: one for one in [*states, *dossiers[6:]]}, [certificate()])
    few = Keepers({one.number: one for one in states}, [certificate(), certificate("IL-2025-0815")])
    yield "list", several.types("dossiers", FLEUR).screen
    yield "list short", few.types("dossiers", FLEUR).screen
    yield "list empty", Keepers({}).types("dossiers").screen
    for one in few.keepings.values():
        yield f"one {one.number}", few.types(f"dossier {one.number}", FLEUR).screen
    lifted = Keepers({held.number: keep.lift(held, 1, ELS, DUE, reason)})
    yield "one lifted", lifted.types(f"dossier {held.number}").screen
    ready = Keepers({states[0].number: states[0]}, now=DUE + timedelta(days=8))
    yield "one to confirm", ready.types(f"dossier {states[0].number}", FLEUR).screen
    yield "confirm", ready.types(f"vernietig {states[0].number}", FLEUR).screen
    yield "propose", Keepers().types(f"vernietig {NUMBER}").screen
    yield "certificate", few.types("dossier IL-2025-7310").screen
    yield "certificates", few.types("verklaringen").screen
    yield "certificates none", Keepers().types("verklaringen").screen
    yield "help", few.types("dossierhulp").screen
