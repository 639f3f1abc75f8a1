"""The forms of the channel card: decisions per step, not agreeing, being involved."""

from collections.abc import Iterator

from dialogs.answers import LONGEST_TEXT
from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    box,
    editable,
    fold,
    header,
    hidden,
    line,
    press,
    press_in_place,
    run,
    runs,
    text_input,
    title,
)
from dialogs.cards.question import notice_lines
from dialogs.cards.standing import decided_words
from dialogs.cards.steps import graded
from dialogs.screens_card import DecideScreen, DissentScreen, RecuseScreen
from dialogs.values import Card
from state.advice import StepAdvice
from state.commands import Choice
from state.duties import DECIDED, duties_of

OPEN = "open"
DECIDED_INPUT, REASON_INPUT, REVIEW_INPUT, VOUCH_INPUT = "decided.", "reason.", "review", "vouched"


def decide_card(screen: DecideScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the form on which is decided: a choice and a reason for each step, the day of the next look."""
    number = screen.case.number
    body = [
        *notice_lines(notice),
        header(voice.say("decide.title", number=number), voice.say("decide.text")),
        *(_step(screen, step, voice) for step in screen.steps.values()),
        *_review(screen, voice),
        *_vouch(screen, voice),
        line(voice.say("decide.warning"), size="Small", isSubtle=True, spacing="Small"),
    ]
    if screen.private:
        record = press(voice, voice.say("card_button.record"), "record", inputs=True)
        back = press(voice, voice.say("button.back_here"), "resume")
    else:
        record = press_in_place(voice, voice.say("card_button.record"), "record", inputs=True)
        back = press_in_place(voice, voice.say("card_button.back"), "card")
    return adaptive_card(voice, body, [{**record, "style": "positive"}, back], wide=True)


def _step(screen: DecideScreen, step: StepAdvice, voice: Voice) -> Element:
    framework, choice = screen.framework, screen.filled.get(step.step)
    name = voice.of(framework.step_by_id[step.step].name)
    indicated = voice.say("decide.indicated", grade=graded(framework, step.grade, voice))
    competent = voice.say("decide.competent", who=voice.of(step.decider))
    items = [
        runs(bold(name)),
        line(f"{indicated}\n\n{competent}", size="Small", spacing="None"),
        *_duties(screen, step, voice),
        *_earlier(screen, step, voice),
        _choice(step.step, name, choice, voice),
        *_reason(screen, step.step, name, choice, voice),
    ]
    return {"type": "Container", "separator": True, "spacing": "Medium", "items": items}


def _duties(screen: DecideScreen, step: StepAdvice, voice: Voice) -> Iterator[Element]:
    duties = "; ".join(dict.fromkeys(voice.of(duty.name) for duty in duties_of(screen.framework, step)))
    if duties:
        yield runs(bold("⚖ " + voice.say("decide.duty", terms=duties), size="Small"), spacing="None")


def _earlier(screen: DecideScreen, step: StepAdvice, voice: Voice) -> Iterator[Element]:
    known = screen.case.decisions.get(step.step)
    if known is not None:
        words = decided_words(known.decided, voice)
        yield line(voice.say("decide.earlier", decided=words), size="Small", spacing="None")


def _choice(step: str, name: str, choice: Choice | None, voice: Voice) -> Element:
    words = [(OPEN, f"– {voice.say('decided.open')}")]
    words += [(one, decided_words(one, voice)) for one in DECIDED]
    return {
        "type": "Input.ChoiceSet",
        "id": DECIDED_INPUT + step,
        "label": voice.say("decide.choice", step=name),
        "style": "compact",
        "value": choice.decided if choice else OPEN,
        "choices": [{"value": value, "title": title_} for value, title_ in words],
        "spacing": "Small",
    }


def _reason(screen: DecideScreen, step: str, name: str, choice: Choice | None, voice: Voice) -> Iterator[Element]:
    """Give the field for the reason: out of sight until it is wanted, in sight when it lacks or is filled."""
    is_lacking = step in screen.lacking
    given = choice.reason if choice else ""
    label = voice.say("decide.reason_needed" if is_lacking else "decide.reason")
    field = text_input(
        REASON_INPUT + step,
        label,
        isMultiline=True,
        maxLength=LONGEST_TEXT,
        placeholder=voice.say("decide.reason_placeholder"),
        **({"value": editable(given)} if given else {}),
    )
    if is_lacking or given:
        yield box([field], "attention" if is_lacking else "default", spacing="Small")
        return
    target = f"why-{step}"
    shown = [run(f"+ {voice.say('decide.reason')}", color="Accent", size="Small")]
    yield fold(voice.say("decide.reason_fold", step=name), shown, target)
    yield hidden(target, [field], spacing="Small")


def _review(screen: DecideScreen, voice: Voice) -> Iterator[Element]:
    yield text_input(
        REVIEW_INPUT,
        voice.say("decide.review"),
        placeholder=voice.say("decide.review_placeholder"),
        maxLength=100,
        separator=True,
        spacing="Medium",
        **({"value": editable(screen.review)} if screen.review else {}),
    )


def _vouch(screen: DecideScreen, voice: Voice) -> Iterator[Element]:
    if screen.asks_vouch:
        yield {
            "type": "Input.Toggle",
            "id": VOUCH_INPUT,
            "title": voice.say("decide.vouch"),
            "value": "true" if screen.vouched else "false",
            "wrap": True,
        }


def dissent_card(screen: DissentScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the form of someone who does not agree."""
    body = [
        *notice_lines(notice),
        title(voice.say("dissent.title", number=screen.case.number)),
        line(voice.say("dissent.text"), spacing="Small"),
        text_input(
            "note",
            voice.say("dissent.reason"),
            isMultiline=True,
            maxLength=LONGEST_TEXT,
            placeholder=voice.say("decide.reason_placeholder"),
            **({"value": editable(screen.reason)} if screen.reason else {}),
        ),
    ]
    record = press_in_place(voice, voice.say("card_button.record"), "dissent", "record", inputs=True)
    back = press_in_place(voice, voice.say("card_button.back"), "card")
    return adaptive_card(voice, body, [{**record, "style": "positive"}, back])


def recuse_card(screen: RecuseScreen, voice: Voice, notice: str | None = None) -> Card:
    """Ask someone whether they are really involved."""
    body = [
        *notice_lines(notice),
        title(voice.say("recuse.title", number=screen.case.number)),
        line(voice.say("recuse.text"), spacing="Small"),
        line(voice.say("recuse.slip"), spacing="Small"),
    ]
    sure = press_in_place(voice, voice.say("card_button.involved_yes"), "involved", "yes")
    back = press_in_place(voice, voice.say("card_button.back"), "card")
    return adaptive_card(voice, body, [{**sure, "style": "destructive"}, back])
