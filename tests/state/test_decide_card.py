"""The decisions on the card for the channel: subject, preview, post, and what Teams makes of it."""

from datetime import timedelta

import pytest

from state import commands as do
from state import lifecycle
from state.errors import (
    CommandRefused,
    NotPermitted,
    PreviewOutdated,
    StaleCard,
    SubjectMissing,
)
from state.events import (
    BOT,
    CardOwed,
    CardPosted,
    CardRefused,
    CaseFinished,
    PreviewShown,
    SubjectChosen,
)
from tests.casework import Casework


def kinds(events: object) -> list[type]:
    return [type(event) for event in events]


def test_a_card_goes_by_subject_preview_and_post(weighed: Casework) -> None:
    with pytest.raises(SubjectMissing):
        weighed.do(do.PreviewCard("{}"))
    assert kinds(weighed.do(do.ChooseSubject("bestuurlijk_stuk"))) == [SubjectChosen]
    (preview,) = weighed.do(do.PreviewCard('{"a":1}'))
    assert isinstance(preview, PreviewShown)
    (owed,) = weighed.do(do.PostCard(weighed.case.version))
    assert owed == CardOwed(1, '{"a":1}', preview.sha256)
    assert weighed.do(do.ConfirmPosted(1), BOT) == [CardPosted(1)]
    assert weighed.case.phase == lifecycle.POSTED
    assert weighed.do(do.FinishCase()) == [CaseFinished()]


def test_an_unknown_subject_is_refused(weighed: Casework) -> None:
    with pytest.raises(CommandRefused):
        weighed.do(do.ChooseSubject("wie_het_was"))


def test_only_the_latest_preview_can_be_posted_and_once(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard('{"a":1}'))
    first = weighed.case.version
    weighed.do(do.PreviewCard('{"a":2}'))
    with pytest.raises(StaleCard):
        weighed.do(do.PostCard(first))
    weighed.do(do.PostCard(weighed.case.version))
    with pytest.raises(StaleCard):
        weighed.do(do.PostCard(first))


def test_the_same_preview_twice_is_one_event(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard('{"a":1}'))
    assert not weighed.do(do.PreviewCard('{"a":1}'))
    assert not weighed.do(do.ChooseSubject("veiligheid"))


def test_a_preview_of_over_an_hour_is_shown_again_before_posting(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    weighed.later(timedelta(minutes=61))
    with pytest.raises(PreviewOutdated):
        weighed.do(do.PostCard(weighed.case.version))


def test_a_changed_answer_withdraws_the_preview(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    seq = weighed.case.version
    weighed.do(do.ChangeAnswer("schade"))
    with pytest.raises(StaleCard):
        weighed.do(do.PostCard(seq))


def test_a_card_that_teams_refuses_leads_back_to_the_advice(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    weighed.do(do.PostCard(weighed.case.version))
    assert weighed.do(do.ConfirmRefused(1, "http_403"), BOT) == [CardRefused(1, "http_403")]
    assert weighed.case.phase == lifecycle.WEIGHING


def test_only_the_outbox_says_that_a_card_stands(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    weighed.do(do.PostCard(weighed.case.version))
    with pytest.raises(NotPermitted):
        weighed.do(do.ConfirmPosted(1))
    with pytest.raises(StaleCard):
        weighed.do(do.ConfirmPosted(2), BOT)


def test_new_facts_after_posting_lead_to_a_second_version(weighed: Casework) -> None:
    weighed.do(do.ChooseSubject("veiligheid"))
    weighed.do(do.PreviewCard("{}"))
    weighed.do(do.PostCard(weighed.case.version))
    weighed.do(do.ConfirmPosted(1), BOT)
    with pytest.raises(CommandRefused):
        weighed.do(do.GoBack())
    weighed.do(do.ChangeAnswer("schade"))
    weighed.do(do.GiveAnswer("schade", "groot"))
    (preview,) = weighed.do(do.PreviewCard("{}"))
    assert isinstance(preview, PreviewShown)
    assert preview.version == 2
