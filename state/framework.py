"""The weighing framework as frozen values, in the shape of `framework.yaml`.

The models say what may stand in a framework file and of which type; what must hold between
its parts (references, order, exclusive options) is checked in `state.lint`.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, Strict

from state.shapes import Condition, Day, Days, Given, Hours, Id, IdOrAny, One, OneOrMore, Several, Value, Words, Yes
from state.shapes import Text as Text

QuestionType = Literal["single", "multi", "datetime", "date", "text"]
EffectKind = Literal["floor", "cap", "stop", "pro", "contra", "notice", "deadline", "no_card"]

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
    basis: Several[Id]
    channel: bool
    optional: bool = False
    unknown_allowed: bool = False
    direction: Literal["back", "ahead"] = "back"
    options: Several[Option] = ()

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
    done_when: Given[DoneWhen] = None


class Effect(Value):
    """What a fired rule does: a floor or cap on the grade, a stop, a deadline, or only a reason."""

    floor: Given[Id] = None
    cap: Given[Id] = None
    stop: Given[Id] = None
    deadline: Given[Id] = None
    reason_only: Given[Literal["pro", "contra", "notice"]] = None
    no_card: Given[Yes] = None

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
    steps: OneOrMore[Id]
    when: Condition
    effect: Effect
    reason: Text
    basis: OneOrMore[Id]
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
    starts_from: Given[Id] = None
    hours: Hours = 0


class DeciderRow(Value):
    """Who decides on a step (`*`: any step); the first row that fits counts."""

    step: IdOrAny
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
    note: Given[Text] = None


class Frame(Value):
    """One of the frames that the memo of 2020 names."""

    id: Id
    name: Text
    sources: Several[Id]


class Subject(Value):
    """A neutral subject for the card in the channel."""

    id: Id
    name: Text


class ConflictOfInterest(Value):
    """The question that asks whether the assessor is involved, and the answers that say so."""

    question: Id
    self_: OneOrMore[Id] = Field(alias="self")


class ReviewDate(Value):
    """The question that asks for the review date, and how many days it is by default."""

    question: Id
    default_days: Days


class Framework(Value):
    """A whole framework file."""

    format: One
    id: Id
    version: Words
    status: Literal["concept", "adopted"]
    law_date: Day
    title: Text
    conflict_of_interest: ConflictOfInterest
    review_date: ReviewDate
    card_subjects: OneOrMore[Subject]
    grades: Annotated[tuple[Grade, ...], Strict(False), Field(min_length=2)]
    frames: Several[Frame]
    phases: OneOrMore[Phase]
    questions: OneOrMore[Question]
    notions: Several[Notion]
    steps: OneOrMore[Step]
    stops: Several[Stop]
    deadlines: Several[Deadline]
    deciders: OneOrMore[DeciderRow]
    rules: OneOrMore[Rule]
    sources: Several[Source]

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
