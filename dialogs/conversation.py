"""What the bot does with a wish: events by way of `decide`, and the screen that follows; pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from dialogs import advising, course, passing, screens, terms, words
from dialogs.answers import Misread, to_unknown, to_value, within_limit
from dialogs.outcome import Outcome, again, past_card, permitted_case, run
from dialogs.reading import Wish, split_note, to_language
from dialogs.seeing import is_visible
from dialogs.views import Scene, answered_screen, here, overview_screen, why_screen
from state import commands as do
from state import lifecycle
from state.case import Case, is_practice
from state.errors import (
    AnswerError,
    AnswerNeeded,
    CommandRefused,
    ConflictOfInterest,
    NotPermitted,
    StaleCard,
)
from state.involvement import is_corrected
from state.permissions import INVOLVED, Action


def respond(wish: Wish, scene: Scene) -> Outcome:
    """Give what follows from a wish; what cannot be done changes nothing and says what can."""
    try:
        within_limit(wish.note)
        outcome = _RESPONSES[wish.verb](wish, scene)
        if not is_visible(outcome.screen, replace(scene, case=outcome.case)):
            raise NotPermitted
        return outcome
    except (StaleCard, NotPermitted) as refusal:
        if wish.is_typed:
            key = refusal.code if isinstance(refusal, NotPermitted) else "not_now"
            return replace(again(scene, key), refused=refusal.code)
        return replace(past_card(scene), refused=refusal.code)
    except ConflictOfInterest as refusal:
        return replace(_because_involved(scene, refusal.code), refused=refusal.code)
    except CommandRefused as refusal:
        return again(scene, refusal.code)
    except Misread as misread:
        return again(scene, misread.key, misread.parameters)
    except AnswerError as error:
        return again(scene, error.code)


def _because_involved(scene: Scene, code: str) -> Outcome:
    """Give the way on for who said to be involved: hand over, or wait for who was asked."""
    if scene.case is not None and scene.case.phase == lifecycle.OFFERED:
        return again(scene, "conflict_of_interest_offered")
    framework = scene.setting.framework.framework
    number = framework.number_of[framework.conflict_of_interest.question]
    return again(scene, code, {"number": str(number)})


# --- without a case --------------------------------------------------------------------


def _new(wish: Wish, scene: Scene) -> Outcome:
    case = scene.case
    is_empty = case is not None and case.phase == lifecycle.ASKING and not (case.answers or case.former)
    # An exercise is never begun in a case that counts, and no case that counts in an exercise.
    is_same = case is not None and case.is_practice == is_practice(scene.fresh_number)
    if is_empty and is_same and scene.may(Action.ANSWER):
        # A double click: nobody wants two empty cases.
        return again(scene, "already_new")
    setting = scene.setting._replace(framework=scene.fresh_framework)
    fresh = replace(scene, case=Case(scene.fresh_id), setting=setting)
    return run(fresh, do.OpenCase(scene.fresh_number, scene.setting.language))


def _practice(wish: Wish, scene: Scene) -> Outcome:
    """Begin an exercise: its number says so, and it is one of no real case."""
    return _new(wish, scene)


def _help(wish: Wish, scene: Scene) -> Outcome:
    practice = scene.case is not None and scene.case.is_practice
    return Outcome(scene.case, screens.HelpScreen(scene.case is not None, passing.is_decider(scene), practice))


def _language(wish: Wish, scene: Scene) -> Outcome:
    language = to_language(wish.argument)
    if language is None:
        raise Misread("no_such_language")
    scene = replace(scene, setting=scene.setting._replace(language=language))
    if wish.kind == "words" and words.may_see(scene):
        return replace(words.words(Wish("words"), scene), language=language)
    holds = scene.case is not None and scene.may(Action.SEE_INPUT) and not scene.case.is_closed
    outcome = run(scene, do.ShowAgain()) if holds else Outcome(scene.case, here(scene))
    return replace(outcome, language=language)


# --- questions -------------------------------------------------------------------------


def _answer(wish: Wish, scene: Scene) -> Outcome:
    setting = scene.setting
    question = setting.framework.framework.question_by_id[_open_question(wish, scene)]
    said, note = wish.argument, wish.note
    if wish.is_typed and question.type != "text":
        said, note = split_note(said)
    is_new = scene.case is not None and question.id not in scene.case.answers
    if question.optional and is_new and not (said or note or wish.is_typed):
        # "May stay empty", the question says: an empty field is passing it over, and no picture that was sent.
        return _answered(scene, do.SkipQuestion(question.id))
    value = to_value(question, said, setting.now, setting.language)
    return _answered(scene, do.GiveAnswer(question.id, value, note))


def _unknown(wish: Wish, scene: Scene) -> Outcome:
    question = _open_question(wish, scene)
    value = to_unknown(scene.setting.framework.framework.question_by_id[question])
    return _answered(scene, do.GiveAnswer(question, value, wish.note))


def _skip(wish: Wish, scene: Scene) -> Outcome:
    question = _open_question(wish, scene)
    try:
        return _answered(scene, do.SkipQuestion(question))
    except AnswerNeeded:
        asked = scene.setting.framework.framework.question_by_id[question]
        has_unknown = asked.unknown_allowed or any(option.unknown for option in asked.options)
        raise Misread("answer_needed" if has_unknown else "answer_needed_known") from None


def _answered(scene: Scene, command: do.GiveAnswer | do.SkipQuestion) -> Outcome:
    outcome = run(scene, command)
    return replace(outcome, answered=answered_screen(scene, outcome.case, command.question))


def _open_question(wish: Wish, scene: Scene) -> str:
    """Give the question that is answered: the pressed card's, or when typed the open one."""
    if not wish.is_typed:
        # Before anything of the answer is read: a past card gets no sentence about its question.
        if wish.question is None or scene.case is None or scene.case.open_question != wish.question:
            raise StaleCard
        # Answered since on another device, and opened again there.
        if wish.about[1] != screens.mark_of_answer(scene.case, wish.question):
            raise StaleCard
        return wish.question
    if scene.case is not None and scene.place == INVOLVED and not is_corrected(scene.case, scene.setting.framework):
        raise ConflictOfInterest
    if scene.case is None or scene.case.open_question is None or not scene.may(Action.SEE_INPUT):
        raise Misread("not_understood")
    return scene.case.open_question


