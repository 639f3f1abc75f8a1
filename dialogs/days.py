"""A day as people write it in Dutch and English, relative to today."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from dialogs.spoken import NUMBER_OF

_FARTHEST_YEARS = 10

_DAY_WORDS = {
    "eergisteren": -2,
    "day before yesterday": -2,
    "gisteren": -1,
    "gister": -1,
    "yesterday": -1,
    "vandaag": 0,
    "vannacht": 0,
    "heden": 0,
    "today": 0,
    "morgen": 1,
    "tomorrow": 1,
    "overmorgen": 2,
    "day after tomorrow": 2,
    "volgende week": 7,
    "next week": 7,
}
_WEEKDAYS = (
    ("maandag", "ma", "monday", "mon"),
    ("dinsdag", "di", "tuesday", "tue", "tues"),
    ("woensdag", "wo", "wednesday", "wed"),
    ("donderdag", "do", "thursday", "thu", "thur", "thurs"),
    ("vrijdag", "vr", "friday", "fri"),
    ("zaterdag", "za", "saturday", "sat"),
    ("zondag", "zo", "sunday", "sun"),
)
_MONTHS = (
    ("januari", "january", "jan"),
    ("februari", "february", "feb", "febr"),
    ("maart", "march", "mrt", "mar", "maa"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("augustus", "august", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
_UNITS = {
    "dag": "day",
    "dagen": "day",
    "day": "day",
    "days": "day",
    "week": "week",
    "weken": "week",
    "weeks": "week",
    "maand": "month",
    "maanden": "month",
    "month": "month",
    "months": "month",
}


def _positions(names: tuple[tuple[str, ...], ...]) -> dict[str, int]:
    return {name: position for position, group in enumerate(names) for name in group}


def _any_of(names: dict[str, int]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_WEEKDAY_OF = _positions(_WEEKDAYS)
_MONTH_OF = {name: position + 1 for name, position in _positions(_MONTHS).items()}
COUNTS = {**NUMBER_OF, "a": 1, "an": 1}

WEEKDAY = f"(?:{_any_of(_WEEKDAY_OF)})"
COUNT = rf"(?:\d{{1,4}}|{_any_of(COUNTS)})"
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_LATER = re.compile(rf"(?:over|in)\s+(?P<count>{COUNT})\s+(?P<unit>{_UNIT})")
_AGO = re.compile(rf"(?P<count>{COUNT})\s+(?P<unit>{_UNIT})\s+(?:geleden|ago)")
_OTHER_WEEK = re.compile(
    rf"(?P<which>vorige|afgelopen|volgende|komende|last|next) week,? (?:op |on )?(?P<weekday>{WEEKDAY})\.?|"
    rf"(?P<weekday_first>{WEEKDAY})\.? (?P<which_last>vorige|volgende|last|next) week"
)
_OTHER_MONTH = {"volgende maand": 1, "next month": 1, "vorige maand": -1, "last month": -1}
_ON_WEEKDAY = re.compile(
    r"(?:(?P<past>vorige|afgelopen|laatste|last|past)\s+|"
    r"(?P<coming>volgende|komende|aanstaande|eerstvolgende|next|coming)\s+|(?:deze|this)\s+)?"
    rf"(?P<weekday>{WEEKDAY})\.?"
)
_FIRST_WEEKDAY = re.compile(rf"(?P<weekday>{WEEKDAY})\.?[,\s]+(?=\S)")
_YEAR = r"(?P<year>\d{4}|'?\d{2})"
_MONTH = f"(?P<name>{_any_of(_MONTH_OF)})"
_DATES = (
    re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})"),
    re.compile(rf"(?P<day>\d{{1,2}})\s?[-/.]\s?(?P<month>\d{{1,2}})(?:\s?[-/.]\s?{_YEAR})?\.?"),
    re.compile(rf"(?P<day>\d{{1,2}})(?:e|de|ste|st|nd|rd|th|\.)?[\s-]*(?:of\s+)?{_MONTH}\.?(?:[,\s-]+{_YEAR})?"),
    re.compile(rf"{_MONTH}\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+{_YEAR})?"),
)


class ReadError(Exception):
    """What was typed is no moment or date; `key` is the sentence that says why and what would be."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def to_count(word: str) -> int:
    """Give the number of a count, in digits or in words."""
    return COUNTS.get(word) or int(word)


