"""The card with words for others: what is said to the council when it asks, to the press, and to the staff."""

from collections.abc import Iterator

from dialogs.answers import LONGEST_TEXT
from dialogs.cards.elements import (
    LONGEST_USER_TEXT,
    Element,
    Voice,
    adaptive_card,
    bold,
    box,
    editable,
    fold,
    header,
    heading,
    hidden,
    line,
    literal,
    press,
    run,
    runs,
    size_of,
    text_input,
)
from dialogs.cards.question import notice_lines
from dialogs.screens_words import WORDS_INPUT, WordsScreen, WordsText
from dialogs.values import Card

# In bytes, with room for what is put around a card: Teams takes 80 KB.
_LARGEST = 76_000


def words_card(screen: WordsScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the three texts, each to be read as a whole and changed before it is used."""
    card = _card(screen, voice, notice, LONGEST_TEXT)
    # Of thousands of emoji Teams would take nothing: then the fields alone have them all.
    return card if size_of(card) <= _LARGEST else _card(screen, voice, notice, LONGEST_USER_TEXT)


def _card(screen: WordsScreen, voice: Voice, notice: str | None, longest: int) -> Card:
    body = [
        *notice_lines(notice),
        header(voice.say("words.title", number=screen.case.number), voice.say("words.text")),
        *(part for one in screen.texts for part in _text(one, voice, longest)),
        line(voice.say("words.warning"), weight="Bolder", spacing="Medium"),
    ]
    actions = [
        {**press(voice, voice.say("button.keep_words"), "keep_words", inputs=True), "style": "positive"},
        press(voice, voice.say("button.words_proposal"), "words", "proposal"),
        press(voice, voice.say("button.back_here"), "resume"),
    ]
    return adaptive_card(voice, body, actions, wide=True)


def _text(one: WordsText, voice: Voice, longest: int) -> Iterator[Element]:
    label = voice.say(f"words_label.{one.audience}")
    yield heading(label)
    state = "words.typed" if one.is_typed else "words.kept" if one.is_kept else "words.proposal"
    how = voice.say(f"words_how.{one.audience}")
    yield line(f"{how} {voice.say(state)}", size="Small", spacing="None")
    if one.newer:
        newer = run(literal(one.newer, voice, longest))
        yield box([runs(bold(voice.say("words.newer") + " "), newer)], "attention")
    field = text_input(
        WORDS_INPUT + one.audience,
        label,
        isMultiline=True,
        maxLength=LONGEST_TEXT,
        isRequired=True,
        errorMessage=voice.say("words_missing"),
        value=editable(one.text),
        spacing="Small",
    )
    yield from [field] if one.is_typed else _folded(one, field, voice, longest)


def _folded(one: WordsText, field: Element, voice: Voice, longest: int) -> Iterator[Element]:
    """Give the text to be read, which a field is too small for, and the field when it is wanted."""
    yield box([runs(run(literal(one.text, voice, longest)))])
    change, name = voice.say("words.change"), f"change_{one.audience}"
    yield fold(f"{change}: {voice.say(f'words_label.{one.audience}')}", [run(f"+ {change}", color="Accent")], name)
    yield hidden(name, [field], spacing="Small")
