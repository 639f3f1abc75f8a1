"""What people do with the card in front of them: answer it well or badly, by pressing or by typing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dialogs.dates import show_moment
from tests.trust.machine.play import Issued, Play
from tests.trust.machine.world import PEOPLE, Someone, framework

# What can be typed at any time, well and badly; {} is a marked word.
TEXTS = (
    "nieuw", "new", "terug", "waarom", "overzicht", "herhaal", "pauze", "verder", "help", "hallo", "zaken", "english",
    "nederlands", "weet ik niet", "overslaan", "advies", "onderwerp 1", "voorbeeld", "plaats", "afronden", "overdragen",
    "overdragen 1", "overdragen 2", "overnemen", "weigeren", "intrekken", "stop", "stop ja", "wijzig 1", "wijzig 2",
    "wijzig 3", "wijzig 4", "wijzig 5", "waarom 3", "zaak 1", "zaak 2", "1", "2", "3", "1,2", "1,3", "99", "ja", "nee",
    "gisteren 14:30", "morgen", "12 januari 2027", "iets anders", "{}", "1 opmerking: {}", "2 opmerking: {}",
    "afwijken 1 terughoudend: {}", "afwijken 2 niet aan de orde {}", "afwijken 3 te overwegen: {}", "afwijken 1",
    "afwijken 1 ligt voor de hand", "x" * 5_000, "\u202e\u200b", "²", "{{DATE(2026)}}", "verder IL-2026-0001",
)  # fmt: skip
_ODD = ("", "x", "99", "1", "ja_ikzelf", "onbekend", "IL-2026-0001", "\u202e", "x" * 5_000, "naam,anders", "nao", "lvh")


def answer(play: Play, who: Someone, pick: int, *, typed: bool) -> bool:
    """Answer the question on the last card; tell whether there was one."""
    card = play.latest.get(who.key)
    if card is None or card.question is None:
        return False
    question = framework().framework.question_by_id[card.question]
    if typed:
        play.type(who, _typed(play, question.type, len(question.options), pick))
        return True
    data, expected = _pressed(play, card, question, pick)
    play.press(who, card, data, expected)
    return True


def _typed(play: Play, kind: str, options: int, pick: int) -> str:
    note = f" opmerking: {play.mark()}" if pick % 3 == 0 else ""
    match kind:
        case "single":
            return f"{pick % options + 1}{note}"
        case "multi":
            return ("1", "2", "1,2", "3")[pick % 4] + note
        case "text":
            return f"Feitelijk: {play.mark()}"
        case "date":
            return ("over 3 weken", "12-1-2027", "overslaan")[pick % 3]
        case _:
            return ("gisteren 14:30", "eergisteren 08:15", "weet ik niet")[pick % 3]


def _pressed(play: Play, card: Issued, question: Any, pick: int) -> tuple[Mapping[str, Any], Any]:
    note = play.mark() if pick % 3 == 0 else None
    options = [one.id for one in question.options]
    match question.type:
        case "single":
            chosen = options[pick % len(options)]
            return {"verb": "answer", "answer": chosen, "note": note}, chosen
        case "multi":
            several = (options[:1], options[1:2], options[:2], options[2:])[pick % 4]
            return {"verb": "answer", "answer": ",".join(several), "note": note}, several
        case "text":
            text = f"Feitelijk: {play.mark()}"
            return {"verb": "answer", "answer": text}, text
        case "date":
            return {"verb": "skip"}, None
        case _ if pick % 3 == 0:
            return {"verb": "unknown", "note": note}, "onbekend"
        case _:
            moment = play.world.now - timedelta(hours=pick + 2)
            return {"verb": "answer", "answer": show_moment(moment, "nl"), "note": note}, None


def fill(play: Play, who: Someone, pick: int, *, involved: bool = False) -> None:
    """Answer question after question, as far as they lead."""
    for number in range(8):
        card = play.latest.get(who.key)
        is_first = card is not None and card.question == "betrokken"
        if not answer(play, who, int(involved) if is_first else pick + number * 7, typed=bool((pick + number) % 3)):
            return


def press_any(play: Play, who: Someone, card: Issued, pick: int) -> None:
    """Press one of the buttons that a card offers, with its fields filled in."""
    data = dict(card.actions[pick % len(card.actions)])
    if data["verb"] == "deviate":
        data.setdefault("answer", ("nao", "th", "to", "lvh")[pick % 4])
        data["note"] = play.mark() if pick % 5 else ""
    if data["verb"] == "answer":
        data.setdefault("answer", _ODD[pick % len(_ODD)])
        data["note"] = play.mark() if pick % 2 else None
    play.press(who, card, data)


def forge(play: Play, who: Someone, card: Issued, verb: str, pick: int) -> None:
    """Press a button that the card need not have, with anything in it."""
    play.press(who, card, {"verb": verb, "answer": _ODD[pick % len(_ODD)], "note": play.mark()})


def conclude(play: Play, who: Someone, pick: int, plan: list[str]) -> None:
    """Go from the advice to a card in the channel, as far as that is possible, and sometimes to the end."""
    for text in ("verder", "onderwerp 1", "plaats"):
        play.type(who, text)
    play.work(plan)
    if pick % 3 == 0:
        play.work([])
        play.type(who, "wijzig 3")
        answer(play, who, pick, typed=False)
    elif pick % 3 == 1:
        play.type(who, "afronden")


def answer_twice(play: Play, who: Someone, pick: int) -> None:
    """Answer by pressing, go back to the question, and press the card of the first time again."""
    card = play.latest.get(who.key)
    if card is not None and card.question is not None and answer(play, who, pick, typed=False):
        play.type(who, "terug")
        data = next(one for one in card.actions if one["verb"] in ("answer", "skip"))
        play.press(who, card, {"answer": "1", **data})


def post_later(play: Play, who: Someone, pick: int) -> None:
    """Look at the card for the channel, and press the button below it, or type, when some time has passed."""
    for text in ("verder", "onderwerp 1", "voorbeeld"):
        play.type(who, text)
    card = play.latest.get(who.key)
    play.world.now += timedelta(minutes=(5, 59, 61, 3_000)[pick % 4])
    if pick % 3 and card is not None:
        play.press(who, card, {"verb": "post"})
    else:
        play.type(who, "plaats")
    play.work([])


def deviate(play: Play, who: Someone, pick: int) -> None:
    """Choose another grade with a reason, look at it, and sometimes take it back."""
    grade = ("niet aan de orde", "terughoudend", "te overwegen", "ligt voor de hand")[pick % 4]
    play.type(who, f"afwijken {pick % 3 + 1} {grade}: {play.mark()}")
    if pick % 2 and who.key in play.latest:
        press_any(play, who, play.latest[who.key], pick)
    for grade in ("niet aan de orde", "terughoudend", "te overwegen", "ligt voor de hand")[: pick % 5]:
        play.type(who, f"afwijken {pick % 3 + 1} {grade}")


def hand_over(play: Play, who: Someone, to: Someone, pick: int) -> None:
    """Say to be involved, offer the case, and let the others look at it and take it, or not."""
    for text in ("wijzig 1", "2 opmerking: {}", "overzicht", f"overdragen {pick % 2 + 1}"):
        play.type(who, text.replace("{}", play.mark()))
    if pick % 5:
        play.work([])
    for one in (to, *PEOPLE.values()):
        play.type(one, "verder" if pick % 4 else "zaak 1")
        play.type(one, ("overnemen", "overnemen", "weigeren")[pick % 3])
    for one in (who, to):
        play.type(one, "overzicht")
