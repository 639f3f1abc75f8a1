"""Cards around a case: welcome, help, the list of cases, handing over, breaking off, and single sentences."""

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
    header,
    heading,
    line,
    literal,
    press,
    run,
    runs,
    text_input,
    title,
)
from dialogs.cards.question import notice_lines
from dialogs.dates import show_date
from dialogs.screens import (
    Candidate,
    CaseLine,
    CasesScreen,
    ConfirmStopScreen,
    HandOverScreen,
    HelpScreen,
    OfferScreen,
    RelieveScreen,
    TextScreen,
    WelcomeScreen,
)
from dialogs.screens_card import DiscardScreen
from dialogs.values import Card
from state.advice import AMSTERDAM

_HELP = (
    "new",
    "practice",
    "resume",
    "answer",
    "remark",
    "unknown",
    "why",
    "back",
    "overview",
    "change",
    "again",
    "pause",
    "stop",
    "discard",
    "advice",
    "deviate",
    "subject",
    "post",
    "met",
    "words",
    "finish",
    "hand_over",
    "relieve",
    "reopen",
    "cases",
    "language",
)
_HELP_WITHOUT_CASE = frozenset({"new", "practice", "relieve", "reopen", "resume", "cases", "language"})


def welcome_card(screen: WelcomeScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give what the bot is for and how to begin."""
    body = [
        *notice_lines(notice),
        header(voice.say("welcome.title"), voice.say("disclaimer")),
        line(voice.say("welcome.text")),
        line(voice.say("welcome.warning"), spacing="Small"),
    ]
    if screen.cases:
        body += [heading(voice.say("cases.title")), *_rows(screen.cases, voice)]
    other = "nl" if voice.language == "en" else "en"
    actions = [
        {**press(voice, voice.say("button.new"), "new"), "style": "positive"},
        press(voice, voice.say("button.practice"), "practice"),
        press(voice, voice.say("button.help"), "help"),
        press(voice, voice.say("button.other_language"), "language", other),
    ]
    return adaptive_card(voice, body, actions)


def cases_card(screen: CasesScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give the person's open cases, to choose one."""
    body = [*notice_lines(notice), title(voice.say("cases.title"))]
    body += _rows(screen.cases, voice) if screen.cases else [line(voice.say("cases.none"))]
    return adaptive_card(voice, body, [press(voice, voice.say("button.new"), "new")])


def _rows(cases: Sequence[CaseLine], voice: Voice) -> Iterator[Element]:
    for position, case in enumerate(cases, 1):
        state = voice.say("phase.offered_to_you" if case.offered else f"phase.{case.phase}")
        since = voice.say("cases.since", day=show_date(case.opened_at.astimezone(AMSTERDAM).date(), voice.language))
        # Who was offered a case knows its number alone until accepting.
        words = f" – {state}." if case.offered else f" – {state}. {since}"
        # The position and not the number: a card's data says nothing of a case.
        action = press(voice, voice.say("cases.open", number=case.number), "choose_case", str(position))
        yield choice_row(position, [bold(case.number), run(words)], action)


def help_card(screen: HelpScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give what can be typed; everything can also be pressed."""
    body = [*notice_lines(notice), title(voice.say("help.title")), line(voice.say("help.text"), spacing="Small")]
    for name in _HELP:
        if screen.has_case or name in _HELP_WITHOUT_CASE:
            word, meaning = voice.say(f"help.{name}.word"), voice.say(f"help.{name}.meaning")
            body.append(runs(bold(word), run(f" – {meaning}"), spacing="Small"))
    first = press(voice, voice.say("button.where"), "resume")
    actions = [first] if screen.has_case else []
    other = "nl" if voice.language == "en" else "en"
    actions += [
        press(voice, voice.say("button.new"), "new"),
        press(voice, voice.say("button.other_language"), "language", other),
    ]
    return adaptive_card(voice, body, actions)


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
    yield text_input(
        "note",
        voice.say("hand_over.reason"),
        isMultiline=True,
        maxLength=LONGEST_TEXT,
        placeholder=voice.say("hand_over.placeholder"),
        **({"value": editable(screen.reason)} if screen.reason else {}),
    )


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


def confirm_stop_card(screen: ConfirmStopScreen, voice: Voice, notice: str | None = None) -> Card:
    """Ask whether the weighing is really to be broken off."""
    body = [
        *notice_lines(notice),
        title(voice.say("confirm_stop.title", number=screen.case.number)),
        line(voice.say("confirm_stop.text"), spacing="Small"),
    ]
    actions = [
        press(voice, voice.say("button.go_on"), "resume"),
        press(voice, voice.say("button.pause"), "pause"),
        {**press(voice, voice.say("button.stop_yes"), "stop", "ja"), "style": "destructive"},
    ]
    return adaptive_card(voice, body, actions)


def discard_card(screen: DiscardScreen, voice: Voice, notice: str | None = None) -> Card:
    """Ask whether an exercise is really to be thrown away."""
    body = [
        *notice_lines(notice),
        title(voice.say("practice.discard_title")),
        line(voice.say("practice.discard_text"), spacing="Small"),
    ]
    actions = [
        {**press(voice, voice.say("button.discard_yes"), "discard", "ja"), "style": "destructive"},
        press(voice, voice.say("button.go_on"), "resume"),
    ]
    return adaptive_card(voice, body, actions)


def text_card(screen: TextScreen, voice: Voice, notice: str | None = None) -> Card:
    """Give a sentence, and the way on."""
    sentence = voice.say(screen.key, **dict(screen.parameters))
    body = [*notice_lines(notice), runs(run(literal(sentence, voice)))]
    actions = [
        press(voice, voice.say("button.where"), "resume"),
        press(voice, voice.say("button.help"), "help"),
    ]
    return adaptive_card(voice, body, actions)
