"""The part of the closing card: how long the dossier is kept, what is not round, and how to open the case again."""

from collections.abc import Iterator

from dialogs.answers import LONGEST_TEXT
from dialogs.cards.elements import Element, Voice, bold, buttons, line, press, run, runs, text_input
from dialogs.cards.terms import open_term_line
from dialogs.dates import show_date, show_day
from dialogs.screens_closing import Closing
from state.case import Case


def closing_lines(closing: Closing, case: Case, voice: Voice) -> Iterator[Element]:
    """Give what follows for the dossier, and the field for the reason to open the case again."""
    yield line(_kept(closing, voice), spacing="Small")
    if case.review:
        yield line(voice.say("closing.review", day=show_date(case.review, voice.language)), spacing="Small")
    if case.posted and case.posted.answers != case.answers:
        yield runs(bold(voice.say("closing.changed", version=str(case.posted.version))), spacing="Medium")
    if closing.terms:
        yield runs(bold(voice.say("closing.terms")), spacing="Medium")
        for term in closing.terms:
            yield open_term_line(closing.framework, term, closing.now, voice)
    if closing.undecided:
        names = [voice.of(closing.framework.step_by_id[step].name) for step in closing.undecided]
        yield runs(bold(voice.say("closing.undecided")), spacing="Medium")
        yield runs(run("; ".join(names) + "."), spacing="Small")
    yield text_input(
        "note",
        voice.say("closing.reason"),
        isMultiline=True,
        maxLength=LONGEST_TEXT,
        placeholder=voice.say("closing.placeholder"),
        spacing="Medium",
    )
    yield line(voice.say("closing.how", number=case.number), size="Small", isSubtle=True, spacing="Small")
    yield buttons(press(voice, voice.say("button.reopen"), "reopen", inputs=True))


def _kept(closing: Closing, voice: Voice) -> str:
    category = closing.category
    name = voice.of(category.name)
    if closing.due is None or category.years is None:
        return voice.say("closing.for_good", code=category.code, name=name)
    term = voice.say("keeping.years" if category.years > 1 else "keeping.year", years=str(category.years))
    until = show_day(closing.due, voice.language)
    return voice.say("closing.until", term=term, until=until, code=category.code, name=name)
