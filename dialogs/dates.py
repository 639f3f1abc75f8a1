"""Moments and dates as people write them in Dutch and English, and back: Europe/Amsterdam.

What is shown can be read back. Nothing is guessed where a legal term could hang on it: a time that does
not exist, that lies on the wrong side of now, or that comes without a day that fits, is an error that says so.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from babel.dates import format_date, format_datetime

from dialogs.days import COUNT, WEEKDAY, ReadError, read_day, to_count
from dialogs.spoken import in_digits, in_minutes, without_vagueness
from state.advice import AMSTERDAM

__all__ = ["ReadError", "hours_left", "read_date", "read_moment", "show_date", "show_day", "show_moment", "show_short"]

_LONGEST = 100
_NOW = frozenset({"nu", "zojuist", "zonet", "net", "now", "just now"})
_SEASONS = {"zomertijd": 0, "summer time": 0, "wintertijd": 1, "winter time": 1}
_SEASON = re.compile(r"[\s(]+(zomertijd|wintertijd|summer time|winter time)\)?$")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}t\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:z|[+-]\d{2}:\d{2})?")
_FLOW = re.compile(
    rf"(?:(?:over|in)\s+(?P<later>{COUNT})|(?P<ago>{COUNT}))\s+"
    r"(?P<unit>uur|uren|hour|hours|minuut|minuten|minute|minutes)(?P<past>\s+(?:geleden|ago))?"
)

# Parts of the day, written as one word with the day: "vanochtend", "gisteravond", "maandagmiddag".
_GLUED = re.compile(rf"\b(van|(?:eer)?gister(?:en)?|overmorgen|morgen|{WEEKDAY})(ochtend|morgen|middag|avond|nacht)\b")
_GLUED_DAYS = {"vannacht": "vannacht", "van": "vandaag", "gister": "gisteren", "eergister": "eergisteren"}
_ENGLISH_PARTS = (
    (re.compile(r"\btonight\b"), "today evening"),
    (re.compile(r"\blast night\b"), "vannacht"),
    (re.compile(r"\bthis (?=morning|afternoon|evening)"), "today "),
)
_PART = re.compile(
    r"(?:\b(?:in de|in the|at)\s+)?(?:'s\s+|’s\s+)?"
    r"\b(ochtends?|morgens|morning|middags?|afternoon|avonds?|evening|nachts?|night)\b"
)
_PARTS = {"o": "morning", "m": "morning", "a": "evening", "e": "evening", "n": "night"}

_HOUR = r"(?P<hour>\d{1,2})"
_TIMES = (
    rf"{_HOUR}[:.](?P<minute>\d{{2}})(?::\d{{2}})?(?:\s*(?:uur|u|h|hrs))?(?:\s*(?P<half>[ap])\.?m\.?)?",
    rf"{_HOUR}\s*(?:uur|u|h)\s*(?P<minute>\d{{2}})?",
    rf"{_HOUR}\s*(?P<half>[ap])\.?m\.?",
    rf"(?P<shift>half|kwart over|kwart voor|half past|quarter past|quarter to)\s+{_HOUR}",
    rf"(?:om|at)\s+{_HOUR}",
)
_SHIFTS = {"half": -30, "kwart over": 15, "kwart voor": -15, "half past": 30, "quarter past": 15, "quarter to": -15}
_BEFORE_TIME = re.compile(r"\b(?:om|at)\s*$")
_LAST = tuple(re.compile(rf"(?P<day>|.*[\s,]){pattern}") for pattern in _TIMES)
_FIRST = tuple(re.compile(rf"(?:om\s+|at\s+)?{pattern}[\s,]+(?P<day>.+)") for pattern in _TIMES)


@dataclass(frozen=True, slots=True)
class _Split:
    """A moment taken apart: the words of its day (empty: today), and its time, None when there is no such time."""

    day: str
    clock: time | None
    is_spoken: bool


# --- reading ---------------------------------------------------------------------------


def read_moment(text: str, now: datetime, language: str, *, direction: str = "back") -> datetime:
    """Give the moment in Amsterdam time; raises ReadError when it is none or lies on the wrong side of now.

    Both languages are read always: people mix them.
    """
    words, season = _normal(text)
    local = now.astimezone(AMSTERDAM).replace(second=0, microsecond=0)
    if words in _NOW:
        return local
    if _ISO.fullmatch(words):
        return _checked([_iso(words)], local, direction, bare=False)
    if (found := _FLOW.fullmatch(words)) and bool(found["ago"]) == bool(found["past"]):
        return _checked([_flown(found, local)], local, direction, bare=False)
    words, part = _without_part(in_digits(words))
    return _from_splits(words, part, season, local, direction)


def read_date(text: str, now: datetime, language: str, *, direction: str = "ahead") -> date:
    """Give the date; a time with it is left out. Raises ReadError as `read_moment` does."""
    words, _ = _normal(text)
    today = now.astimezone(AMSTERDAM).date()
    if _ISO.fullmatch(words):
        return _dated((_iso(words).date(),), today, direction)
    words = _without_part(in_digits(words))[0]
    days = read_day(words, today, direction)
    if days is None:
        named = (split.day for split in _splits(words) if split.day)
        days = next((found for day in named if (found := read_day(day, today, direction))), None)
    if days is None:
        raise ReadError("day_unreadable")
    return _dated(days, today, direction)


def hours_left(due: datetime, now: datetime) -> int:
    """Give the whole hours from now until `due`, rounded down; negative when it is past."""
    return (due - now) // timedelta(hours=1)


def _normal(text: str) -> tuple[str, int | None]:
    """Give the text in small letters and single spaces, and which of two equal hours it names."""
    words = unicodedata.normalize("NFKC", text[: _LONGEST + 1]).casefold().replace("–", "-")
    words = re.sub(r"\s+", " ", words).strip(" .!?,;")
    if not words or len(text) > _LONGEST or not words.isprintable():
        raise ReadError("date_unreadable")
    words = in_minutes(without_vagueness(words))
    season = _SEASON.search(words)
    return (words[: season.start()], _SEASONS[season[1]]) if season else (words, None)


def _iso(words: str) -> datetime:
    try:
        moment = datetime.fromisoformat(words.upper()).replace(second=0, microsecond=0)
        return moment.astimezone(AMSTERDAM) if moment.tzinfo else _local(moment.date(), moment.time(), None)
    except (ValueError, OverflowError):
        raise ReadError("date_impossible") from None


def _flown(found: re.Match[str], local: datetime) -> datetime:
    count = to_count(found["later"] or found["ago"])
    unit = timedelta(minutes=1) if found["unit"].startswith("min") else timedelta(hours=1)
    # Through UTC: an hour ago stays an hour ago over a clock change.
    return (local.astimezone(UTC) + unit * (count if found["later"] else -count)).astimezone(AMSTERDAM)


def _without_part(words: str) -> tuple[str, str]:
    """Give the words without the part of the day, and that part, empty when there is none."""
    for english, plain in _ENGLISH_PARTS:
        words = english.sub(plain, words)
    words = _GLUED.sub(lambda one: f"{_GLUED_DAYS.get(one[0]) or _GLUED_DAYS.get(one[1], one[1])} {one[2]}s", words)
    found = _PART.search(words)
    if found is None:
        return words, ""
    name = found[1]
    part = "afternoon" if name.startswith(("mi", "af")) else _PARTS[name[0]]
    rest = f"{words[: found.start()]} {words[found.end() :]}"
    return re.sub(r"\s+", " ", rest).strip(" ,"), part


def _from_splits(words: str, part: str, season: int | None, local: datetime, direction: str) -> datetime:
    problem = ReadError("date_unreadable")
    for split in _splits(words):
        try:
            moments = _moments(split, part, season, local, direction)
            return _checked(moments, local, direction, bare=not split.day and not part)
        except ReadError as found:
            problem = found if problem.key == "date_unreadable" else problem
    if problem.key == "date_unreadable" and (not words or read_day(words, local.date(), direction)):
        raise ReadError("time_missing")
    raise problem


def _splits(words: str) -> Iterator[_Split]:
    """Give every way to take the words apart into a day and a time."""
    for pattern in (*_LAST, *_FIRST):
        if found := pattern.fullmatch(words):
            parts = found.groupdict()
            clock = _clock(parts)
            yield _Split(_BEFORE_TIME.sub("", parts["day"]).strip(" ,"), clock, _is_spoken(parts, clock))


def _is_spoken(found: dict[str, str | None], clock: time | None) -> bool:
    """Tell whether it was said as on a clock of twelve hours: the night is as likely as the afternoon."""
    is_exact = found.get("half") or found.get("minute") or (found["hour"] or "").startswith("0")
    return clock is not None and clock < time(7) and not is_exact


def _clock(found: dict[str, str | None]) -> time | None:
    hour, minute = int(found["hour"] or 0), int(found.get("minute") or 0)
    half = found.get("half")
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    minutes = hour * 60 + minute + _SHIFTS.get(found.get("shift") or "", 0)
    if minute > 59 or not 0 <= minutes < 24 * 60:
        return None
    return time(minutes // 60, minutes % 60)


def _moments(split: _Split, part: str, season: int | None, local: datetime, direction: str) -> list[datetime]:
    today = local.date()
    days = read_day(split.day, today, direction) if split.day else (today,)
    if days is None:
        raise ReadError("date_unreadable")
    if split.clock is None:
        raise ReadError("time_impossible")
    if split.is_spoken and not part:
        raise ReadError("time_half")
    if part == "night" and split.day in ("", "vannacht", "vandaag", "today"):
        # "Vannacht" is the night around today, before or to come; "last night at 22:30" is not half an hour ago.
        other = today + timedelta(days=1 if direction == "ahead" else -1)
        is_before = split.day == "vannacht" and direction != "ahead" and split.clock.hour > 6
        days = (other,) if is_before else (today, other)
    clock = _in_part(split.clock, part)
    return [_local(day, clock, season) for day in days]


def _in_part(clock: time, part: str) -> time:
    """Give the time in the part of the day that was named: "2 uur 's middags" is 14:00."""
    late = clock.replace(hour=clock.hour + 12) if clock.hour < 12 else clock
    hour = clock.hour
    fits = {
        "": (True, clock),
        "morning": (hour <= 12, clock),
        "afternoon": (12 <= late.hour <= 18 and clock >= time(0, 30), late),
        "evening": (late.hour >= 17, late),
        "night": (hour <= 6 or late.hour >= 19, clock if hour <= 6 else late),
    }
    is_possible, found = fits[part]
    if not is_possible:
        raise ReadError("time_impossible")
    return found


def _local(day: date, clock: time, season: int | None) -> datetime:
    """Give the moment in Amsterdam; the earlier of two equal ones unless the other is named."""
    moment = datetime.combine(day, clock, tzinfo=AMSTERDAM).replace(fold=season or 0)
    if moment.astimezone(UTC).astimezone(AMSTERDAM).replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise ReadError("time_skipped")
    return moment


def _checked(moments: list[datetime], local: datetime, direction: str, *, bare: bool) -> datetime:
    """Give the first moment on the right side of now; a planned one may just have passed."""
    if abs(moments[0].year - local.year) > 10:
        raise ReadError("date_far")
    for moment in moments:
        # In UTC: between two zones of the same kind Python compares the clocks on the wall.
        ahead = moment.astimezone(UTC) - local.astimezone(UTC)
        if ahead >= timedelta(0) if direction == "ahead" else ahead <= timedelta(0):
            return moment
    if direction != "ahead":
        raise ReadError("date_future")
    if bare:
        raise ReadError("date_past")
    return moments[0]


def _dated(days: tuple[date, ...], today: date, direction: str) -> date:
    day = days[-1]
    if direction == "ahead" and day < today:
        raise ReadError("day_past")
    if direction != "ahead" and day > today:
        raise ReadError("day_future")
    if abs(day.year - today.year) > 10:
        raise ReadError("date_far")
    return day


# --- showing ---------------------------------------------------------------------------


def show_moment(moment: datetime | str, language: str) -> str:
    """Give a moment in full: zondag 22 november 2026, 14:30; of two equal hours it says which."""
    local = _to_local(moment)
    shown = _formatted(local, "EEEE d MMMM y, HH:mm", language)
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return shown
    names = ("summer time", "winter time") if language == "en" else ("zomertijd", "wintertijd")
    return f"{shown} ({names[local.fold]})"


def show_short(moment: datetime | str, language: str) -> str:
    """Give a moment in short: do 26-11-2026 08:30."""
    return _formatted(_to_local(moment), "EEE d MMM y, HH:mm" if language == "en" else "EEE dd-MM-y HH:mm", language)


def show_day(day: date, language: str) -> str:
    """Give a date without its weekday: 7 december 2026."""
    return format_date(day, "d MMMM y", locale=_locale(language))


def show_date(day: date | str, language: str) -> str:
    """Give a date in full: maandag 7 december 2026."""
    value = date.fromisoformat(day) if isinstance(day, str) else day
    return format_date(value, "EEEE d MMMM y", locale=_locale(language))


def _to_local(moment: datetime | str) -> datetime:
    value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return value.astimezone(AMSTERDAM) if value.tzinfo else value.replace(tzinfo=AMSTERDAM)


def _formatted(local: datetime, pattern: str, language: str) -> str:
    # Without its zone: Babel shows an aware moment in UTC unless told otherwise.
    return format_datetime(local.replace(tzinfo=None), pattern, locale=_locale(language))


def _locale(language: str) -> str:
    return "en_GB" if language == "en" else "nl"
