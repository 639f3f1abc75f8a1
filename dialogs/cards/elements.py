"""The parts that every card is made of, as plain dicts of Adaptive Cards 1.5 or lower.

What people wrote stands in text runs only, which show markdown as it is; text blocks would make links of it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dialogs.values import Card
from dialogs.wording import Wording
from state.framework import Text

Element = dict[str, Any]

LONGEST_USER_TEXT = 1000
# In pixels, of a button in a card 340 wide, and of the room for buttons with a gap behind each.
_CHARACTER, _BUTTON, _GAP, _ROW = 8, 34, 8, 316
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks without a picture (Unicode's Default_Ignorable_Code_Point): they hide words, or split what is one.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class Voice:
    """The words and language of a card, and the handle that its actions carry."""

    wording: Wording
    language: str
    handle: str = ""

    def say(self, key: str, /, **parameters: str) -> str:
        """Give one of the bot's own sentences."""
        return self.wording.say(key, self.language, **parameters)

    def of(self, text: Text) -> str:
        """Give the framework's words."""
        return text.in_language(self.language)


def adaptive_card(
    voice: Voice, body: Iterable[Element], actions: Sequence[Element] = (), *, wide: bool = False
) -> Element:
    """Give a card; what a client shows that cannot draw it says nothing of a case."""
    card: Element = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": voice.language,
        "fallbackText": voice.say("summary"),
        "body": [*body, *button_rows(actions)],
    }
    if wide:
        card["msteams"] = {"width": "Full"}
    return card


def button_rows(actions: Iterable[Element]) -> Iterator[Element]:
    """Give buttons in rows that fit a phone: some clients cut off a row that is too long."""
    rows: list[list[Element]] = []
    room = 0
    for action in actions:
        width = len(action["title"]) * _CHARACTER + _BUTTON + _GAP
        if room < width:
            rows.append([])
            room = _ROW
        rows[-1].append(action)
        room -= width
    for row in rows:
        first = {"separator": True, "spacing": "Medium"} if row is rows[0] else {"spacing": "Small"}
        yield buttons(*row, **first)


def size_of(card: Card) -> int:
    """Give the bytes of a card as JSON in plain ASCII, the longest form in which it is sent."""
    text = orjson.dumps(card).decode()
    plain, units = len(text.encode("ascii", "ignore")), len(text.encode("utf-16-le")) // 2
    return plain + len("\\uxxxx") * (units - plain)


# --- text ------------------------------------------------------------------------------


def literal(text: str, voice: Voice, longest: int = LONGEST_USER_TEXT) -> str:
    """Give what a person wrote so that it shows as written: no templates, nothing invisible, not endless."""
    kept = _visible(text)
    if len(kept) > longest:
        kept = kept[:longest].rstrip() + voice.say("cut_short")
    return _without_templates(kept)


def editable(text: str) -> str:
    """Give what a person wrote as it stands in a field: all of it, since it is sent back from there."""
    return _without_templates(_visible(text))


def _visible(text: str) -> str:
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    kept = "".join(char for char in normal if char == "\n" or unicodedata.category(char) not in _INVISIBLE)
    return _BLANK.sub("", kept)


def _without_templates(text: str) -> str:
    # A text run still fills in {{DATE(...)}}: the card would differ from the record.
    return re.sub(r"\{(?=\{)", "{ ", text)


def line(text: str, **style: Any) -> Element:
    """Give a sentence of ours."""
    return {"type": "TextBlock", "text": text, "wrap": True, **style}


def title(text: str) -> Element:
    """Give the title of a card."""
    return line(text, size="Large", weight="Bolder", style="heading")


def paragraphs(pairs: Iterable[tuple[str, str]], **style: Any) -> Element:
    """Give the framework's words in paragraphs with a bold beginning; half as large as a line for each."""
    return line("\n\n".join(f"**{_escaped(start)}** {_escaped(rest)}".strip() for start, rest in pairs), **style)


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", " ".join(text.split()))


def heading(text: str, **style: Any) -> Element:
    """Give the heading of a part."""
    return line(text, size="Medium", weight="Bolder", style="heading", **{"spacing": "Large", **style})


