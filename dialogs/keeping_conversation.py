"""What a keeper's wish comes to: what is kept next and what is shown; pure, and without any case's content."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dialogs.keeping import (
    LONGEST_REASON,
    CertificateScreen,
    CertificatesScreen,
    DestroyScreen,
    KeeperScreen,
    KeeperWish,
    KeepingHelpScreen,
    KeepingScreen,
    KeepingsScreen,
    KeptLine,
    context_of,
)
from dialogs.reading import to_language
from state import keeping as keep
from state.errors import CommandRefused, NotPermitted, StaleCard, TranscriptDamaged
from state.keeping import LAPSE, WAIT, Certificate, Keeping, may_keep
from state.permissions import Action

MOST_LINES = 12
_ORDER = ("proposed", "due", "proposed_by_you", "held", "until", "for_good", "not_yours")
CHANGES = frozenset({"hold", "release", "destroy", "withdraw"})
Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KeeperScene:
    """Who asks, when, and all that is kept; `names` and `roles_of` are those of the access file by Entra id.

    `heads` gives number of events and chain value of a case, `shown` what the last card stood for, `unreadable` how
    many closed cases have no keeping that can be read.
    """

    person: str
    roles: Collection[str]
    now: datetime
    keepings: tuple[Keeping, ...]
    certificates: tuple[Certificate, ...] = ()
    names: Names = field(default_factory=dict)
    roles_of: Mapping[str, Collection[str]] = field(default_factory=dict)
    heads: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    shown: str = ""
    wait: timedelta = WAIT
    unreadable: int = 0

    def find(self, case: str) -> Keeping | None:
        """Give the dossier with this number or random id."""
        return next((kept for kept in self.keepings if case in (kept.number, kept.case)), None)

    def may(self, action: Action, kept: Keeping) -> bool:
        """Tell whether this person may do this with this dossier."""
        return may_keep(action, kept, self.person, self.roles)


@dataclass(frozen=True, slots=True)
class KeeperOutcome:
    """What is shown, and kept: a keeping in the place of the one before, or a certificate of one at `version`.

    `noted` is what the register keeps of it: actions that were done, or refused with a code.
    """

    screen: KeeperScreen
    notice: tuple[str, Mapping[str, str]] | None = None
    noted: tuple[tuple[str, str, str | None], ...] = ()
    keeping: Keeping | None = None
    certificate: Certificate | None = None
    version: int = 0
    language: str | None = None


def respond_keeper(wish: KeeperWish, scene: KeeperScene) -> KeeperOutcome:
    """Give what a wish comes to; a refusal is an outcome, too."""
    match wish.verb:
        case "help":
            return KeeperOutcome(KeepingHelpScreen())
        case "language":
            language = to_language(wish.choice)
            return KeeperOutcome(_list(scene), None if language else ("no_such_language", {}), language=language)
        case "certificates":
            latest = tuple(reversed(scene.certificates))
            screen = CertificatesScreen(latest[:MOST_LINES], max(0, len(latest) - MOST_LINES))
            return KeeperOutcome(screen, noted=(("list_certificates", "ok", None),))
        case "show" | "hold" | "release" | "destroy" | "withdraw":
            return _about_one(wish, scene)
        case "stale_card" | "not_understood":
            return KeeperOutcome(_list(scene), (wish.verb, {}), (("refused", wish.verb, None),))
        case _:
            return KeeperOutcome(_list(scene), noted=(("list", "ok", None),))


# --- one dossier -----------------------------------------------------------------------


def _about_one(wish: KeeperWish, scene: KeeperScene) -> KeeperOutcome:
    kept = scene.find(wish.case)
    if kept is None:
        return _gone(wish, scene)
    try:
        if not scene.may(_action(wish, scene, kept), kept):
            raise NotPermitted
        if wish.verb == "show":
            return KeeperOutcome(_one(kept, scene), noted=(("read_keeping", "ok", kept.case),))
        if wish.version not in (None, kept.version):
            raise StaleCard
        return _destroy(wish, scene, kept) if wish.verb == "destroy" else _change(wish, scene, kept)
    except CommandRefused as refusal:
        screen = _one(kept, scene) if scene.may(Action.READ, kept) else _list(scene)
        return KeeperOutcome(screen, (refusal.code, {}), ((_noted(wish, scene, kept), refusal.code, kept.case),))


def _gone(wish: KeeperWish, scene: KeeperScene) -> KeeperOutcome:
    """Give the certificate where the case was destroyed, or say that there is none."""
    found = next((one for one in scene.certificates if wish.case in (one.number, one.case)), None)
    if found is not None:
        return KeeperOutcome(CertificateScreen(found), noted=(("read_certificate", "ok", found.case),))
    return KeeperOutcome(_list(scene), ("keeping.no_such", {}), ((wish.verb, "no_such_dossier", None),))


def _change(wish: KeeperWish, scene: KeeperScene, kept: Keeping) -> KeeperOutcome:
    if len(wish.note) > LONGEST_REASON:
        return KeeperOutcome(_one(kept, scene), ("too_long", {"most": str(LONGEST_REASON)}))
    match wish.verb:
        case "hold":
            after = keep.hold(kept, scene.person, scene.now, wish.note)
        case "release":
            position, reason = _which_hold(wish, kept)
            after = keep.lift(kept, position, scene.person, scene.now, reason)
        case _:
            after = keep.withdraw(kept, scene.now)
    return _kept(after, wish.verb, scene, _noted(wish, scene, kept))


def _which_hold(wish: KeeperWish, kept: Keeping) -> tuple[int, str]:
    """Give which hold, and why it is lifted; with one hold a number in front is part of the reason."""
    if wish.choice.isdecimal():
        return int(wish.choice[:4]), wish.note
    first, _, rest = wish.note.partition(" ")
    if len(kept.held) > 1 and first.rstrip(".:").isdecimal():
        return int(first.rstrip(".:")[:4]), rest.strip()
    return 0, wish.note


def _destroy(wish: KeeperWish, scene: KeeperScene, kept: Keeping) -> KeeperOutcome:
    """Propose or confirm: first it is shown what it is about, and only then is it done."""
    proposal = keep.proposal_of(kept, scene.now)
    step = "confirm" if proposal else "propose"
    if proposal is None:
        after = keep.propose(kept, scene.person, scene.now)
    else:
        after = kept
        roles = scene.roles_of.get(proposal.by, ())
        keep.check_confirm(kept, scene.person, scene.roles, roles, scene.now, scene.wait)
    if kept.case not in scene.heads:
        raise TranscriptDamaged("what is kept is of a case that is not there")
    events, link = scene.heads[kept.case]
    screen = DestroyScreen(
        kept,
        step,
        events,
        scene.wait.days,
        scene.names.get(proposal.by, "") if proposal else "",
        proposal.at if proposal else None,
    )
    # Typing it all at once is not enough: nobody destroys what they were not shown.
    if wish.choice.casefold() not in ("ja", "yes") or scene.shown != context_of(screen):
        return KeeperOutcome(screen, noted=(("read_keeping", "ok", kept.case),))
    if proposal is None:
        return _kept(after, "propose", scene, "propose_destruction")
    certificate = keep.certify(kept, proposal, events, link, scene.now)
    noted = (("confirm_destruction", "ok", kept.case), ("destroy", "ok", kept.case))
    shown = CertificateScreen(certificate)
    return KeeperOutcome(shown, ("keep_done.destroy", {}), noted, certificate=certificate, version=kept.version)


def _kept(after: Keeping, done: str, scene: KeeperScene, noted: str) -> KeeperOutcome:
    return KeeperOutcome(_one(after, scene), (f"keep_done.{done}", {}), ((noted, "ok", after.case),), keeping=after)


def _action(wish: KeeperWish, scene: KeeperScene, kept: Keeping) -> Action:
    """Give the action that is asked of the table of permissions."""
    match wish.verb:
        case "hold":
            return Action.HOLD
        case "release":
            return Action.LIFT_HOLD
        case "destroy" if keep.proposal_of(kept, scene.now):
            return Action.CONFIRM_DESTRUCTION
        case "destroy" | "withdraw":
            return Action.PROPOSE_DESTRUCTION
        case _:
            return Action.READ


def _noted(wish: KeeperWish, scene: KeeperScene, kept: Keeping) -> str:
    """Give the register's word for what was asked; `read` is for content, and none is shown here."""
    apart = {"show": "read_keeping", "withdraw": "withdraw_destruction"}
    return apart.get(wish.verb) or _action(wish, scene, kept).value


