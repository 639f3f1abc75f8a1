"""Playing whole cases of the real framework through the running bot."""

import asyncio
from pathlib import Path
from typing import Any

import yaml

from bot.shelf import PUBLISHED
from tests.bot.room import Room, actions_in, shown

ANJA, BRAM, CHANTAL, DIRK, ELS, FATIMA = (f"user-id-{n}" for n in range(6))
CASES = sorted((PUBLISHED / "2.0" / "scenarios").glob("C*.yaml"))


def scenario(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text("utf-8"))


def moment(value: Any) -> str:
    text = str(value)
    return text if text == "onbekend" else f"{text[8:10]}-{text[5:7]}-{text[:4]} {text[11:16]}"


def typed(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return moment(value) if str(value)[:4].isdecimal() and "T" in str(value) else str(value)


async def play(here: Room, user: str, answers: dict[str, Any]) -> Any:
    """Answer every question of a case by pressing, and give the card that follows the last."""
    return await answer_all(here, user, await here.type(user, "nieuw"), answers)


async def answer_all(here: Room, user: str, card: Any, answers: dict[str, Any]) -> Any:
    """Answer from this card on, and give the card that follows the last question."""
    framework = yaml.load((PUBLISHED / "2.0" / "framework.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
    by_text = {question["text"]["nl"].strip(): question["id"] for question in framework["questions"]}
    for _ in range(40):
        question = next((by_text[text] for text in by_text if shown(text)[1:-1] in shown(card)), None)
        if question is None or any((action.get("data") or {}).get("verb") == "deviate" for action in actions_in(card)):
            return card
        if question in answers:
            await here.press(user, card, "answer", answer=typed(answers[question]))
        else:
            await here.press(user, card, "skip")
        assert here.last(user) != card, question
        card = here.last(user)
    raise AssertionError("the questions do not end")


async def post(here: Room, user: str, case: str = "C14") -> Any:
    """Play a case and post its card; give the card as it stands in the channel."""
    answers = scenario(PUBLISHED / "2.0" / "scenarios" / f"{case}.yaml")["answers"]
    before = len(here.channel_cards())
    await play(here, user, answers)
    await here.type(user, "onderwerp 1")
    await here.type(user, "plaats")
    return await here.channel_card(before)


async def settled(here: Room) -> None:
    """Wait until nothing is owed any more."""
    # The outbox has to wake first.
    await asyncio.sleep(0.05)
    for _ in range(500):
        async with here.session.get(f"{here.address}/metrics") as response:
            depth = [line for line in (await response.text()).splitlines() if line.startswith("weegwijzer_outbox")]
        if depth and float(depth[0].split()[-1]) == 0:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"still owed: {depth}")
