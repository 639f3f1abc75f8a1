"""What the tests of the CMT's decisions begin with and ask."""

from collections.abc import Sequence

import pytest

from state import commands as do
from state.errors import CaseError
from state.events import BOT, Actor, Event
from tests.casework import Casework
from tests.conftest import ANJA

MIEKE = Actor("33333333-3333-4333-8333-333333333334", "Mieke Bos", "directeur", "cmt")
# Steps of the newspaper case, by their grade; the council is informed because the law says so.
STRONG, DUTY, OPEN, WEAK = "nazorg_leren", "raad_informeren", "intern_communiceren", "aangifte"
# A step that may not be in the channel.
HIDDEN = "gesprek"
CONFLICT = "eigen_betrokkenheid"
YES, NO, LATER = do.Choice("yes"), do.Choice("no"), do.Choice("later")


def post(work: Casework, version: int = 1) -> Casework:
    """Let the card of this case stand in the channel, as this version."""
    work.do(do.ChooseSubject("veiligheid"))
    work.do(do.PreviewCard(f'{{"v":{version}}}'))
    work.do(do.PostCard(work.case.version))
    work.do(do.ConfirmPosted(version), BOT)
    return work


def decide(round_: int = 0, version: int = 1, **choices: do.Choice) -> do.RecordDecision:
    """Give what a decider presses."""
    return do.RecordDecision(version, round_, choices)


def kinds(events: Sequence[Event]) -> list[type[Event]]:
    """Give the kinds of some events."""
    return [type(event) for event in events]


def refused(work: Casework, command: do.Command, actor: Actor, refusal: type[CaseError]) -> CaseError:
    """Check that a command is refused just so, and that nothing changed; give the refusal."""
    before, told = work.case, list(work.transcript)
    with pytest.raises(CaseError) as found:
        work.do(command, actor)
    assert type(found.value) is refusal
    assert work.case is before
    assert work.transcript == told
    return found.value


def privately(work: Casework) -> Casework:
    """Let Anja, a decider, hold the case; its answers are all there."""
    work.do(do.OfferCase(ANJA, "Zij beslist."))
    work.do(do.AcceptCase(), ANJA)
    work.actor = ANJA
    work.answer({CONFLICT: "nee"})
    return work
