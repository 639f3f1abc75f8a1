"""What the bot does with a wish: events by way of `decide`, and the screen that follows; pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from dialogs import advising, course, screens
from dialogs.answers import Misread, to_unknown, to_value, within_limit
from dialogs.outcome import Outcome, again, held_case, run
from dialogs.reading import Wish, split_note, to_language
from dialogs.views import Scene, answered_screen, here, overview_screen, why_screen
from state import commands as do
from state import lifecycle
from state.case import Case
from state.errors import AnswerError, AnswerNeeded, CommandRefused, NotPermitted, StaleCard


def respond(wish: Wish, scene: Scene) -> Outcome:
    """Give what follows from a wish; what cannot be done changes nothing and says what can."""
    try:
        within_limit(wish.note)
        return _RESPONSES[wish.verb](wish, scene)
    except (StaleCard, NotPermitted) as refusal:
        if wish.is_typed:
            return again(scene, refusal.code if isinstance(refusal, NotPermitted) else "not_now")
        # One answer for a past card, a forged one and someone else's: nobody learns which.
        return Outcome(scene.case, screens.TextScreen("stale_card"))
    except CommandRefused as refusal:
        return again(scene, refusal.code)
    except Misread as misread:
        return again(scene, misread.key, misread.parameters)
    except AnswerError as error:
        return again(scene, error.code)


# --- without a case --------------------------------------------------------------------


def _new(wish: Wish, scene: Scene) -> Outcome:
    case = scene.case
    if case is not None and case.phase == lifecycle.ASKING and not (case.answers or case.former):
        # A double click: nobody wants two empty cases.
        return again(scene, "already_new")
    setting = scene.setting._replace(framework=scene.fresh_framework)
    fresh = replace(scene, case=Case(scene.fresh_id), setting=setting)
    return run(fresh, do.OpenCase(scene.fresh_number, scene.setting.language))


def _help(wish: Wish, scene: Scene) -> Outcome:
    return Outcome(scene.case, screens.HelpScreen(has_case=scene.case is not None))


def _language(wish: Wish, scene: Scene) -> Outcome:
    language = to_language(wish.argument)
    if language is None:
        raise Misread("no_such_language")
    scene = replace(scene, setting=scene.setting._replace(language=language))
    holds = scene.case is not None and scene.holds and not scene.case.is_closed
    outcome = run(scene, do.ShowAgain()) if holds else Outcome(scene.case, here(scene))
    return replace(outcome, language=language)


# --- questions -------------------------------------------------------------------------


def _answer(wish: Wish, scene: Scene) -> Outcome:
    setting = scene.setting
    question = setting.framework.framework.question_by_id[_open_question(wish, scene)]
    said, note = wish.argument, wish.note
    if wish.is_typed and question.type != "text":
        said, note = split_note(said)
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
        return wish.question
    if scene.case is None or scene.case.open_question is None or not scene.holds:
        raise Misread("not_understood")
    return scene.case.open_question


def _back(wish: Wish, scene: Scene) -> Outcome:
    is_offered = held_case(scene).phase == lifecycle.OFFERED
    if not wish.is_typed and is_offered is not (wish.kind == "offered"):
        raise StaleCard
    if is_offered:
        return run(scene, do.EndOffer())
    return run(scene, do.GoBack(wish.question))


def _why(wish: Wish, scene: Scene) -> Outcome:
    case = held_case(scene)
    question = _numbered(wish.argument, scene) if wish.argument else wish.question or case.open_question
    if question is None:
        raise Misread("no_open_question")
    return Outcome(case, why_screen(scene, question))


def _overview(wish: Wish, scene: Scene) -> Outcome:
    held_case(scene)
    return Outcome(scene.case, overview_screen(scene))


def _change(wish: Wish, scene: Scene) -> Outcome:
    case = held_case(scene)
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
    "finish": course.finish,
    "hand_over": course.hand_over,
    "accept": course.accept,
    "decline": course.end_offer,
    "withdraw": course.end_offer,
    "pause": course.pause,
    "stop": course.stop,
}
