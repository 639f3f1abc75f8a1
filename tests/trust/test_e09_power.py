"""E9: the power fails at any point of what the bot wrote, and nothing that it acknowledged is lost or half."""

import random
from pathlib import Path

from tests.trust import report
from tests.trust.crash.losses import a_fast_folder, lose_power, recorded

LOSSES = report.figure(2_700, 55_000)
ANSWERS = report.figure(60, 300)


async def test_no_acknowledged_answer_is_lost_and_none_is_half_after_a_power_loss(tmp_path: Path) -> None:
    chance = random.Random(report.SEED)
    tale = await recorded(tmp_path / "before", ANSWERS, chance)
    with a_fast_folder(tmp_path) as after:
        unreadable, found = await lose_power(tale, LOSSES, after, chance)
    assert unreadable == 0
    assert found.all == []
    # On average half of all answers were told at a point: fewer would mean that nothing was looked at.
    assert found.acknowledged > LOSSES * ANSWERS // 4
    report.say("E9", f"{LOSSES} power losses: 0 acknowledged turns lost, 0 half")


async def test_the_same_losses_are_seen_when_the_store_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    chance = random.Random(report.SEED)
    tale = await recorded(tmp_path / "before", 20, chance, normal=True)
    with a_fast_folder(tmp_path) as after:
        _, found = await lose_power(tale, 60, after, chance)
    assert found.lost
