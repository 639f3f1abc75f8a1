"""The cards about terms: a reminder, and the list of what runs in a case."""

from collections.abc import Iterator
from datetime import datetime

from dialogs.cards.elements import Element, Voice, adaptive_card, bold, choice_row, line, press, reply, run, runs, title
from dialogs.cards.question import notice_lines
from dialogs.cards.steps import term_line
from dialogs.dates import show_day
from dialogs.screens_terms import CardTermScreen, TermScreen, TermsScreen
from dialogs.values import Card
from state.advice import DeadlineAdvice
from state.events import REVIEW
from state.framework import Framework
from state.terms import EXPIRED, Term


def term_card(screen: TermScreen | CardTermScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the reminder of a term; recorded as done it has nothing to press."""
    body = [*notice_lines(notice), title(voice.say("remind.title", number=screen.number))]
    if screen.running is None:
        name = term_name(screen.framework, screen.term, voice)
        body.append(runs(bold(f"✓ {name}: "), run(voice.say("remind.recorded")), spacing="Small"))
        return adaptive_card(voice, body)
    body += [
        open_term_line(screen.framework, screen.running, screen.now, voice),
        line(voice.say("remind.no_order"), spacing="Small"),
        line(voice.say("remind.stops"), spacing="Small", size="Small", isSubtle=True),
    ]
    actions = [reply(voice, voice.say("button.met"), "met", inputs=False)]
    if isinstance(screen, TermScreen):
        actions.append(press(voice, voice.say("button.to_case"), "resume"))
    elif screen.may_relieve:
        body.append(line(voice.say("remind.relieve"), spacing="Small", size="Small", isSubtle=True))
        actions.append(press(voice, voice.say("button.relieve"), "relieve"))
    return adaptive_card(voice, body, actions)


def terms_card(screen: TermsScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the terms that run, to choose of which what it is about was done."""
    body = [
        *notice_lines(notice),
        title(voice.say("terms.title", number=screen.case.number)),
        line(voice.say("terms.text"), spacing="Small"),
    ]
    for position, term in enumerate(screen.terms, 1):
        name = term_name(screen.framework, term.id, voice)
        # The position and not the term: a card's data says nothing of a case.
        action = press(voice, voice.say("terms.choose", name=name), "met", str(position))
        body.append(choice_row(position, [run(name)], action))
    body += list(_recorded(screen, voice))
    return adaptive_card(voice, body, [press(voice, voice.say("button.back_here"), "resume")])


def terms_lines(screen: TermsScreen, voice: Voice) -> Iterator[Element]:
    """Give a line for each term that runs, and for each that was recorded as done."""
    for term in screen.terms:
        yield open_term_line(screen.framework, term, screen.now, voice)
    yield from _recorded(screen, voice)


def term_name(framework: Framework, term: str, voice: Voice) -> str:
    """Give the name of a term."""
    return voice.say("remind.review") if term == REVIEW else voice.of(framework.deadline_by_id[term].name)


def _recorded(screen: TermsScreen, voice: Voice) -> Iterator[Element]:
    for term in (*screen.framework.deadline_by_id, REVIEW):
        if term in screen.case.met:
            name = term_name(screen.framework, term, voice)
            yield runs(bold(f"✓ {name}: "), run(voice.say("term.met")), spacing="Small")


def open_term_line(framework: Framework, term: Term, now: datetime, voice: Voice) -> Element:
    """Give a line for a term that runs, with what is left of it."""
    if term.id != REVIEW:
        return term_line(framework, DeadlineAdvice(term.id, term.due, term.status), now, voice, posted=False)
    key = "remind.review_was" if term.status == EXPIRED else "remind.review_on"
    day = show_day(term.due.date(), voice.language) if term.due else ""
    return runs(bold(f"⏱ {voice.say('remind.review')}: "), bold(voice.say(key, day=day)), spacing="Small")
