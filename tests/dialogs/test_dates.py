"""Dates as people type them, and as they are shown."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.dates import (
    ReadError,
    hours_left,
    read_date,
    read_moment,
    show_date,
    show_day,
    show_moment,
    show_short,
)
from state.advice import AMSTERDAM

# A Monday.
NOW = datetime.fromisoformat("2026-11-23T10:00:00+01:00")


def _moment(text: str, direction: str = "back", now: datetime = NOW) -> str:
    return read_moment(text, now, "nl", direction=direction).strftime("%Y-%m-%d %H:%M")


def _problem(text: str, direction: str = "back") -> str:
    with pytest.raises(ReadError) as caught:
        read_moment(text, NOW, "nl", direction=direction)
    return caught.value.key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gisteren 14:30", "2026-11-22 14:30"),
        ("Gisteren om 14.30 uur.", "2026-11-22 14:30"),
        ("vandaag 9 uur", "2026-11-23 09:00"),
        ("eergisteren 9u", "2026-11-21 09:00"),
        ("vanochtend 8.15", "2026-11-23 08:15"),
        ("gisteravond 9 uur", "2026-11-22 21:00"),
        ("gisterenavond half elf", "2026-11-22 22:30"),
        ("eergisterenmiddag 3 uur", "2026-11-21 15:00"),
        ("9 uur 's avonds gisteren", "2026-11-22 21:00"),
        ("vrijdagmiddag 3 uur", "2026-11-20 15:00"),
        ("vannacht 2 uur", "2026-11-23 02:00"),
        ("vannacht 23:30", "2026-11-22 23:30"),
        ("zondagnacht 11 uur", "2026-11-22 23:00"),
        ("maandag 10:00", "2026-11-23 10:00"),
        ("maandag 11:00", "2026-11-16 11:00"),
        ("ma 9:00", "2026-11-23 09:00"),
        ("vorige maandag 9:00", "2026-11-16 09:00"),
        ("vrijdag kwart over 9", "2026-11-20 09:15"),
        ("gisteren half 9", "2026-11-22 08:30"),
        ("23-11 8.15", "2026-11-23 08:15"),
        ("23.11 8.15", "2026-11-23 08:15"),
        ("8.15 23.11", "2026-11-23 08:15"),
        ("20/11/26 16u", "2026-11-20 16:00"),
        ("23-11-2026 08:15", "2026-11-23 08:15"),
        ("23 november 8u30", "2026-11-23 08:30"),
        ("20 nov om 9", "2026-11-20 09:00"),
        ("24-12 8:15", "2025-12-24 08:15"),
        ("29-2 8:00", "2024-02-29 08:00"),
        ("8.15", "2026-11-23 08:15"),
        ("2 dagen geleden 15:00", "2026-11-21 15:00"),
        ("2 uur geleden", "2026-11-23 08:00"),
        ("een kwartier geleden", "2026-11-23 09:45"),
        ("anderhalf uur geleden", "2026-11-23 08:30"),
        ("half an hour ago", "2026-11-23 09:30"),
        ("gisteravond half elf", "2026-11-22 22:30"),
        ("gistermiddag half een", "2026-11-22 12:30"),
        ("gistermiddag om drie uur", "2026-11-22 15:00"),
        ("gisteren kwart over acht", "2026-11-22 08:15"),
        ("gisteren rond 14:00", "2026-11-22 14:00"),
        ("ongeveer negen uur", "2026-11-23 09:00"),
        ("sinds vrijdag 16:00", "2026-11-20 16:00"),
        ("nine o'clock", "2026-11-23 09:00"),
        ("gisteren 3u15", "2026-11-22 03:15"),
        ("gisteren 03 uur", "2026-11-22 03:00"),
        ("vorige week dinsdag 10:00", "2026-11-17 10:00"),
        ("Tuesday last week 10:00", "2026-11-17 10:00"),
        ("90 minuten geleden", "2026-11-23 08:30"),
        ("zojuist", "2026-11-23 10:00"),
        ("2026-11-22T14:30", "2026-11-22 14:30"),
        ("2026-11-22 14:30", "2026-11-22 14:30"),
        ("2026-11-22T13:30:00Z", "2026-11-22 14:30"),
        ("2026-11-22T14:30:00+01:00", "2026-11-22 14:30"),
        ("yesterday 2:30 pm", "2026-11-22 14:30"),
        ("yesterday 12 am", "2026-11-22 00:00"),
        ("last night at 2:00", "2026-11-23 02:00"),
        ("last friday at 9am", "2026-11-20 09:00"),
        ("23 Nov 8:15", "2026-11-23 08:15"),
        ("Nov 20, 2026 8:15 am", "2026-11-20 08:15"),
        ("this morning 8:15", "2026-11-23 08:15"),
        ("zondag 22 november 2026, 14:30", "2026-11-22 14:30"),
    ],
)
def test_reads_what_people_type_about_the_past(text, expected):
    assert _moment(text) == expected


@pytest.mark.parametrize("text", ["gisteren 3 uur", "drie uur", "gisteren half zeven", "gisteren om 2", "at 3", "6u"])
def test_asks_whether_it_was_night_or_afternoon(text):
    assert _problem(text) == "time_half"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("morgen 16:00", "2026-11-24 16:00"),
        ("vandaag 16:00", "2026-11-23 16:00"),
        ("16:00", "2026-11-23 16:00"),
        ("vrijdag 9.00", "2026-11-27 09:00"),
        ("maandag 9:00", "2026-11-30 09:00"),
        ("maandag 10:30", "2026-11-23 10:30"),
        ("next monday 10:00", "2026-11-30 10:00"),
        ("vanavond 8 uur", "2026-11-23 20:00"),
        ("tonight 8 pm", "2026-11-23 20:00"),
        ("morgenochtend 8 uur", "2026-11-24 08:00"),
        ("vannacht 2 uur", "2026-11-24 02:00"),
        ("over 3 uur", "2026-11-23 13:00"),
        ("over drie uur", "2026-11-23 13:00"),
        ("volgende week dinsdag 10:00", "2026-12-01 10:00"),
        ("12-1 9:00", "2027-01-12 09:00"),
        ("gisteren 8:00", "2026-11-22 08:00"),
    ],
)
def test_reads_what_people_type_about_what_is_to_come(text, expected):
    assert _moment(text, "ahead") == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "date_unreadable"),
        ("blabla", "date_unreadable"),
        ("9", "date_unreadable"),
        ("x" * 101, "date_unreadable"),
        ("gisteren\x0014:30", "date_unreadable"),
        ("eergisteren", "time_missing"),
        ("vanochtend", "time_missing"),
        ("23-11-2026", "time_missing"),
        ("31-02-2026 8:00", "date_impossible"),
        ("31-02 8:00", "date_impossible"),
        ("2026-02-31T08:00", "date_impossible"),
        ("2026-11-22T25:00", "date_impossible"),
        ("23-11-1999 8:00", "date_far"),
        ("1999-11-23T08:00", "date_far"),
        ("23-11-3026 8:00", "date_far"),
        ("9999 maanden geleden 8:00", "date_far"),
        ("maandag 22 november 2026 14:30", "date_weekday"),
        ("gisteren 25:00", "time_impossible"),
        ("gisteren 13 pm", "time_impossible"),
        ("vanochtend 14:00", "time_impossible"),
        ("vandaag 23:50", "date_future"),
        ("24-11-2026 8:15", "date_future"),
        ("over 2 uur", "date_future"),
        ("29-03-2026 02:30", "time_skipped"),
    ],
)
def test_says_what_is_wrong(text, key):
    assert _problem(text) == key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last night 10:30 pm", "2026-11-22 22:30"),
        ("last night at half past ten", "2026-11-22 22:30"),
        ("vannacht 23:30", "2026-11-22 23:30"),
        ("last night 2:00", "2026-11-23 02:00"),
        ("vanavond half elf", "2026-11-23 22:30"),
    ],
)
def test_late_in_the_evening_last_night_is_still_the_night_before(text: str, expected: str) -> None:
    assert _moment(text, now=NOW.replace(hour=23, minute=45)) == expected


@pytest.mark.parametrize(
    "text",
    ["vandaag om 11 uur 's nachts", "23-11-2026 23:00 's nachts", "23 november 23:00 's nachts", "23:00 's nachts"],
)
def test_late_at_night_on_the_day_that_is_named_is_that_day(text: str) -> None:
    assert _moment(text, now=NOW.replace(hour=23, minute=45)) == "2026-11-23 23:00"


def test_a_date_is_not_moved_to_the_night_before_it() -> None:
    assert _problem("23-11-2026 23:00 's nachts") == "date_future"


def test_a_bare_time_that_is_past_is_not_taken_for_a_moment_to_come():
    assert _problem("8:15", "ahead") == "date_past"


def test_of_two_equal_hours_the_earlier_counts_unless_the_other_is_named():
    earlier = read_moment("25-10-2026 02:30", NOW, "nl")
    later = read_moment("25-10-2026 02:30 (wintertijd)", NOW, "nl")
    assert later.astimezone(UTC) - earlier.astimezone(UTC) == timedelta(hours=1)
    assert show_moment(earlier, "nl") == "zondag 25 oktober 2026, 02:30 (zomertijd)"
    assert show_moment(later, "en") == "Sunday 25 October 2026, 02:30 (winter time)"


def test_an_hour_ago_stays_an_hour_ago_over_a_clock_change():
    now = datetime.fromisoformat("2026-10-25T03:30:00+01:00")
    assert read_moment("2 uur geleden", now, "nl").isoformat() == "2026-10-25T02:30:00+02:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("over 2 weken", "2026-12-07"),
        ("volgende maand", "2026-12-23"),
        ("volgende week dinsdag", "2026-12-01"),
        ("over een maand", "2026-12-23"),
        ("in two weeks", "2026-12-07"),
        ("volgende week", "2026-11-30"),
        ("7-12", "2026-12-07"),
        ("7 dec 2026", "2026-12-07"),
        ("2026-12-07", "2026-12-07"),
        ("2026-12-07T10:00", "2026-12-07"),
        ("7-12 10:00", "2026-12-07"),
        ("maandag", "2026-11-30"),
        ("next monday", "2026-11-30"),
        ("vrijdag", "2026-11-27"),
        ("vandaag", "2026-11-23"),
        ("29-2", "2028-02-29"),
        ("12-1", "2027-01-12"),
        ("maandag 7 december 2026", "2026-12-07"),
    ],
)
def test_reads_a_date_to_come(text, expected):
    assert read_date(text, NOW, "nl").isoformat() == expected


@pytest.mark.parametrize(
    ("text", "direction", "key"),
    [
        ("gisteren", "ahead", "day_past"),
        ("morgen", "back", "day_future"),
        ("over 99 weken", "back", "day_future"),
        ("over 9999 weken", "ahead", "date_far"),
        ("2050-01-01T10:00", "ahead", "date_far"),
        ("10:00", "ahead", "day_unreadable"),
        ("ooit", "ahead", "day_unreadable"),
        ("31-2", "ahead", "date_impossible"),
    ],
)
def test_says_what_is_wrong_with_a_date(text, direction, key):
    with pytest.raises(ReadError) as caught:
        read_date(text, NOW, "nl", direction=direction)
    assert caught.value.key == key


def test_a_date_back_is_the_last_one():
    assert read_date("vrijdag", NOW, "nl", direction="back") == date(2026, 11, 20)


def test_shows_moments_in_full_and_in_short():
    assert show_moment("2026-11-22T13:30:00+00:00", "nl") == "zondag 22 november 2026, 14:30"
    assert show_moment("2026-11-22T14:30", "en") == "Sunday 22 November 2026, 14:30"
    assert show_short(NOW, "nl") == "ma 23-11-2026 10:00"
    assert show_short(NOW, "en") == "Mon 23 Nov 2026, 10:00"
    assert show_date("2026-12-07", "nl") == "maandag 7 december 2026"
    assert show_day(date(2026, 12, 7), "en") == "7 December 2026"


def test_hours_left_are_rounded_down_as_in_the_specification():
    assert hours_left(datetime.fromisoformat("2026-11-26T08:30:00+01:00"), NOW) == 70
    assert hours_left(NOW, NOW + timedelta(minutes=1)) == -1


near = st.integers(min_value=-9 * 365 * 24 * 60, max_value=9 * 365 * 24 * 60)


@given(minutes=near, language=st.sampled_from(["nl", "en"]))
def test_a_moment_that_is_shown_can_be_read_back(minutes, language):
    moment = (NOW.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(AMSTERDAM)
    direction = "back" if minutes <= 0 else "ahead"
    for shown in (show_moment(moment, language), moment.isoformat()):
        assert read_moment(shown, NOW, language, direction=direction) == moment
    assert read_moment(show_moment(moment, language), NOW, language, direction="ahead") == moment


@given(days=st.integers(min_value=0, max_value=9 * 365), language=st.sampled_from(["nl", "en"]))
def test_a_date_that_is_shown_can_be_read_back(days, language):
    day = NOW.date() + timedelta(days=days)
    assert read_date(show_date(day, language), NOW, language) == day
    assert read_date(show_day(day, language), NOW, language) == day


pieces = st.sampled_from(
    re.findall(
        r"\S+",
        "gisteren vandaag morgen maandag vanochtend nacht 's avonds 31 2 8 9999 00 - / . : , uur u am pm om at over in "
        "geleden ago weken maanden half kwart november feb 2026 26 0000 t z +01:00 (wintertijd) nu ١٢ ２３ ½",
    )
)
typed = st.one_of(st.text(max_size=120), st.lists(pieces, max_size=9).map(" ".join), st.lists(pieces).map("".join))


@given(text=typed, direction=st.sampled_from(["back", "ahead"]), language=st.sampled_from(["nl", "en"]))
def test_whatever_is_typed_gives_a_moment_or_the_one_error(text, direction, language):
    for read in (read_moment, read_date):
        try:
            read(text, NOW, language, direction=direction).isoformat()
        except ReadError as error:
            assert error.key
