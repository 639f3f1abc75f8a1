"""Whole cases at the running program, with a marked word in every answer, remark and reason that takes one."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.shelf import open_framework, published
from state.framework import Framework, Question
from tests.bot.room import shown
from tests.casework import NEWSPAPER
from tests.trust.silence.aviary import Aviary

_MOMENT = "20-11-2026 08:15"


def framework() -> Framework:
    """Give the framework that the program asks by."""
    return open_framework(published()[-1]).framework


async def play(at: Aviary, user: str, answers: Mapping[str, Any] = NEWSPAPER) -> Any:
    """Answer every question by pressing, with a remark to each, and give the card that follows the last."""
    card = await at.type(user, "nieuw")
    for _ in range(40):
        question = _asked(card)
        if question is None:
            return card
        said = _said(at, question, answers)
        note = " ".join(at.canaries.words("remark", 3))
        if said is None:
            await at.press(user, card, "skip", note=note)
        else:
            await at.press(user, card, "answer", answer=said, note=note)
        assert at.last(user) != card, question.id
        card = at.last(user)
    raise AssertionError("the questions do not end")


def _asked(card: Any) -> Question | None:
    heads = [part.get("text") for part in card["body"][:4] if isinstance(part, dict)]
    return next((one for one in framework().questions if one.text.nl in heads), None)


def _said(at: Aviary, question: Question, answers: Mapping[str, Any]) -> str | None:
    value = answers.get(question.id)
    if question.type == "text":
        return " ".join(at.canaries.words("free text", 20))
    if value is None:
        return None
    if question.type in ("date", "datetime"):
        return _MOMENT
    return ",".join(value) if isinstance(value, tuple) else str(value)


async def to_the_channel(at: Aviary, user: str) -> None:
    """Play a case, look at everything in it, deviate, and put its card in the channel."""
    await play(at, user)
    reason = " ".join(at.canaries.words("reason", 10))
    for text in ("overzicht", f"afwijken 3 te overwegen: {reason}", "advies", "waarom 5", "zaken", "help"):
        await at.type(user, text)
    before = len(at.teams.calls)
    preview = await at.type(user, "onderwerp 1")
    await at.press(user, preview, "post")
    await _until(lambda: any(call.method == "PUT" for call in at.teams.calls[before:]))
    for text in ("overzicht", "verder", "afronden"):
        await at.type(user, text)


async def handed_over(at: Aviary, user: str, receiver: str, position: int) -> None:
    """Play the beginning of a case by someone who is involved, and let someone else take it."""
    await at.type(receiver, "hallo")
    card = await at.type(user, "nieuw")
    note = at.canaries.word("remark")
    await at.press(user, card, "answer", answer="ja_ikzelf", note=note)
    reason = " ".join(at.canaries.words("hand-over reason", 5))
    await at.press(user, await at.type(user, "overdragen"), "finish", answer=str(position), note=reason)
    await _until(lambda: len(at.said(receiver)) > 1)
    await at.type(receiver, "overnemen")
    assert "Bent u zelf" in shown(at.last(receiver))


async def _until(is_so: Any) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")
