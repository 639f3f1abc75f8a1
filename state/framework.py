"""The weighing framework as frozen values, in the shape of `framework.yaml`.

The models say what may stand in a framework file and of which type; what must hold between
its parts (references, order, exclusive options) is checked in `state.lint`.
"""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Strict, StringConstraints, Tag

Language = Literal["nl", "en"]
QuestionType = Literal["single", "multi", "datetime", "date", "text"]
EffectKind = Literal["floor", "cap", "stop", "pro", "contra", "notice", "deadline", "no_card"]

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$", max_length=64)]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


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
    in_: Annotated[tuple[Id, ...] | None, Strict(False)] = Field(None, alias="in")
    has: Annotated[tuple[Id, ...] | None, Strict(False)] = None
    only: Annotated[tuple[Id, ...] | None, Strict(False)] = None
    hours_over: Annotated[int, Field(gt=0)] | None = None
    unknown: Literal[True] | None = None


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
    return "#always" if isinstance(value, str) else None


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


# --- questions -------------------------------------------------------------------------


class Phase(Value):
    """A group of questions."""

    id: Id
    name: Text


class Option(Value):
    """A choice under a question; an exclusive one cannot be combined with others."""

    id: Id
    label: Text
    exclusive: bool = False
    unknown: bool = False


class Question(Value):
    """A question as it is shown, and when it is asked; a date is looked for back or ahead of now."""

    id: Id
    phase: Id
    type: QuestionType
    text: Text
    help: Text
    asked_when: Condition
    basis: Annotated[tuple[Id, ...], Strict(False)]
    channel: bool
    optional: bool = False
    unknown_allowed: bool = False
    direction: Literal["back", "ahead"] = "back"
    options: Annotated[tuple[Option, ...], Strict(False)] = ()

    @cached_property
    def option_by_id(self) -> Mapping[str, Option]:
        """Give the options by id."""
        return {option.id: option for option in self.options}


class Notion(Value):
    """A named condition that rules and questions share."""

    id: Id
    meaning: Text
    when: Condition


# --- steps and rules -------------------------------------------------------------------


class Grade(Value):
    """A grade of advice; the file lists them from light to strong."""

    id: Id
    name: Text
    glyph: Words


class DoneWhen(Value):
    """The option that says that a step was taken already."""

    question: Id
    option: Id


class Step(Value):
    """A step that the municipality could take; `protective` ones may be taken by anyone at once."""

    id: Id
    name: Text
    description: Text
    base: Id
    channel: bool
    protective: bool = False
    done_when: DoneWhen | None = None


class Effect(Value):
    """What a fired rule does: a floor or cap on the grade, a stop, a deadline, or only a reason."""

    floor: Id | None = None
    cap: Id | None = None
    stop: Id | None = None
    deadline: Id | None = None
    reason_only: Literal["pro", "contra", "notice"] | None = None
    no_card: Literal[True] | None = None

    @property
    def kind(self) -> EffectKind:
        """Give the one word for this effect; a stop may carry a cap and stays a stop."""
        kind: EffectKind
        for kind in ("stop", "floor", "cap", "deadline", "no_card"):
            if getattr(self, kind):
                return kind
        return self.reason_only or "notice"


class Rule(Value):
    """When a condition holds, an effect on one or more steps, with its reason and basis."""

    id: Id
    steps: Annotated[tuple[Id, ...], Strict(False), Field(min_length=1)]
    when: Condition
    effect: Effect
    reason: Text
    basis: Annotated[tuple[Id, ...], Strict(False), Field(min_length=1)]
    channel: bool


class Stop(Value):
    """A hard limit that protects people."""

    id: Id
    name: Text
    text: Text
    channel: bool


class Deadline(Value):
    """A term that runs; it has a time when it starts from a question that asks for one."""

    id: Id
    name: Text
    calculation: Text
    text: Text
    basis: Id
    starts_from: Id | None = None
    hours: Annotated[int, Field(ge=0)] = 0


class DeciderRow(Value):
    """Who decides on a step (`*`: any step); the first row that fits counts."""

    step: Id | Literal["*"]
    when: Condition
    who: Text


# --- sources ---------------------------------------------------------------------------


