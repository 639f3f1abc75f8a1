"""E12: twenty turns at once in one conversation, two hundred times, and a second process on the same database."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from bot.shelf import published
from tests.ports import free_port
from tests.trust import report
from tests.trust.crash.checker import Findings, check_record
from tests.trust.crash.lives import ROOT, a_parent, begin
from tests.trust.crash.people import ANSWERS, FAILED, OK, Person, Told, World
from tests.trust.crash.run import a_world, exported

ROUNDS = report.figure(200, 2_000)
AT_ONCE = 20
USER = "user-id-0"
_DEVIATING = 10


@asynccontextmanager
async def living(home: Path) -> AsyncIterator[World]:
    """Run the bot, and stop it as an administrator does."""
    port = free_port()
    async with a_world(port, random.Random(report.SEED)) as world, a_parent() as parent:
        life = await begin(parent, home, port)
        assert await life.is_up()
        yield world
        await life.stop()


async def pressed_at_once(world: World, person: Person) -> list[Told]:
    """Press the open card twenty times at once, each with a word of its own; exactly one counts."""
    seen = person.sees()
    tries = [Told(f"p{next(world.moments):07d}", "answer", USER, next(world.moments)) for _ in range(AT_ONCE)]
    answer = ANSWERS.get(seen.about, "onbekend")
    for one in tries:
        one.question, one.handle = seen.about, seen.handle
        data = {"verb": "answer", "handle": seen.handle, "note": one.word, "answer": answer}
        value = {"action": {"type": "Action.Execute", "verb": "answer", "data": data}}
        more = {"type": "invoke", "name": "adaptiveCard/action", "value": value}
        one.body = world.teams.activity(USER, one.word, **more)
    answers = await asyncio.gather(*(world.deliver(one.body) for one in tries))
    for one, heard in zip(tries, answers, strict=True):
        assert heard is not None
        assert heard[0] == 200
        one.outcome = OK if heard[1]["type"].endswith("card.adaptive") else FAILED
        one.ended = next(world.moments)
    assert [one.outcome for one in tries].count(OK) == 1
    return tries


async def deviated_at_once(world: World) -> list[str]:
    """Deviate from twenty steps at once: each is a change of its own, and all must stay."""
    words = [f"d{next(world.moments):07d}" for _ in range(AT_ONCE)]
    bodies = [
        world.teams.activity(USER, word, text=f"afwijken {number} te overwegen {word}", textFormat="plain")
        for number, word in enumerate(words, 1)
    ]
    heard = await asyncio.gather(*(world.deliver(body) for body in bodies))
    assert all(answer is not None and answer[0] == 200 for answer in heard)
    return words


async def to_a_question(person: Person) -> bool:
    """Do what has to be done until a question stands open that must be answered; tell whether one does."""
    while person.sees().kind != "question" or person.sees().about not in ANSWERS:
        if person.sees().kind == "advice":
            return False
        await person.step()
    return True


async def a_case(world: World, person: Person, most: int) -> list[Told]:
    """Answer a case, in at most so many rounds of presses at once and then alone."""
    told: list[Told] = []
    while await to_a_question(person):
        if len(told) < most * AT_ONCE:
            told += await pressed_at_once(world, person)
        else:
            await person.step()
    return told


async def test_of_turns_at_once_none_is_lost_and_one_press_counts(tmp_path: Path) -> None:
    told: list[Told] = []
    deviated: list[str] = []
    async with living(tmp_path) as world:
        person = Person(world, USER)
        while len(told) + len(deviated) < ROUNDS * AT_ONCE:
            told += await a_case(world, person, ROUNDS - _DEVIATING - len(told) // AT_ONCE)
            deviated += await deviated_at_once(world) if len(deviated) < _DEVIATING * AT_ONCE else []
            await person.type("nieuw")
    cases, found = await exported(tmp_path)
    assert found == ()
    findings = Findings()
    events = check_record([asdict(one) for one in told], cases, findings)
    assert findings.all == []
    assert findings.acknowledged == ROUNDS - _DEVIATING
    _check_deviations(deviated, [event for transcript in events.values() for event in transcript])
    report.say(
        "E12", f"{AT_ONCE} turns at once, {ROUNDS} times: 0 updates lost; a second process on the database is refused"
    )


def _check_deviations(words: list[str], events: list[Any]) -> None:
    """Every deviation that was one stands, each once; what the framework indicates already is none."""
    kept = [event.data["reason"] for event in events if event.kind == "deviation.recorded"]
    assert len(kept) == len(set(kept))
    assert set(kept) <= set(words)
    advices = [event.data["advice"]["steps"] for event in events if event.kind == "advice.given"]
    framework = yaml.load(published()[-1].read_text("utf-8"), Loader=yaml.BaseLoader)
    steps = [step["id"] for step in framework["steps"]][:AT_ONCE]
    same = {number for number, step in enumerate(steps) if advices[0][step]["grade"] == "to"}
    expected = {word for number, word in enumerate(words) if number % AT_ONCE not in same}
    assert set(kept) == expected


def test_a_second_process_is_refused_in_one_line(tmp_path: Path) -> None:
    async def second() -> subprocess.CompletedProcess[str]:
        async with living(tmp_path):
            env = {
                **os.environ,
                "WEEGWIJZER_MODE": "local",
                "WEEGWIJZER_DATA_DIR": str(tmp_path / "data"),
                "PORT": str(free_port()),
            }
            return await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "bot", "serve"],
                cwd=ROOT,
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

    done = asyncio.run(second())
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert "in use by another process" in line