# --- what is shown ---------------------------------------------------------------------


def _one(kept: Keeping, scene: KeeperScene) -> KeepingScreen:
    proposal = keep.proposal_of(kept, scene.now)
    at = proposal.at if proposal else None
    return KeepingScreen(
        kept,
        scene.names,
        frozenset(_possible(kept, scene)),
        proposed_at=at,
        ready_at=at + scene.wait if at else None,
        lapses_at=at + LAPSE if at else None,
    )


def _possible(kept: Keeping, scene: KeeperScene) -> list[str]:
    proposal = keep.proposal_of(kept, scene.now)
    found = []
    if scene.may(Action.HOLD, kept):
        found.append("hold")
    if kept.held and scene.may(Action.LIFT_HOLD, kept):
        found.append("release")
    if proposal and scene.may(Action.PROPOSE_DESTRUCTION, kept):
        found.append("withdraw")
    if proposal is None and keep.is_due(kept, scene.now) and scene.may(Action.PROPOSE_DESTRUCTION, kept):
        found.append("propose")
    if proposal and _is_confirmable(kept, scene):
        found.append("confirm")
    return found


def _is_confirmable(kept: Keeping, scene: KeeperScene) -> bool:
    proposer = kept.proposal.by if kept.proposal else ""
    try:
        keep.check_confirm(kept, scene.person, scene.roles, scene.roles_of.get(proposer, ()), scene.now, scene.wait)
    except CommandRefused:
        return False
    return True


def _list(scene: KeeperScene) -> KeepingsScreen:
    lines = sorted((_line(kept, scene) for kept in scene.keepings), key=_urgency)
    return KeepingsScreen(tuple(lines[:MOST_LINES]), max(0, len(lines) - MOST_LINES), scene.unreadable)


def _line(kept: Keeping, scene: KeeperScene) -> KeptLine:
    if not scene.may(Action.READ, kept):
        # The term alone can tell what was done in a case.
        return KeptLine(kept.case, kept.number, "not_yours")
    status = keep.status_of(kept, scene.now)
    if status == "proposed" and kept.proposal and kept.proposal.by == scene.person:
        status = "proposed_by_you"
    return KeptLine(kept.case, kept.number, status, kept.due)


def _urgency(line: KeptLine) -> tuple[int, str, str]:
    return (_ORDER.index(line.status), line.day.isoformat() if line.day else "", line.number)
