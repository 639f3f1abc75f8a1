"""Three instances on one database: killed one after the other under load, and asked the same thing at once."""

import asyncio
import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.postgres import figures
from tests.postgres.instances import Caller, Instance, Office, an_office, start_all, stop_all, until
from tests.postgres.servers import Server
from tests.trust import report
from tests.trust.crash.checker import Findings, check, check_record
from tests.trust.crash.people import ANSWERS, FAILED, OK, Told, all_of

INSTANCES = 3
CONVERSATIONS = 300
KILLS = report.figure(20, 60)
AT_ONCE = report.figure(40, 200)
Cases = dict[str, list[tuple[str, str]]]
_BETWEEN = (0.5, 3.0)


async def kill_in_turn(office: Office) -> None:
    """Kill an instance every few seconds and start it again, and then let everyone come to their card."""
    for _ in range(KILLS):
        await asyncio.sleep(office.chance.uniform(*_BETWEEN))
        one = office.chance.choice(office.instances)
        await one.kill()
        await one.start()

    async def is_done() -> bool:
        return all(caller.posted for caller in office.people)

    await until(is_done, patience=600)


def told_around(office: Office, cases: Cases, found: Findings) -> str:
    """Give what the persons of lost answers did and heard, and what stands of them: a rare find is not had twice."""
    words = {finding.split()[0] for finding in found.lost}
    persons = {one.person for one in office.history if one.word in words}
    lines = [str(one) for one in office.history if one.person in persons]
    said = {one.word for one in office.history if one.person in persons}
    for number, rows in cases.items():
        bodies = [json.loads(body)["data"] for _, body in rows]
        if any(data.get("note") in said for data in bodies):
            lines += [number, *(str(data)[:200] for data in bodies)]
    return "\n".join([*found.all, *lines])


async def test_of_what_was_acknowledged_nothing_is_lost_doubled_or_half(postgres: Server, tmp_path: Path) -> None:
    chance = random.Random(report.SEED)
    url = postgres.new_database()
    async with an_office(tmp_path, url, instances=INSTANCES, people=CONVERSATIONS, chance=chance) as office:
        await start_all(office.instances)
        office.up.set()
        office.teams.rate = 0.02
        living = asyncio.create_task(all_of([*office.people], office))
        await kill_in_turn(office)
        living.cancel()
        await living
        office.teams.rate = 0.0
        await office.nothing_owed()
        await stop_all(office.instances)
        cases, sound = await office.exported()
        told = [asdict(one) for one in office.history]
        found = check(told, cases, office.teams.channel)
    assert found.all == [], told_around(office, cases, found)
    assert sound == ()
    assert found.posted >= CONVERSATIONS
    assert found.acknowledged > 10 * CONVERSATIONS
    # Without answers of which nobody knew whether they counted nothing was tried.
    assert office.again > KILLS
    figures.say(
        f"{INSTANCES} instances, {CONVERSATIONS} people, {KILLS} kills: {found.acknowledged} acknowledged answers,"
        f" {found.posted} posted cases: 0 lost, 0 doubled, 0 half turns, each card once"
    )


# --- at once ---------------------------------------------------------------------------


def activities_of(cases: Cases, words: set[str], found: Findings) -> list[str]:
    """Give the words that stand in the cases, each as often as it does."""
    events = check_record([], cases, found)
    notes = [event.data.get("note") for transcript in events.values() for event in transcript]
    return [note for note in notes if note in words]


async def to_a_question(caller: Caller) -> None:
    """Do what has to be done until a question stands open that must be answered."""
    while caller.sees().kind != "question" or caller.sees().about not in ANSWERS:
        await caller.step()


def press(office: Office, caller: Caller) -> Told:
    """Give a press on the open question, not yet delivered."""
    seen = caller.sees()
    moment = next(office.moments)
    told = Told(f"p{moment:07d}", "answer", caller.user, moment, question=seen.about, handle=seen.handle)
    data = {"verb": "answer", "handle": seen.handle, "note": told.word, "answer": ANSWERS[seen.about]}
    value = {"action": {"type": "Action.Execute", "verb": "answer", "data": data}}
    told.body = office.teams.activity(caller.user, told.word, type="invoke", name="adaptiveCard/action", value=value)
    return told


async def to_each(office: Office, instances: list[Instance], told: list[Told]) -> list[Any]:
    """Deliver each at once, the n-th to the n-th instance, and hear."""

    async def deliver(one: Instance, body: dict[str, Any]) -> Any:
        async with office.session.post(f"{one.address}/api/messages", json=body) as answer:
            return answer.status, await answer.json()

    return await asyncio.gather(*(deliver(one, what.body) for one, what in zip(instances, told, strict=True)))


def is_taken(answer: Any) -> bool:
    return answer[0] == 200 and str(answer[1]["type"]).endswith("card.adaptive")


async def press_at_once(office: Office, caller: Caller) -> list[Told]:
    """Press the open card as often as there are instances, each at another one; exactly one press counts."""
    await to_a_question(caller)
    told = [press(office, caller) for _ in office.instances]
    answers = await to_each(office, office.instances, told)
    for one, answer in zip(told, answers, strict=True):
        assert answer[0] == 200
        one.outcome, one.ended = (OK if is_taken(answer) else FAILED), next(office.moments)
    assert [one.outcome for one in told].count(OK) == 1
    return told


async def test_one_activity_at_all_instances_at_once_counts_once(postgres: Server, tmp_path: Path) -> None:
    chance = random.Random(report.SEED)
    url = postgres.new_database()
    async with an_office(tmp_path, url, instances=INSTANCES, people=1, chance=chance) as office:
        await start_all(office.instances)
        [caller] = office.people
        words = []
        for _ in range(AT_ONCE):
            await to_a_question(caller)
            told = press(office, caller)
            answers = await to_each(office, office.instances, [told] * INSTANCES)
            assert all(status == 200 for status, _ in answers)
            assert any(is_taken(answer) for answer in answers)
            words.append(told.word)
        await stop_all(office.instances)
        assert not any("turn_failed" in one.log() for one in office.instances)
        cases, sound = await office.exported()
    found = Findings()
    assert sorted(activities_of(cases, set(words), found)) == words
    assert found.all == []
    assert sound == ()


async def test_of_different_presses_at_all_instances_at_once_one_counts_and_its_person_hears_so(
    postgres: Server, tmp_path: Path
) -> None:
    chance = random.Random(report.SEED)
    url = postgres.new_database()
    history: list[Told] = []
    async with an_office(tmp_path, url, instances=INSTANCES, people=1, chance=chance) as office:
        await start_all(office.instances)
        [caller] = office.people
        for _ in range(AT_ONCE):
            history += await press_at_once(office, caller)
        await stop_all(office.instances)
        assert not any("turn_failed" in one.log() for one in office.instances)
        cases, sound = await office.exported()
    found = Findings()
    check_record([asdict(one) for one in history], cases, found)
    assert found.all == []
    assert found.acknowledged == AT_ONCE
    assert sound == ()
