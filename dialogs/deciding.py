"""What follows from a press on the channel card or one of its forms: events by way of `decide`, and what is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dialogs.answers import Misread, within_limit
from dialogs.cards.deciding import DECIDED_INPUT, OPEN, REASON_INPUT, REVIEW_INPUT, VOUCH_INPUT
from dialogs.dates import ReadError, read_date, show_date
from dialogs.reading import plain
from dialogs.screens_card import DecideScreen, DissentScreen, Form, RecuseScreen
from dialogs.views import Scene
from state import commands as do
from state.case import Case
from state.decide import decide
from state.decide_together import DECIDER, check_card, steps_of_advice, steps_on_card
from state.duties import DECIDED
from state.errors import (
    CaseClosed,
    CommandRefused,
    ConflictOfInterest,
    DecisionReasonMissing,
    NotPermitted,
)
from state.events import Actor, Recorded
from state.fold import record
from state.involvement import may_take
from state.permissions import Action, check_permitted


@dataclass(frozen=True, slots=True)
class CardPress:
    """A press: its verb, the version and round that its handle stands for, and what was filled in."""

    verb: str
    version: int
    round: int
    answer: str = ""
    note: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """What follows: a form, or without one the card as it is now, with a notice; or words alone.

    `said` is the key of words that stand for all of it; `refused` the code of a refusal, kept in the register.
    """

    form: Form | None = None
    notice: tuple[str, Mapping[str, str]] | None = None
    said: str = ""
    recorded: tuple[Recorded, ...] = ()
    after: Case | None = None
    refused: str = ""


# A press whose refusal is answered with the card as it is now.
_SHOWS_CARD = frozenset({"card_outdated", "decided_meanwhile"})


def respond_card(press: CardPress, scene: Scene) -> CardOutcome:
    """Give what follows from a press; what cannot be done changes nothing and says what can."""
    case = scene.case or Case("")
    try:
        # Before anything else: who is involved learns nothing, not even that the card changed.
        check_permitted(case, Action.SEE_CARD, scene.setting)
        if case.is_closed:
            raise CaseClosed
        check_card(case, press.version)
        return _PRESSES[press.verb](press, case, scene)
    except ConflictOfInterest as refusal:
        return CardOutcome(said="card_recused", refused=refusal.code)
    except NotPermitted as refusal:
        return CardOutcome(said="card_not_permitted", refused=refusal.code)
    except CaseClosed as refusal:
        return CardOutcome(said="card_closed", refused=refusal.code)
    except CommandRefused as refusal:
        if refusal.code in _SHOWS_CARD:
            return CardOutcome(notice=(refusal.code, {}), refused=refusal.code)
        return CardOutcome(said=refusal.code, refused=refusal.code)


def _card(press: CardPress, case: Case, scene: Scene) -> CardOutcome:
    return CardOutcome(notice=("card_here", {}))


# --- decisions -------------------------------------------------------------------------


def _decide(press: CardPress, case: Case, scene: Scene) -> CardOutcome:
    return CardOutcome(decide_screen(case, scene, private=False))


def _record(press: CardPress, case: Case, scene: Scene) -> CardOutcome:
    return recorded_or_again(press, case, scene, private=False)


def decide_screen(case: Case, scene: Scene, *, private: bool) -> DecideScreen:
    """Give the form as it is opened: with what was decided before."""
    setting = scene.setting
    steps = (steps_of_advice if private else steps_on_card)(case, setting)
    known = {key: do.Choice(case.decisions[key].decided) for key in steps if key in case.decisions}
    review = show_date(case.review, setting.language) if case.review else ""
    asks_vouch = not private and setting.actor.role != DECIDER
    return DecideScreen(
        case, setting.framework.framework, steps, known, review=review, asks_vouch=asks_vouch, private=private
    )


def recorded_or_again(press: CardPress, case: Case, scene: Scene, *, private: bool) -> CardOutcome:
    """Record what was filled in, or give the form again with all of it and what is lacking."""
    blank = decide_screen(case, scene, private=private)
    form = replace(
        blank,
        filled=_choices(press, blank),
        review=plain(press.fields.get(REVIEW_INPUT, "")),
        vouched=press.fields.get(VOUCH_INPUT) == "true",
    )
    try:
        command = _command(press, form, scene)
        return _ran(case, command, scene, "card_recorded")
    except DecisionReasonMissing as refusal:
        names = scene.setting.framework.framework.step_by_id
        lacking = ", ".join(names[step].name.in_language(scene.setting.language) for step in refusal.steps)
        again = replace(form, lacking=refusal.steps)
        return CardOutcome(again, notice=(refusal.code, {"steps": lacking}), refused=refusal.code)
    except Misread as misread:
        return CardOutcome(form, notice=(misread.key, misread.parameters))
    except CommandRefused as refusal:
        if refusal.code not in ("nothing_decided", "vouch_needed"):
            raise
        return CardOutcome(form, notice=(refusal.code, {}), refused=refusal.code)


def _choices(press: CardPress, form: DecideScreen) -> dict[str, do.Choice]:
    """Give what was chosen for the form's own steps; what was forged beside them is not looked at."""
    chosen = {}
    for step in form.steps:
        decided = press.fields.get(DECIDED_INPUT + step, OPEN)
        reason = plain(press.fields.get(REASON_INPUT + step, ""))
        if decided in DECIDED:
            chosen[step] = do.Choice(decided, reason or _kept_reason(form, step, decided))
    return chosen


