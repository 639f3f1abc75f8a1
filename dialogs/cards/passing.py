"""Cards on which a case goes to someone else: handing over, someone else's case, and the offer to who may take it."""

from collections.abc import Iterator, Sequence

from dialogs.answers import LONGEST_TEXT
from dialogs.cards.elements import (
    Element,
    Voice,
    adaptive_card,
    bold,
    choice_row,
    choices,
    editable,
    line,
    literal,
    press,
    run,
    text_input,
    title,
)
from dialogs.cards.question import notice_lines
from dialogs.screens_passing import (
    Candidate,
    HandOverScreen,
    OfferScreen,
    OthersCaseScreen,
    RelieveScreen,
    WaitingOfferScreen,
)
from dialogs.values import Card

# Of a case, with room for spaces around it.
_LONGEST_NUMBER = 40


def hand_over_card(screen: HandOverScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the people to whom the case can go; with a field for the reason where nothing but people want it."""
    body = [
        *notice_lines(notice),
        title(voice.say("hand_over.title", number=screen.case.number)),
        line(voice.say(f"hand_over.{screen.because}"), spacing="Small"),
        line(voice.say("hand_over.how" if screen.candidates else "hand_over.nobody"), spacing="Small"),
    ]
    actions = [press(voice, voice.say("button.back_here"), "resume")]
    if screen.because != "handed":
        body += _people(screen.candidates, voice)
    elif screen.candidates:
        body += _form(screen, voice)
        actions.insert(0, _offer(voice, "finish"))
    return adaptive_card(voice, body, actions)


def relieve_card(screen: RelieveScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the people to whom someone else's case can be offered, and a field for the reason."""
    body = [
        *notice_lines(notice),
        title(voice.say("hand_over.title", number=screen.number)),
        line(voice.say("relieve.text"), spacing="Small"),
        *_form(screen, voice),
        line(voice.say("relieve.how", number=screen.number), size="Small", isSubtle=True, spacing="Small"),
    ]
    return adaptive_card(voice, body, [_offer(voice, "relieve"), press(voice, voice.say("button.where"), "resume")])


def waiting_offer_card(screen: WaitingOfferScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give a decider the way to take back someone else's offer that nobody answers."""
    body = [
        *notice_lines(notice),
        title(voice.say("waiting_offer.title", number=screen.number)),
        line(voice.say("waiting_offer.text"), spacing="Small"),
        line(voice.say("waiting_offer.how", number=screen.number), size="Small", isSubtle=True, spacing="Small"),
    ]
    actions = [
        press(voice, voice.say("button.withdraw"), "back"),
        press(voice, voice.say("button.where"), "resume"),
    ]
    return adaptive_card(voice, body, actions)


def others_case_card(screen: OthersCaseScreen, voice: Voice, notice: str | None = None) -> Card:
    """Ask a decider for the number of someone else's case, and give what can be done with it."""
    body = [
        *notice_lines(notice),
        title(voice.say("others_case.title")),
        line(voice.say("others_case.text"), spacing="Small"),
        text_input(
            "answer",
            voice.say("others_case.number"),
            maxLength=_LONGEST_NUMBER,
            placeholder=voice.say("others_case.example"),
            **({"value": editable(screen.number)} if screen.number else {}),
        ),
        _reason(voice.say("others_case.reason"), voice.say("others_case.placeholder"), screen.reason),
    ]
    actions = [
        press(voice, voice.say("button.relieve"), "relieve", inputs=True),
        press(voice, voice.say("button.reopen"), "reopen", inputs=True),
        press(voice, voice.say("button.where"), "resume"),
    ]
    return adaptive_card(voice, body, actions)


def _people(people: Sequence[Candidate], voice: Voice) -> Iterator[Element]:
    for position, person in enumerate(people, 1):
        name, function = literal(person.name, voice), literal(person.function, voice)
        action = press(voice, voice.say("hand_over.to", name=name), "finish", str(position))
        yield choice_row(position, [bold(name), *([run(f", {function}")] if function else [])], action)


def _form(screen: HandOverScreen | RelieveScreen, voice: Voice) -> Iterator[Element]:
    """Give the fields for who and why, with what was filled in."""
    named = [literal(", ".join(filter(None, (one.name, one.function))), voice) for one in screen.candidates]
    ids = [person.id for person in screen.candidates]
    yield choices(
        voice.say("hand_over.whom"),
        [(str(position), f"{position} · {name}") for position, name in enumerate(named, 1)],
        style="compact",
        placeholder=voice.say("hand_over.choose"),
        **({"value": str(ids.index(screen.chosen) + 1)} if screen.chosen in ids else {}),
    )
    yield _reason(voice.say("hand_over.reason"), voice.say("hand_over.placeholder"), screen.reason)


def _reason(label: str, example: str, filled: str) -> Element:
    more = {"value": editable(filled)} if filled else {}
    return text_input("note", label, isMultiline=True, maxLength=LONGEST_TEXT, placeholder=example, **more)


def _offer(voice: Voice, verb: str) -> Element:
    return {**press(voice, voice.say("button.offer"), verb, inputs=True), "style": "positive"}


def offer_card(screen: OfferScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the offer of a case, without anything of its content."""
    body = [
        *notice_lines(notice),
        title(voice.say("offer.title", number=screen.number)),
        line(voice.say(f"offer.{screen.because}"), spacing="Small"),
        line(voice.say("offer.text"), spacing="Small"),
    ]
    actions = [
        {**press(voice, voice.say("button.accept"), "resume"), "style": "positive"},
        press(voice, voice.say("button.decline"), "stop"),
    ]
    return adaptive_card(voice, body, actions)