def read_day(text: str, today: date, direction: str) -> tuple[date, ...] | None:
    """Give the days that the text can mean, the likeliest first; None when it is no day.

    Raises ReadError for a day that does not exist, is far away, or has another weekday than was said.
    """
    words = re.sub(r"^(?:op|on|the)\s+", "", text.strip(" ,."))
    if words in _DAY_WORDS:
        return (today + timedelta(days=_DAY_WORDS[words]),)
    if found := _LATER.fullmatch(words) or _AGO.fullmatch(words):
        sign = 1 if found.re is _LATER else -1
        return (_shifted(today, sign * to_count(found["count"]), _UNITS[found["unit"]]),)
    if words in _OTHER_MONTH:
        return (_shifted(today, _OTHER_MONTH[words], "month"),)
    if found := _OTHER_WEEK.fullmatch(words):
        return (_in_other_week(found, today),)
    if found := _ON_WEEKDAY.fullmatch(words):
        return _on_weekday(found, today, direction)
    return _calendar_day(words, today, direction)


def _shifted(today: date, count: int, unit: str) -> date:
    if unit != "month":
        return _near(today + timedelta(days=count * (7 if unit == "week" else 1)), today)
    months = today.year * 12 + today.month - 1 + count
    year, month = divmod(months, 12)
    _check_year(year, today)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _on_weekday(found: re.Match[str], today: date, direction: str) -> tuple[date, ...]:
    forward = (_WEEKDAY_OF[found["weekday"]] - today.weekday()) % 7
    backward = forward - 7
    if found["past"]:
        return (today + timedelta(days=backward),)
    if found["coming"]:
        return (today + timedelta(days=forward or 7),)
    if forward == 0:
        return (today, today + timedelta(days=7 if direction == "ahead" else -7))
    return (today + timedelta(days=forward if direction == "ahead" else backward),)


def _in_other_week(found: re.Match[str], today: date) -> date:
    """Give a weekday of the calendar week before or after this one."""
    which = found["which"] or found["which_last"]
    weekday = _WEEKDAY_OF[found["weekday"] or found["weekday_first"]]
    weeks = -1 if which in ("vorige", "afgelopen", "last") else 1
    return today + timedelta(days=weekday - today.weekday() + 7 * weeks)


def _calendar_day(words: str, today: date, direction: str) -> tuple[date, ...] | None:
    first = _FIRST_WEEKDAY.match(words)
    rest = words[first.end() :] if first else words
    found = next((match for pattern in _DATES if (match := pattern.fullmatch(rest))), None)
    if found is None:
        return None
    parts = found.groupdict()
    month = _MONTH_OF[parts["name"]] if parts.get("name") else int(parts["month"])
    days = tuple(_days(int(parts["day"]), month, parts["year"], today, direction))
    if first and days[0].weekday() != _WEEKDAY_OF[first["weekday"]]:
        raise ReadError("date_weekday")
    return days


def _days(day: int, month: int, year: str | None, today: date, direction: str) -> Iterator[date]:
    """Give the one day of a year that was named, else the nearest in the right direction."""
    if year:
        number = int(year.strip("'"))
        yield _exact(number + 2000 if number < 100 else number, month, day, today)
        return
    step = 1 if direction == "ahead" else -1
    for years in range(9):
        try:
            nearest = date(today.year + step * years, month, day)
        except ValueError:
            continue
        if (nearest - today).days * step >= 0:
            yield nearest
            return
    raise ReadError("date_impossible")


def _exact(year: int, month: int, day: int, today: date) -> date:
    _check_year(year, today)
    try:
        return date(year, month, day)
    except ValueError:
        raise ReadError("date_impossible") from None


def _near(day: date, today: date) -> date:
    _check_year(day.year, today)
    return day


def _check_year(year: int, today: date) -> None:
    if abs(year - today.year) > _FARTHEST_YEARS:
        raise ReadError("date_far")
