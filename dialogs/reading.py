"""What a person typed or pressed, read as a wish: a verb of the contract with its arguments."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dialogs.values import Incoming

# The verbs that a card may carry (contract.md); a press with another one is no wish.
PRESSED = frozenset({
    "new", "resume", "choose_case", "answer", "unknown", "skip", "back", "why", "overview", "change", "deviate",
    "subject", "preview", "post", "finish", "pause", "stop", "help", "language", "decide", "record", "withdraw_card",
    "words", "keep_words", "practice", "discard", "relieve", "reopen",
    "met", "advice",
})  # fmt: skip

# What can be typed besides an answer, in both languages at any time: the commands, and what stands on buttons.
_WORDS: Mapping[str, str] = {
    word: verb
    for verb, words in {
        "new": "nieuw|nieuwe zaak|new|new case|start",
        "resume": "verder|ga verder|doorgaan|waar was ik|is de kaart er al|"
        "naar de zaak|wat is er veranderd|resume|continue|go on|where was i|is the card there yet|go to the case|"
        "what has changed",
        "cases": "zaken|mijn zaken|cases|my cases",
        "help": "help|hulp",
        "hello": "hallo|hoi|hi|hello|hey|dag|goedemorgen|goedemiddag|goedenavond|good morning",
        "back": "terug|vorige|back",
        "why": "waarom|waarom deze vraag|why|why this question",
        "again": "herhaal|nog eens|terug naar de vraag|repeat|again|back to the question",
        "overview": "overzicht|overzicht en wijzigen|overview|overview and changes",
        "change": "wijzig|wijzigen|verander|wijzig dit antwoord|nieuwe feiten wijzig een antwoord|"
        "change|change this answer|new facts change an answer",
        "pause": "pauze|pauzeer|pause",
        "stop": "stop|stoppen|breek af|break off",
        "stop ja": "ja breek af|yes break off",
        "unknown": "weet ik niet|ik weet het niet|weet niet|onbekend|unknown|i dont know|i do not know|dont know",
        "skip": "overslaan|sla over|laat staan|skip|keep|keep as it is",
        "advice": "advies|terug naar het advies|volledig advies|advice|back to the advice|full advice",
        "deviate": "afwijken|leg vast|deviate|record",
        "subject": "onderwerp|ander onderwerp|subject|other subject",
        "preview": "voorbeeld|bekijk de kanaalkaart|kaart voor het cmt kanaal|"
        "preview|view the channel card|card for the cmt channel",
        "post": "plaats|plaatsen|plaats in cmt kanaal|post|post in cmt channel",
        "finish": "afronden|rond af|finish|conclude",
        "decide": "besluit|besluiten|besluit vastleggen|decide|decision|decisions|record a decision",
        "withdraw_card": "trek kaart in|trek de kaart in|kaart intrekken|haal de kaart weg|"
        "ja haal de kaart weg|withdraw card|withdraw the card|remove the card|yes remove the card",
        "met": "gedaan|dit is gedaan|termijn gedaan|done|this was done|this is done|term done",
        "reopen": "heropen|heropenen|heropen de zaak|reopen|open the case again",
        "relieve": "zaak van een ander|laat een ander overnemen|someone elses case|let someone else take over",
        "practice": "oefenen|oefening|practice|practise|exercise",
        "discard": "weggooien|gooi weg|gooi de oefening weg|throw away|throw it away|throw the exercise away",
        "discard ja": "ja gooi weg|yes throw it away",
        "words": "teksten|teksten voor anderen|bewaar|keep|woorden|zet de voorstellen terug|"
        "words|texts|texts for others|back to the proposals",
        "hand_over": "overdragen|draag over|bied de zaak aan|hand over|offer the case",
        "accept": "overnemen|neem over|accept|take over",
        "decline": "weigeren|weiger|neem niet over|decline|do not take over",
        "withdraw": "intrekken|trek in|trek het aanbod in|withdraw|withdraw the offer",
        "language": "taal|language",
    }.items()
    for word in words.split("|")
}

# A number typed under one of these cards chooses from it; under any other it answers the open question.
_LISTS: Mapping[str, str] = {"cases": "choose_case", "hand_over": "hand_over", "subject": "subject", "terms": "met"}

# A yes or no typed under "break it off?" is said to that, not to the open question.
_SURE: Mapping[str, tuple[str, str]] = {
    "ja": ("stop", "ja"),
    "yes": ("stop", "ja"),
    "nee": ("resume", ""),
    "no": ("resume", ""),
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
    (re.compile(r"(?:gedaan|done)\s+(\d{1,2})"), "met"),
    (re.compile(r"(?:stop|breek af|break off)\s+(ja|yes)"), "stop"),
    (re.compile(r"(?:waarom|why)\s+(\d{1,3})"), "why"),
)
# With a reason behind them, as it was typed.
_HAND_OVER = re.compile(r"(?:overdragen|draag over|hand over)\s+(\d{1,2})[.:,]?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)
_OF_A_CASE = re.compile(
    r"(?:(overdragen|draag over|hand over)|heropen|heropenen|reopen)\s+(il-\d{4}-\d{4})[.:,]?(?:\s+(.*))?",
    re.DOTALL | re.IGNORECASE,
)
_END_OFFER = re.compile(
    r"(?:intrekken|trek in|trek het aanbod in|withdraw|withdraw the offer)\s+(il-\d{4}-\d{4})[.!]?", re.IGNORECASE
)
# The card on which a decider fills in the number of someone else's case.
_ASKS_NUMBER = "others_case"
_NUMBER = re.compile(r"il-\d{4}-\d{4}", re.IGNORECASE)
_POSITION = re.compile(r"(\d{1,2})[.:,]?(?:\s+(.*))?", re.DOTALL)
_DEVIATE = re.compile(r"(?:afwijken|deviate)\s+(\d{1,2})(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants; `context` is what the pressed card stood for, empty when typed.

    `case` is the number of a case that was named, also of one that is not this person's.
    """

    verb: str
    argument: str = ""
    note: str = ""
    context: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    case: str = ""

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
        return self.about[0] if self.kind == "question" else None

    @property
    def about(self) -> tuple[str, str]:
        """Give what the pressed card was about, and the mark of what stood there when it was shown."""
        thing, _, mark = self.context.partition(":")[2].partition(":")
        return thing, mark