def _back(wish: Wish, scene: Scene) -> Outcome:
    if wish.kind == "waiting_offer":
        return passing.end_offer(wish, scene)
    is_offered = permitted_case(scene, Action.SEE_INPUT).phase == lifecycle.OFFERED
    if not wish.is_typed and is_offered is not (wish.kind == "offered"):
        raise StaleCard
    if is_offered:
        return run(scene, do.EndOffer())
    return run(scene, do.GoBack(wish.question))


def _why(wish: Wish, scene: Scene) -> Outcome:
    case = permitted_case(scene, Action.SEE_INPUT)
    question = _numbered(wish.argument, scene) if wish.argument else wish.question or case.open_question
    if question is None and scene.place == INVOLVED:
        question = scene.setting.framework.framework.conflict_of_interest.question
    if question is None:
        raise Misread("no_open_question")
    return Outcome(case, why_screen(scene, question))


def _overview(wish: Wish, scene: Scene) -> Outcome:
    permitted_case(scene, Action.SEE_INPUT)
    return Outcome(scene.case, overview_screen(scene))


def _change(wish: Wish, scene: Scene) -> Outcome:
    case = permitted_case(scene, Action.SEE_INPUT)
    if not wish.argument and scene.place == INVOLVED:
        return run(scene, do.ChangeAnswer(scene.setting.framework.framework.conflict_of_interest.question))
    if not wish.argument:
        overview = _overview(wish, scene)
        return overview if wish.is_typed else replace(overview, notice=("choose_question", {}))
    question = _numbered(wish.argument, scene)
    if question == case.open_question:
        return Outcome(case, here(scene))
    return run(scene, do.ChangeAnswer(question))


def _numbered(argument: str, scene: Scene) -> str:
    """Give the question with this number, or with this id as a card's list has it."""
    framework = scene.setting.framework.framework
    if argument in framework.question_by_id:
        return argument
    if not argument.isdecimal() or not 1 <= int(argument[:4]) <= len(framework.questions):
        raise Misread("no_such_question", last=str(len(framework.questions)))
    return framework.questions[int(argument[:4]) - 1].id


_RESPONSES: Mapping[str, Callable[[Wish, Scene], Outcome]] = {
    "new": _new,
    "resume": course.resume,
    "choose_case": course.resume,
    "cases": course.cases,
    "help": _help,
    "hello": course.hello,
    "language": _language,
    "answer": _answer,
    "unknown": _unknown,
    "skip": _skip,
    "back": _back,
    "why": _why,
    "again": course.resume,
    "overview": _overview,
    "change": _change,
    "advice": advising.advice,
    "deviate": advising.deviate,
    "subject": advising.subject,
    "preview": advising.preview,
    "post": advising.post,
    "decide": advising.decide,
    "record": advising.record,
    "practice": _practice,
    "discard": course.discard,
    "words": words.words,
    "keep_words": words.keep_words,
    "withdraw_card": advising.withdraw_card,
    "met": terms.met,
    "finish": course.finish,
    "hand_over": passing.hand_over,
    "relieve": passing.relieve,
    "reopen": passing.reopen,
    "accept": course.accept,
    "decline": passing.end_offer,
    "withdraw": passing.end_offer,
    "pause": course.pause,
    "stop": course.stop,
}
