"""Cards between the advice and the channel: deviating, the subject, the preview, and where a case stands."""

from collections.abc import Iterator

from dialogs.answers import LONGEST_TEXT
from dialogs.cards.closing import closing_lines
from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    box,
    buttons,
    choice_row,
    choices,
    editable,
    line,
    literal,
    press,
    run,
    runs,
    text_input,
    title,
)
from dialogs.cards.question import notice_lines
from dialogs.cards.steps import graded, in_words
from dialogs.cards.terms import terms_lines
from dialogs.screens import DeviateScreen, PreviewScreen, StatusScreen, SubjectScreen
from dialogs.screens_card import WithdrawScreen
from dialogs.values import Card


def deviate_card(screen: DeviateScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the card on which another grade than the indicated one is chosen, with a reason."""
    parts = _which_step(screen, voice) if screen.step is None else _which_grade(screen, screen.step, voice)
    body = [*notice_lines(notice), title(voice.say("deviate.title")), *parts]
    return adaptive_card(voice, body, [press(voice, voice.say("button.to_advice"), "advice")])


def _which_step(screen: DeviateScreen, voice: Voice) -> Iterator[Element]:
    framework = screen.framework
    glyphs = {step: framework.grade_by_id[found.grade].glyph for step, found in screen.advice.steps.items()}
    # The number is the one that can be typed: afwijken 15.
    pairs = [
        (step.id, f"{number} · {glyphs[step.id]} {voice.of(step.name)}")
        for number, step in enumerate(framework.steps, 1)
        if step.id in glyphs
    ]
    yield line(voice.say("deviate.text"), spacing="Small")
    yield choices(
        voice.say("deviate.which_step"),
        pairs,
        style="compact",
        placeholder=voice.say("deviate.choose"),
        isRequired=True,
        errorMessage=voice.say("deviate.choose"),
    )
    yield buttons(press(voice, voice.say("button.continue"), "deviate", inputs=True))


def _which_grade(screen: DeviateScreen, step: str, voice: Voice) -> Iterator[Element]:
    framework, indicated = screen.framework, screen.advice.steps[step].grade
    earlier = screen.case.deviations.get(step)
    yield runs(bold(voice.of(framework.step_by_id[step].name)), spacing="Small")
    yield line(voice.say("deviate.indicated", grade=graded(framework, indicated, voice)), spacing="Small")
    if earlier and screen.reason not in ("", earlier.reason):
        # In the field stands what was filled in.
        recorded = voice.say("advice.deviated", grade=graded(framework, earlier.chosen, voice))
        yield runs(bold(f"↔ {recorded} "), run(literal(earlier.reason, voice)), spacing="Small")
    pairs = [
        (grade.id, in_words(grade, voice) + (" " + voice.say("deviate.mark") if grade.id == indicated else ""))
        for grade in reversed(framework.grades)
    ]
    chosen = screen.grade or (earlier.chosen if earlier else indicated)
    yield choices(voice.say("deviate.which_grade"), pairs, style="expanded", value=chosen)
    reason = screen.reason or (earlier.reason if earlier else "")
    yield text_input(
        "note",
        voice.say("deviate.reason"),
        isMultiline=True,
        maxLength=LONGEST_TEXT,
        placeholder=voice.say("deviate.placeholder"),
        **({"value": editable(reason)} if reason else {}),
    )
    yield line(voice.say("note.warning"), size="Small", isSubtle=True, spacing="Small")
    yield buttons(press(voice, voice.say("button.record"), "deviate", inputs=True))


def subject_card(screen: SubjectScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the card on which the neutral subject is chosen."""
    body = [*notice_lines(notice), title(voice.say("subject.title")), line(voice.say("subject.text"), spacing="Small")]
    for number, subject in enumerate(screen.framework.card_subjects, 1):
        name = voice.of(subject.name)
        body.append(choice_row(number, [run(name)], press(voice, f"{number}: {name}", "subject", subject.id)))
    return adaptive_card(voice, body, [press(voice, voice.say("button.to_advice"), "advice")])


def preview_card(screen: PreviewScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the exact card that would be posted, between what is asked and what follows."""
    body = [
        *notice_lines(notice),
        title(voice.say("preview.title")),
        line(voice.say("preview.before"), spacing="Small"),
        {
            "type": "Container",
            "separator": True,
            "spacing": "Large",
            "items": list(screen.card["body"]),
        },
        box([line(voice.say("preview.after"))], "emphasis", separator=True, spacing="Large"),
    ]
    actions = [
        {**press(voice, voice.say("button.post"), "post"), "style": "positive"},
        press(voice, voice.say("button.subject"), "subject"),
        press(voice, voice.say("button.to_advice"), "advice"),
    ]
    return adaptive_card(voice, body, actions, wide=True)


def withdraw_card(screen: WithdrawScreen, voice: Voice, notice: str | None = None) -> Card:
    """Ask whether the card is really to leave the channel, and why."""
    body = [
        *notice_lines(notice),
        title(voice.say("withdraw.title", number=screen.case.number)),
        line(voice.say("withdraw.text"), spacing="Small"),
        text_input(
            "note",
            voice.say("withdraw.reason"),
            isMultiline=True,
            maxLength=LONGEST_TEXT,
            placeholder=voice.say("decide.reason_placeholder"),
            **({"value": editable(screen.reason)} if screen.reason else {}),
        ),
    ]
    actions = [
        {**press(voice, voice.say("button.withdraw_card_yes"), "withdraw_card", inputs=True), "style": "destructive"},
        press(voice, voice.say("button.back_here"), "resume"),
    ]
    return adaptive_card(voice, body, actions)


# --- where a case stands ---------------------------------------------------------------

_NEXT = {
    "posting": ("refresh", "overview"),
    "posted": ("finish", "change_facts", "withdraw_card", "words", "new"),
    "practised": ("change_facts", "words", "discard"),
    "offered": ("withdraw", "new"),
    "finished": ("new",),
    "stopped": ("new",),
    "paused": ("resume", "overview", "new"),
}
_VERBS = {"refresh": "resume", "change_facts": "overview", "withdraw": "back"}


def status_card(screen: StatusScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give where a case stands after its questions, and what can be done."""
    number = screen.case.number
    is_exercise = screen.case.is_practice and screen.status == "posted"
    status = "practised" if is_exercise else screen.status
    body = [
        *notice_lines(notice),
        title(voice.say(f"status.{status}.title", number=number)),
        line(
            voice.say(f"status.{status}.text", version=str(screen.case.posted_version), number=number),
            spacing="Small",
        ),
    ]
    if screen.to:
        body.append(runs(bold(voice.say("status.to") + " "), run(literal(screen.to, voice)), spacing="Small"))
    if screen.by:
        body.append(runs(bold(voice.say("status.by") + " "), run(literal(screen.by, voice)), spacing="Small"))
    if screen.closing is not None:
        body += closing_lines(screen.closing, screen.case, voice)
    names = _NEXT.get(status, ("new",))
    if screen.terms is not None:
        body += terms_lines(screen.terms, voice)
        # Beginning another case can be typed; a phone shows six buttons at most.
        names = tuple("met" if name == "new" else name for name in names) if screen.terms.terms else names
    if screen.status == "posted" and screen.may_decide:
        names = ("decide", *names)
    actions = [press(voice, voice.say(f"button.{name}"), _VERBS.get(name, name)) for name in names]
    return adaptive_card(voice, body, actions)