def run(text: str, **style: Any) -> Element:
    """Give a piece of a line, shown as it is."""
    return {"type": "TextRun", "text": text, **style}


def bold(text: str, **style: Any) -> Element:
    """Give a bold piece of a line."""
    return run(text, weight="Bolder", **style)


def runs(*pieces: Element, **style: Any) -> Element:
    """Give a line of pieces."""
    return {"type": "RichTextBlock", "inlines": list(pieces), **style}


def box(items: Sequence[Element], style: str = "emphasis", **more: Any) -> Element:
    """Give a part with a ground of its own."""
    return {"type": "Container", "style": style, "items": list(items), **more}


def header(text: str, under: str) -> Element:
    """Give the head of a card, with a sentence under its title."""
    return box([title(text), line(under, spacing="Small")], bleed=True)


# --- actions ---------------------------------------------------------------------------


def press(voice: Voice, text: str, verb: str, answer: str | None = None, *, inputs: bool = False) -> Element:
    """Give an action that comes as a message; without `inputs` it sends nothing that was filled in."""
    action: Element = {"type": "Action.Submit", "title": text, "data": _data(voice, verb, answer)}
    if not inputs:
        action["associatedInputs"] = "none"
    return action


def reply(voice: Voice, text: str, verb: str, answer: str | None = None, *, inputs: bool = True) -> Element:
    """Give an action that answers a question; this card is then replaced by its answered form."""
    action: Element = {"type": "Action.Execute", "title": text, "verb": verb, "data": _data(voice, verb, answer)}
    if not inputs:
        action["associatedInputs"] = "none"
    return action


def press_in_place(voice: Voice, text: str, verb: str, answer: str | None = None, *, inputs: bool = False) -> Element:
    """Give an action on a card before several people: who pressed gets the answer in its place.

    A client that knows no Action.Execute presses the other one, and is answered in the private chat.
    """
    action = reply(voice, text, verb, answer, inputs=inputs)
    return {**action, "fallback": press(voice, text, verb, answer, inputs=inputs)}


def _data(voice: Voice, verb: str, answer: str | None) -> Element:
    data = {"verb": verb, "handle": voice.handle}
    return data if answer is None else {**data, "answer": answer}


def buttons(*actions: Element, **style: Any) -> Element:
    """Give buttons in the body of a card."""
    return {"type": "ActionSet", "actions": list(actions), **style}


def choice_row(number: int, label: Sequence[Element], action: Element) -> Element:
    """Give a choice as a row that is pressed as a whole; the number is what can be typed instead."""
    return {
        "type": "ColumnSet",
        "style": "emphasis",
        "spacing": "Small",
        "selectAction": action,
        "columns": [
            {"type": "Column", "width": "22px", "items": [line(str(number), weight="Bolder")]},
            {"type": "Column", "width": "stretch", "items": [runs(*label)]},
        ],
    }


def unfold(text: str, *targets: str) -> Element:
    """Give an action that shows or hides parts of the card."""
    return {"type": "Action.ToggleVisibility", "title": text, "targetElements": list(targets)}


def fold(text: str, shown: Sequence[Element], *targets: str, **more: Any) -> Element:
    """Give a line that shows or hides parts of the card when it is pressed."""
    line_: Element = {"type": "Container", "items": [runs(*shown)], "selectAction": unfold(text, *targets)}
    return {"spacing": "Small", **line_, **more}


def hidden(name: str, items: Sequence[Element], **more: Any) -> Element:
    """Give a part that is shown by `unfold`."""
    return {"type": "Container", "id": name, "isVisible": False, "items": list(items), **more}


def text_input(name: str, label: str, **more: Any) -> Element:
    """Give a field for text."""
    return {"type": "Input.Text", "id": name, "label": label, **more}


def choices(label: str, pairs: Iterable[tuple[str, str]], **more: Any) -> Element:
    """Give a field for a choice, of pairs of value and words."""
    listed = [{"value": value, "title": words} for value, words in pairs]
    return {"type": "Input.ChoiceSet", "id": "answer", "label": label, "choices": listed, "wrap": True, **more}