def read_press(incoming: Incoming, context: str) -> Wish | None:
    """Give the wish of a press on a card that stood for `context`; None for no verb of ours."""
    if incoming.verb not in PRESSED:
        return None
    answer = plain(incoming.answer or "")
    case = _number_in(answer) if context == _ASKS_NUMBER else ""
    return Wish(incoming.verb, answer, plain(incoming.note or ""), context, incoming.fields, case)


def read_text(text: str, shown: str = "") -> Wish:
    """Give the wish of what was typed under a card that stood for `shown`; what is no command is an answer."""
    wish = _typed(text, shown)
    # The texts are wanted in the other language, and not where the case stands.
    is_of_texts = wish.verb == "language" and shown.partition(":")[0] == "words"
    return replace(wish, context=shown) if is_of_texts else wish


def _typed(text: str, shown: str) -> Wish:
    words = plain(text)
    spoken = folded(words)
    if words == "?":
        return Wish("help")
    if spoken in _WORDS:
        verb, _, argument = _WORDS[spoken].partition(" ")
        return Wish(verb, argument)
    if spoken in _LANGUAGES and len(spoken) > 2:
        return Wish("language", _LANGUAGES[spoken])
    if shown in ("stop", "discard") and spoken in _SURE:
        verb, argument = _SURE[spoken]
        return Wish(shown if argument else verb, argument)
    if shown == _ASKS_NUMBER and (number := _number_in(words)):
        return Wish("relieve", number, context=shown, case=number)
    if bare(words).isdecimal() and shown.partition(":")[0] in _LISTS:
        return Wish(_LISTS[shown.partition(":")[0]], bare(words), context=shown)
    return _with_argument(words) or _with_reason(words, shown) or Wish("answer", words)


def _with_argument(words: str) -> Wish | None:
    lowered = bare(re.sub(r"\s+", " ", words)).casefold()
    for pattern, verb in _PATTERNS:
        if found := pattern.fullmatch(lowered):
            return Wish(verb, found.group(1))
    if found := _DEVIATE.fullmatch(words):
        return Wish("deviate", found.group(1), found.group(2) or "")
    return None


def _with_reason(words: str, shown: str) -> Wish | None:
    if found := _HAND_OVER.fullmatch(words):
        return Wish("hand_over", found[1], (found[2] or "").strip())
    if found := _END_OFFER.fullmatch(words):
        return Wish("withdraw", case=found[1].upper())
    found = _OF_A_CASE.fullmatch(words)
    if found is None:
        return None
    number, reason = found[2].upper(), (found[3] or "").strip()
    if not found[1]:
        return Wish("reopen", note=reason, case=number)
    position = _POSITION.fullmatch(reason)
    # Who saw no list can mean no position in it: a reason may begin with a number, too.
    if position is not None and shown.partition(":")[0] == "relieve":
        return Wish("relieve", position[1], (position[2] or "").strip(), shown, case=number)
    return Wish("relieve", note=reason, case=number)


def _number_in(words: str) -> str:
    """Give the case number that was filled in, with what people put around it; empty for anything else."""
    number = bare(words).upper()
    return number if _NUMBER.fullmatch(number) else ""


def split_note(text: str) -> tuple[str, str]:
    """Give an answer as typed and the remark behind it: `2 opmerking: nog niet zeker`."""
    answer, *note = re.split(r"\s+(?:opmerking|remark)\s*:\s*", text, maxsplit=1, flags=re.IGNORECASE)
    return answer, "".join(note)


def spoken_language(text: str) -> str | None:
    """Give the language in which a case was begun or the bot was greeted by typing; None when not to be told."""
    return _SPOKEN.get(folded(plain(text)))


def to_language(word: str) -> str | None:
    """Give nl or en for a language's name or code, or None."""
    return _LANGUAGES.get(word.casefold())


def bare(text: str) -> str:
    """Give words without what people put around them."""
    return text.strip(" .!?)")


def folded(text: str) -> str:
    """Give words as they are compared: no capitals, no punctuation, "don't" as it is spoken."""
    words = re.sub(r"['\u2018\u2019]", "", text.casefold())
    return " ".join(re.sub(r"[^\w\s]", " ", words).split())


def plain(text: str) -> str:
    """Give the text in NFC, without control, bidirectional and invisible characters, trimmed.

    What is shown must be what is stored: such characters can make a card read otherwise.
    """
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (char for char in normal if char in "\n\t" or unicodedata.category(char) not in _INVISIBLE)
    return "".join(kept).strip()


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
