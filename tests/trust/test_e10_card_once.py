"""E10: in the same lives, each card that was owed stands in the channel once, whatever Teams answered."""

from tests.trust import report
from tests.trust.crash.checker import check
from tests.trust.crash.run import the_run


def test_each_posted_case_has_exactly_one_card_with_content() -> None:
    run = the_run()
    found = check(run.told, run.cases, run.channel)
    assert found.cards == []
    assert found.posted > run.kills // 20
    # Placeholders are left over where a post could not be known to have arrived: without them nothing was tried.
    assert found.spare > 0
    report.say(
        "E10",
        f"{found.posted} posted cases in {run.kills} lives: 0 cards missing, 0 double,"
        f" {found.spare} empty placeholders",
    )
