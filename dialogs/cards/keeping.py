"""The dossier keeper's cards: the list, one dossier, destroying it, and what remains of it."""

from collections.abc import Iterator
from datetime import datetime

from dialogs import keeping as screens
from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    choice_row,
    heading,
    line,
    literal,
    press,
    run,
    runs,
    text_input,
    title,
)
from dialogs.cards.question import notice_lines
from dialogs.dates import show_day
from dialogs.values import Card
from state.keeping import Certificate, Hold, Keeping
from state.retention import day_of

# A card has at most six buttons; what does not fit can be typed.
_MOST_HOLDS = 2
_HELP = ("list", "show", "hold", "release", "destroy", "confirm", "withdraw", "certificates", "language")


def keepings_card(screen: screens.KeepingsScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the closed dossiers, to choose one."""
    body = [*notice_lines(notice), title(voice.say("keeping.title"))]
    if screen.lines or not screen.unreadable:
        body.append(line(voice.say("keeping.text" if screen.lines else "keeping.none"), spacing="Small"))
    if screen.unreadable:
        body.append(line(voice.say("keeping.unreadable", count=str(screen.unreadable)), spacing="Small"))
    for position, kept in enumerate(screen.lines, 1):
        day = show_day(kept.day, voice.language) if kept.day else ""
        words = voice.say(f"kept.{kept.status}", day=day)
        # The position and not the number: a card's data says nothing of a case.
        action = press(voice, voice.say("keeping.open", number=kept.number), "choose_case", str(position))
        body.append(choice_row(position, [bold(kept.number), run(f" – {words}.")], action))
    if screen.more:
        body.append(line(voice.say("keeping.more", count=str(screen.more)), spacing="Small"))
    return adaptive_card(voice, body, [_certificates(voice), *_around(voice)])


def keeping_card(screen: screens.KeepingScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give one dossier: how long it is kept and why, what holds it, and what can be done with it now."""
    body = [
        *notice_lines(notice),
        title(voice.say("keeping.one", number=screen.keeping.number)),
        *_facts(screen.keeping, voice),
        *_holds(screen, voice),
        *_proposal(screen, voice),
    ]
    if screen.actions & {"hold", "release"}:
        body.append(
            text_input(
                "note",
                voice.say("keeping.reason"),
                maxLength=screens.LONGEST_REASON,
                placeholder=voice.say("keeping.placeholder"),
            )
        )
        body.append(line(voice.say("keeping.warning"), size="Small", isSubtle=True, spacing="Small"))
    return adaptive_card(voice, body, [*_actions(screen, voice), press(voice, voice.say("keeping.all"), "resume")])


def destroy_card(screen: screens.DestroyScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give what is about to be destroyed, without any content, and what pressing on does."""
    kept = screen.keeping
    days = str(screen.days)
    body = [
        *notice_lines(notice),
        title(voice.say("destroy.title", number=kept.number)),
        *_facts(kept, voice),
        _fact("events", str(screen.events), voice),
    ]
    if screen.step == "confirm" and screen.proposed_at:
        day = show_day(day_of(screen.proposed_at), voice.language)
        body.append(_fact("proposed", f"{day}, {literal(screen.proposer, voice)}", voice))
    body += [line(voice.say(f"destroy.text_{screen.step}", days=days)), line(voice.say("destroy.teams"))]
    yes = press(voice, voice.say(f"destroy.button_{screen.step}"), "destroy", "ja")
    actions = [press(voice, voice.say("button.back_here"), "back"), {**yes, "style": "destructive"}]
    return adaptive_card(voice, body, actions)


def certificate_card(screen: screens.CertificateScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give what remains of a destroyed case."""
    found = screen.certificate
    body = [*notice_lines(notice), title(voice.say("certificate.title", number=found.number))]
    body += [_fact(name, words, voice) for name, words in _certified(found, voice)]
    body.append(line(voice.say("certificate.text"), size="Small", isSubtle=True))
    return adaptive_card(voice, body, [_certificates(voice), press(voice, voice.say("keeping.all"), "resume")])


def certificates_card(screen: screens.CertificatesScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the certificates of destruction, the latest first."""
    body = [*notice_lines(notice), title(voice.say("certificate.list"))]
    if not screen.certificates:
        body.append(line(voice.say("certificate.none"), spacing="Small"))
    for found in screen.certificates:
        day = show_day(day_of(found.destroyed_at), voice.language)
        words = voice.say("certificate.line", day=day, code=found.category, print=found.link[:16])
        body.append(runs(bold(found.number), run(f" – {words}"), spacing="Small"))
    if screen.more:
        body.append(line(voice.say("keeping.more", count=str(screen.more)), spacing="Small"))
    return adaptive_card(voice, body, [press(voice, voice.say("keeping.all"), "resume")])


def keeping_help_card(screen: screens.KeepingHelpScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give what a keeper can type; everything can also be pressed."""
    body = [*notice_lines(notice), title(voice.say("help.title")), line(voice.say("help.text"), spacing="Small")]
    for name in _HELP:
        word, meaning = voice.say(f"keep_help.{name}.word"), voice.say(f"keep_help.{name}.meaning")
        body.append(runs(bold(word), run(f" – {meaning}"), spacing="Small"))
    return adaptive_card(voice, body, [press(voice, voice.say("keeping.all"), "resume"), _other_language(voice)])


# --- parts -----------------------------------------------------------------------------


def _facts(kept: Keeping, voice: Voice) -> Iterator[Element]:
    ground = kept.ground
    term = (
        voice.say("keeping.for_good")
        if ground.years is None
        else voice.say("keeping.years" if ground.years > 1 else "keeping.year", years=str(ground.years))
    )
    yield _fact("opened", show_day(day_of(kept.opened_at), voice.language), voice)
    yield _fact("closed", show_day(day_of(kept.closed_at), voice.language), voice)
    yield _fact("ground", f"{ground.code} {voice.of(ground.name)}, {term}", voice)
    if kept.due:
        yield _fact("due", show_day(kept.due, voice.language), voice)


def _fact(name: str, words: str, voice: Voice) -> Element:
    return runs(bold(voice.say(f"fact.{name}")), run(f" {words}"), spacing="Small")


def _holds(screen: screens.KeepingScreen, voice: Voice) -> Iterator[Element]:
    if screen.keeping.holds:
        yield heading(voice.say("keeping.holds"))
    for number, hold in enumerate(screen.keeping.held, 1):
        said = voice.say("keeping.held", day=_day(hold.at, voice), name=_name(screen, hold.by, voice))
        yield runs(bold(f"{number}. "), run(f"{said} "), run(literal(hold.reason, voice)), spacing="Small")
    for hold in screen.keeping.holds:
        if hold.lifted_at:
            yield runs(*_lifted(screen, hold, voice), spacing="Small")


def _lifted(screen: screens.KeepingScreen, hold: Hold, voice: Voice) -> Iterator[Element]:
    since, day = _day(hold.at, voice), _day(hold.lifted_at or hold.at, voice)
    said = voice.say("keeping.lifted", since=since, day=day, name=_name(screen, hold.lifted_by, voice))
    yield run(f"{said} ", isSubtle=True)
    yield run(literal(hold.reason, voice), isSubtle=True)
    yield run(" → ", isSubtle=True)
    yield run(literal(hold.lifted_because, voice), isSubtle=True)


def _proposal(screen: screens.KeepingScreen, voice: Voice) -> Iterator[Element]:
    proposal = screen.keeping.proposal
    if screen.proposed_at is None or proposal is None or screen.ready_at is None or screen.lapses_at is None:
        return
    yield heading(voice.say("keeping.proposal"))
    said = voice.say(
        "keeping.proposed",
        name=_name(screen, proposal.by, voice),
        day=_day(screen.proposed_at, voice),
        ready=_day(screen.ready_at, voice),
        lapses=_day(screen.lapses_at, voice),
    )
    yield runs(run(said), spacing="Small")


def _actions(screen: screens.KeepingScreen, voice: Voice) -> Iterator[Element]:
    if "hold" in screen.actions:
        yield press(voice, voice.say("keep_button.hold"), "hold", inputs=True)
    held = screen.keeping.held if "release" in screen.actions else ()
    for number in range(1, min(len(held), _MOST_HOLDS) + 1):
        which = "" if len(held) == 1 else f" {number}"
        words = voice.say("keep_button.release", which=which)
        yield press(voice, words, "release", str(number), inputs=True)
    for name, verb in (("propose", "destroy"), ("confirm", "destroy"), ("withdraw", "withdraw")):
        if name in screen.actions:
            yield press(voice, voice.say(f"keep_button.{name}"), verb)


def _certified(found: Certificate, voice: Voice) -> Iterator[tuple[str, str]]:
    yield "opened", _day(found.opened_at, voice)
    yield "closed", _day(found.closed_at, voice)
    yield "destroyed", _day(found.destroyed_at, voice)
    yield "ground", f"{found.category} {found.ground}"
    yield "due", show_day(found.due, voice.language)
    yield "events", str(found.events)
    yield "print", found.link[:16]


def _name(screen: screens.KeepingScreen, person: str, voice: Voice) -> str:
    known = screen.names.get(person, "")
    return literal(known, voice) if known else voice.say("keeping.someone")


def _day(moment: datetime, voice: Voice) -> str:
    return show_day(day_of(moment), voice.language)


def _certificates(voice: Voice) -> Element:
    return press(voice, voice.say("certificate.list"), "overview")


def _around(voice: Voice) -> Iterator[Element]:
    yield press(voice, voice.say("button.help"), "help")
    yield _other_language(voice)


def _other_language(voice: Voice) -> Element:
    return press(voice, voice.say("button.other_language"), "language", "nl" if voice.language == "en" else "en")