def _kept_reason(form: DecideScreen, step: str, decided: str) -> str:
    """Give the reason of a decision that stays as it is: the form does not show it before everyone."""
    known = form.case.decisions.get(step)
    return known.reason if known and known.decided == decided else ""


def _command(press: CardPress, form: DecideScreen, scene: Scene) -> do.RecordDecision | do.DecidePrivately:
    for choice in form.filled.values():
        within_limit(choice.reason)
    review = _review_day(form.review, form.case, scene)
    if form.private:
        return do.DecidePrivately(press.round, form.filled, review)
    return do.RecordDecision(press.version, press.round, form.filled, review, form.vouched)


def _review_day(text: str, case: Case, scene: Scene) -> str:
    """Give the day as ISO text, empty when none was filled in; raises Misread."""
    setting = scene.setting
    if not text or (case.review and text == show_date(case.review, setting.language)):
        return ""
    try:
        return read_date(text, setting.now, setting.language, direction="ahead").isoformat()
    except ReadError as error:
        raise Misread(error.key) from None


# --- members ---------------------------------------------------------------------------


def _dissent(press: CardPress, case: Case, scene: Scene) -> CardOutcome:
    if press.answer != "record":
        return CardOutcome(DissentScreen(case))
    try:
        within_limit(press.note)
        return _ran(case, do.Dissent(press.version, press.note), scene, "card_dissent_kept")
    except Misread as misread:
        return CardOutcome(DissentScreen(case, press.note), notice=(misread.key, misread.parameters))
    except CommandRefused as refusal:
        if refusal.code != "dissent_reason_missing":
            raise
        return CardOutcome(DissentScreen(case), notice=(refusal.code, {}), refused=refusal.code)


def _involved(press: CardPress, case: Case, scene: Scene) -> CardOutcome:
    if press.answer != "yes":
        return CardOutcome(RecuseScreen(case))
    outcome = _ran(case, do.SayInvolved(press.version, _heir(case, scene)), scene, "")
    # Words alone: no card is shown any more to who is involved.
    return replace(outcome, notice=None, said="card_recuse_kept")


def _heir(case: Case, scene: Scene) -> Actor | None:
    """Give the decider to whom the case can go: the first who is not involved."""
    holder = case.assessor.id if case.assessor else ""
    free = (one for one in scene.candidates if one.id != holder and may_take(case, one, "no_card"))
    return next(free, None)


def _ran(case: Case, command: do.Command, scene: Scene, notice: str) -> CardOutcome:
    events = decide(case, command, scene.setting)
    after, recorded = record(case, events, scene.setting.actor, scene.setting.now)
    return CardOutcome(notice=(notice, {}), recorded=recorded, after=after)


_PRESSES: Mapping[str, Callable[[CardPress, Case, Scene], CardOutcome]] = {
    "card": _card,
    "decide": _decide,
    "record": _record,
    "dissent": _dissent,
    "involved": _involved,
}
VERBS = frozenset(_PRESSES)
