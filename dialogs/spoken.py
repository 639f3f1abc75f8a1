"""Times and terms as people say them, put in the digits and words that the rest of the reading knows."""

import re

_NUMBERS = (
    ("een", "één", "one"),
    ("twee", "two"),
    ("drie", "three"),
    ("vier", "four"),
    ("vijf", "five"),
    ("zes", "six"),
    ("zeven", "seven"),
    ("acht", "eight"),
    ("negen", "nine"),
    ("tien", "ten"),
    ("elf", "eleven"),
    ("twaalf", "twelve"),
)
NUMBER_OF = {name: number for number, names in enumerate(_NUMBERS, 1) for name in names}
_NUMBER = "|".join(NUMBER_OF)
_LED = r"\b(half|kwart over|kwart voor|half past|quarter past|quarter to|om|at)\s+"
_AFTER_LEAD = re.compile(rf"{_LED}({_NUMBER})\b")
_BEFORE_HOUR = re.compile(rf"\b({_NUMBER})(?=\s+(?:uur|u|o'clock|o’clock)\b)")
_CLOCK = re.compile(r"(?<=\d)\s*o['’]clock\b")
_SPANS = (
    (re.compile(r"\b(?:een |a )?half (?:uur|an hour|hour)\b"), "30 minuten"),
    (re.compile(r"\banderhalf uur\b"), "90 minuten"),
    (re.compile(r"\b(?:een )?kwartier\b"), "15 minuten"),
)
# What is said about a time and does not change it; the answer is shown back as it was read.
_AT_ABOUT = re.compile(r"\b(?:rond|omstreeks|tegen|around)\s+(?:de klok van\s+)?(?=\S)")
_ABOUT = re.compile(r"\b(?:ongeveer|circa|ca|plusminus|about|since|sinds)\b\.?\s*")


def without_vagueness(words: str) -> str:
    """Give the words without "about"; "around 14:00" becomes "om 14:00"."""
    return _ABOUT.sub("", _AT_ABOUT.sub("om ", words)).strip()


def in_minutes(words: str) -> str:
    """Give half an hour and the like as minutes."""
    for pattern, minutes in _SPANS:
        words = pattern.sub(minutes, words)
    return words


def in_digits(words: str) -> str:
    """Give the hours that are written as words in digits: "half elf" becomes "half 11"."""
    words = _AFTER_LEAD.sub(lambda found: f"{found[1]} {NUMBER_OF[found[2]]}", words)
    words = _BEFORE_HOUR.sub(lambda found: str(NUMBER_OF[found[1]]), words)
    return _CLOCK.sub(" uur", words)
