"""What a person typed or pressed, read as a wish: a verb of the contract with its arguments."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.values import Incoming

# The verbs that a card may carry (contract.md); a press with another one is no wish.
PRESSED = frozenset({
    "new", "resume", "choose_case", "answer", "unknown", "skip", "back", "why", "overview", "change", "deviate",
    "subject", "preview", "post", "finish", "pause", "stop", "help", "language",
})  # fmt: skip

# What can be typed besides an answer, in both languages at any time.
_WORDS: Mapping[str, str] = {
    word: verb
    for verb, words in {
        "new": "nieuw|nieuwe zaak|new|new case|start",
        "resume": "verder|ga verder|doorgaan|waar was ik|resume|continue|where was i",
        "cases": "zaken|mijn zaken|cases|my cases",
        "help": "help|hulp|?",
        "hello": "hallo|hoi|hi|hello|hey|dag|goedemorgen|goedemiddag|goedenavond|good morning",
        "back": "terug|vorige|back",
        "why": "waarom|waarom deze vraag|why|why this question",
        "again": "herhaal|nog eens|repeat|again",
        "overview": "overzicht|overview",
        "pause": "pauze|pauzeer|pause",
        "stop": "stop|stoppen",
        "unknown": "weet ik niet|ik weet het niet|weet niet|onbekend|unknown|i don't know|don't know",
        "skip": "overslaan|sla over|laat staan|skip|keep",
        "advice": "advies|advice",
        "deviate": "afwijken|deviate",
        "subject": "onderwerp|subject",
        "preview": "voorbeeld|preview",
        "post": "plaats|plaatsen|post",
        "finish": "afronden|rond af|finish",
        "hand_over": "overdragen|draag over|hand over",
        "accept": "overnemen|neem over|accept|take over",
        "decline": "weigeren|weiger|decline",
        "withdraw": "intrekken|trek in|withdraw",
    }.items()
    for word in words.split("|")
}

_LANGUAGES: Mapping[str, str] = {
    "nl": "nl",
    "nederlands": "nl",
    "dutch": "nl",
    "en": "en",
    "engels": "en",
    "english": "en",
}

# Whoever begins in one language is answered in it, also where Teams itself is set to another.
_SPOKEN: Mapping[str, str] = {
    word: language
    for language, words in {
        "nl": "nieuw|nieuwe zaak|hallo|hoi|dag|goedemorgen|goedemiddag|goedenavond|verder|zaken|hulp",
        "en": "new|new case|hello|good morning|resume|cases|my cases",
    }.items()
    for word in words.split("|")
}

_PATTERNS = (
    (re.compile(r"(?:taal|language)\s+(\w+)"), "language"),
    (re.compile(r"(?:wijzig|verander|change)\s+(?:vraag\s+|question\s+)?(\d{1,3})"), "change"),
    (re.compile(r"(?:verder|resume|zaak|case)\s+(il-\d{4}-\d{4}|\d{1,2})"), "choose_case"),
    (re.compile(r"(?:onderwerp|subject)\s+(\d{1,2})"), "subject"),
    (re.compile(r"(?:overdragen|draag over|hand over)\s+(\d{1,2})"), "hand_over"),
    (re.compile(r"stop\s+(ja|yes)"), "stop"),
    (re.compile(r"(?:waarom|why)\s+(\d{1,3})"), "why"),
)
_DEVIATE = re.compile(r"(?:afwijken|deviate)\s+(\d{1,2})(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants; `context` is what the pressed card stood for, empty when typed."""

    verb: str
    argument: str = ""
    note: str = ""
    context: str = ""

    @property
    def is_typed(self) -> bool:
        """Tell whether no card was pressed."""
        return not self.context

    @property
    def kind(self) -> str:
        """Give the word of the pressed card's context, empty when typed."""
        return self.context.partition(":")[0]

    @property
    def listed(self) -> tuple[str, ...]:
        """Give the ids that the pressed card listed, in its order."""
        listed = self.context.partition(":")[2]
        return tuple(listed.split(",")) if listed else ()

    @property
    def question(self) -> str | None:
        """Give the question of the pressed card, when it was a question's."""
        return self.context.partition(":")[2] if self.kind == "question" else None


def read_press(incoming: Incoming, context: str) -> Wish | None:
    """Give the wish of a press on a card that stood for `context`; None for no verb of ours."""
    if incoming.verb not in PRESSED:
        return None
    return Wish(incoming.verb, plain(incoming.answer or ""), plain(incoming.note or ""), context)


def read_text(text: str) -> Wish:
    """Give the wish of what was typed; anything that is no command is an answer."""
    words = plain(text)
    lowered = re.sub(r"\s+", " ", words).strip(" .!").casefold()
    if lowered in _WORDS:
        return Wish(_WORDS[lowered])
    if lowered in _LANGUAGES and len(lowered) > 2:
        return Wish("language", _LANGUAGES[lowered])
    for pattern, verb in _PATTERNS:
        if found := pattern.fullmatch(lowered):
            return Wish(verb, found.group(1))
    if found := _DEVIATE.fullmatch(words):
        return Wish("deviate", found.group(1), found.group(2) or "")
    return Wish("answer", words)


def spoken_language(text: str) -> str | None:
    """Give the language in which a case was begun or the bot was greeted by typing; None when not to be told."""
    word = re.sub(r"\s+", " ", plain(text)).strip(" .!").casefold()
    return _SPOKEN.get(word)


def to_language(word: str) -> str | None:
    """Give nl or en for a language's name or code, or None."""
    return _LANGUAGES.get(word.casefold())


def plain(text: str) -> str:
    """Give the text in NFC, without control, bidirectional and invisible characters, trimmed.

    What is shown must be what is stored: such characters can make a card read otherwise.
    """
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (char for char in normal if char in "\n\t" or unicodedata.category(char) not in _INVISIBLE)
    return "".join(kept).strip()


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