class Source(Value):
    """A law, ruling, guideline or practice that a rule rests on."""

    id: Id
    short: Text
    name: Text
    content: Text
    status: Literal["verified", "partly verified", "unverified"]
    found_at: Text
    note: Text | None = None


class Frame(Value):
    """One of the frames that the memo of 2020 names."""

    id: Id
    name: Text
    sources: Annotated[tuple[Id, ...], Strict(False)]


class Subject(Value):
    """A neutral subject for the card in the channel."""

    id: Id
    name: Text


class ConflictOfInterest(Value):
    """The question that asks whether the assessor is involved, and the answers that say so."""

    question: Id
    self_: Annotated[tuple[Id, ...], Strict(False)] = Field(alias="self", min_length=1)


class ReviewDate(Value):
    """The question that asks for the review date, and how many days it is by default."""

    question: Id
    default_days: Annotated[int, Field(gt=0)]


class Framework(Value):
    """A whole framework file."""

    format: Literal[1]
    id: Id
    version: Words
    status: Literal["concept", "adopted"]
    law_date: Annotated[date, Strict(False)]
    title: Text
    conflict_of_interest: ConflictOfInterest
    review_date: ReviewDate
    card_subjects: Annotated[tuple[Subject, ...], Strict(False), Field(min_length=1)]
    grades: Annotated[tuple[Grade, ...], Strict(False), Field(min_length=2)]
    frames: Annotated[tuple[Frame, ...], Strict(False)]
    phases: Annotated[tuple[Phase, ...], Strict(False), Field(min_length=1)]
    questions: Annotated[tuple[Question, ...], Strict(False), Field(min_length=1)]
    notions: Annotated[tuple[Notion, ...], Strict(False)]
    steps: Annotated[tuple[Step, ...], Strict(False), Field(min_length=1)]
    stops: Annotated[tuple[Stop, ...], Strict(False)]
    deadlines: Annotated[tuple[Deadline, ...], Strict(False)]
    deciders: Annotated[tuple[DeciderRow, ...], Strict(False), Field(min_length=1)]
    rules: Annotated[tuple[Rule, ...], Strict(False), Field(min_length=1)]
    sources: Annotated[tuple[Source, ...], Strict(False)]

    @cached_property
    def question_by_id(self) -> Mapping[str, Question]:
        """Give the questions by id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def number_of(self) -> Mapping[str, int]:
        """Give each question's fixed number (1-based), which people type after `wijzig`."""
        return {question.id: number for number, question in enumerate(self.questions, 1)}

    @cached_property
    def phase_by_id(self) -> Mapping[str, Phase]:
        """Give the phases by id."""
        return {phase.id: phase for phase in self.phases}

    @cached_property
    def notion_by_id(self) -> Mapping[str, Notion]:
        """Give the notions by id."""
        return {notion.id: notion for notion in self.notions}

    @cached_property
    def step_by_id(self) -> Mapping[str, Step]:
        """Give the steps by id."""
        return {step.id: step for step in self.steps}

    @cached_property
    def rule_by_id(self) -> Mapping[str, Rule]:
        """Give the rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def stop_by_id(self) -> Mapping[str, Stop]:
        """Give the stops by id."""
        return {stop.id: stop for stop in self.stops}

    @cached_property
    def deadline_by_id(self) -> Mapping[str, Deadline]:
        """Give the deadlines by id."""
        return {deadline.id: deadline for deadline in self.deadlines}

    @cached_property
    def source_by_id(self) -> Mapping[str, Source]:
        """Give the sources by id."""
        return {source.id: source for source in self.sources}

    @cached_property
    def frame_by_id(self) -> Mapping[str, Frame]:
        """Give the frames by id."""
        return {frame.id: frame for frame in self.frames}

    @cached_property
    def subject_by_id(self) -> Mapping[str, Subject]:
        """Give the card subjects by id."""
        return {subject.id: subject for subject in self.card_subjects}

    @cached_property
    def grade_by_id(self) -> Mapping[str, Grade]:
        """Give the grades by id."""
        return {grade.id: grade for grade in self.grades}

    @cached_property
    def rank_of(self) -> Mapping[str, int]:
        """Give each grade's rank, 0 for the lightest."""
        return {grade.id: rank for rank, grade in enumerate(self.grades)}
