"""What the parts of a framework are made of: ids, words, lists, numbers, dates and conditions.

These are stricter than pydantic alone: a key without a value is a mistake, and so are 1 for true and 0 for a day.
How each mistake is told stands in `state.reader`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Strict, StringConstraints, Tag
from pydantic_core import PydanticCustomError

_ID = "[A-Za-z0-9][A-Za-z0-9_.:-]*"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A hundred years: longer than any term, and no moment runs out of the calendar.
_MAX_DAYS = 36_500
_MAX_HOURS = 24 * _MAX_DAYS


def _given(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("empty", "this key is empty")
    return value


def _exactly(wanted: Any) -> Callable[[Any], Any]:
    # `Literal` compares with ==, and to Python 1, 1.0 and true are equal.
    def check(value: Any) -> Any:
        if type(value) is not type(wanted) or value != wanted:
            raise PydanticCustomError("exactly", "must be {wanted}", {"wanted": str(wanted).lower()})
        return value

    return check


def _day(value: Any) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "must be a date that exists, as in 2026-11-23")


T = TypeVar("T")

Id = Annotated[str, StringConstraints(pattern=f"^{_ID}$", max_length=64)]
IdOrAny = Annotated[str, StringConstraints(pattern=rf"^({_ID}|\*)$", max_length=64)]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Several = Annotated[tuple[T, ...], Strict(False)]
OneOrMore = Annotated[tuple[T, ...], Strict(False), Field(min_length=1)]
Given = Annotated[T | None, BeforeValidator(_given)]
Yes = Annotated[Literal[True], BeforeValidator(_exactly(True))]
One = Annotated[Literal[1], BeforeValidator(_exactly(1))]
Day = Annotated[date, BeforeValidator(_day)]
Hours = Annotated[int, Field(ge=0, le=_MAX_HOURS)]
HoursOver = Annotated[int, Field(ge=1, le=_MAX_HOURS)]
Days = Annotated[int, Field(ge=1, le=_MAX_DAYS)]


class Value(BaseModel):
    """A frozen part of the framework; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Text(Value):
    """The same words in Dutch and in English."""

    nl: Words
    en: Words

    def in_language(self, language: str) -> str:
        """Give the words in `language`; Dutch where it is not English."""
        return self.en if language == "en" else self.nl


# --- conditions ------------------------------------------------------------------------


class Atom(Value):
    """A comparison of one question's answer; exactly one operator is given (lint checks)."""

    question: Id
    in_: Given[OneOrMore[Id]] = Field(None, alias="in")
    has: Given[OneOrMore[Id]] = None
    only: Given[OneOrMore[Id]] = None
    hours_over: Given[HoursOver] = None
    unknown: Given[Yes] = None


class NotionHolds(Value):
    """True when the notion with this id is true."""

    notion: Id


class AllOf(Value):
    """True when every part is true."""

    all: Annotated[tuple["Condition", ...], Strict(False), Field(min_length=1)]


class AnyOf(Value):
    """True when at least one part is true."""

    any: Annotated[tuple["Condition", ...], Strict(False), Field(min_length=1)]


class Not(Value):
    """True when the part is false; also when its question was never asked."""

    not_: "Condition" = Field(alias="not")


def _condition_tag(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return next((f"#{key}" for key in ("question", "notion", "all", "any", "not") if key in value), None)
    return "#always" if value == "always" else None


Condition = Annotated[
    Annotated[Literal["always"], Tag("#always")]
    | Annotated[Atom, Tag("#question")]
    | Annotated[NotionHolds, Tag("#notion")]
    | Annotated[AllOf, Tag("#all")]
    | Annotated[AnyOf, Tag("#any")]
    | Annotated[Not, Tag("#not")],
    Discriminator(
        _condition_tag,
        custom_error_type="condition",
        custom_error_message="a condition is `always`, or has one of the keys question, notion, all, any, not",
    ),
]

for _model in (AllOf, AnyOf, Not):
    # They name conditions before there is such a thing.
    _model.model_rebuild()
