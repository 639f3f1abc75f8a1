"""What must hold of every course that a case takes after its card was posted, tried on random ones."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.shelf import open_framework, published
from state import commands as do
from state.case import Case
from state.codec import FIRST, read_rows, to_rows
from state.errors import CaseError
from state.events import BOT, REVIEW, Actor, DecisionRecorded, MemberInvolved, Recorded, ReminderOwed, TermMet
from state.fold import rebuild
from state.permissions import Action, may, parts_of, place_of
from state.terms import MOST_REMINDERS
from tests.casework import NEWSPAPER, Casework
from tests.conftest import ANJA, BRAM, DIRK, NOW
from tests.state.together import CONFLICT, DUTY, HIDDEN, MIEKE, OPEN, STRONG, WEAK, post

COMPILED = open_framework(published()[-1])
PEOPLE = (ANJA, BRAM, DIRK, MIEKE, Actor("9", "Iemand", "functie", "auditor"))
POSTED = post(Casework(COMPILED, BRAM, NOW).open().answer(NEWSPAPER))
# Who asks, and what, as the case stands then.
Who = Callable[[Case], Actor]
Ask = Callable[[Case], do.Command]
Move = tuple[Who, Ask]

people = st.sampled_from(PEOPLE)
texts = st.sampled_from(["", "  ", "Daarom.", "Een *andere* reden\nop twee regels"])
terms = st.sampled_from(["T_RAAD", "T_LOG", "T_AP72", REVIEW])
# How far what is pressed is behind: mostly not at all.
late = st.sampled_from([0, 0, 0, 1])
days = st.sampled_from(["", "", "2026-12-07", "2027-01-11", "morgen"])
chosen = st.dictionaries(
    st.sampled_from([STRONG, DUTY, OPEN, WEAK, HIDDEN, "niets"]),
    st.builds(do.Choice, st.sampled_from(["yes", "no", "later", "misschien"]), texts),
    max_size=3,
)


def holder(case: Case) -> Actor:
    """Give who holds the case."""
    return case.assessor or BRAM


def receiver(case: Case) -> Actor:
    """Give to whom the case is offered, else who holds it."""
    return case.offered_to or holder(case)


def bot(case: Case) -> Actor:
    """Give the bot, whatever the case."""
    return BOT


def member(person: Actor) -> Who:
    """Give this person, whatever the case."""
    return lambda case: person


def on_card(case: Case) -> int:
    """Give the version that stands in the channel, or one that never did."""
    return case.posted.version if case.posted else 9


def always(command: do.Command) -> Ask:
    """Give a command that asks nothing of the case."""
    return lambda case: command


members = people.map(member)
# A press may come to a card of before; two in three of a course are by whoever may do such a thing.
asked = st.one_of(
    st.tuples(
        members,
        st.builds(
            lambda behind, *parts: lambda case: do.RecordDecision(on_card(case), case.round - behind, *parts),
            late,
            chosen,
            days,
            st.booleans(),
        ),
    ),
    st.tuples(
        st.just(holder),
        st.builds(lambda made, day: lambda case: do.DecidePrivately(case.round, made, day), chosen, days),
    ),
    st.tuples(members, texts.map(lambda reason: lambda case: do.Dissent(on_card(case), reason))),
    st.tuples(members, (st.none() | people).map(lambda heir: lambda case: do.SayInvolved(on_card(case), heir))),
    st.tuples(
        st.just(bot), terms.map(lambda term: lambda case: do.OweReminder(term, case.reminded.get(term, 0) + 1, ""))
    ),
    st.tuples(st.just(holder), st.builds(lambda *parts: always(do.MeetTerm(*parts)), terms, texts)),
    st.tuples(members, terms.map(lambda term: always(do.MeetTerm(term, of_others=True)))),
    st.tuples(
        st.just(holder),
        texts.map(
            lambda text: (
                lambda case: do.KeepWords("press", text, case.words["press"].seq if "press" in case.words else 0)
            )
        ),
    ),
    st.tuples(st.just(holder), texts.map(lambda reason: always(do.WithdrawCard(reason)))),
    st.tuples(st.just(bot), st.sampled_from(["deleted", "neutral"]).map(lambda end: always(do.ConfirmGone(1, end)))),
    st.tuples(st.just(holder), st.builds(lambda *parts: always(do.OfferCase(*parts)), people, texts)),
    st.tuples(members, st.builds(lambda *parts: always(do.RelieveCase(*parts)), people, texts)),
    st.tuples(st.just(holder), texts.map(lambda reason: always(do.ReopenCase(reason)))),
    st.tuples(members, texts.map(lambda reason: always(do.ReopenCase(reason, of_others=True)))),
    st.tuples(st.just(receiver), st.sampled_from([do.AcceptCase(), do.AcceptCase(), do.EndOffer()]).map(always)),
    st.tuples(st.just(holder), st.sampled_from([do.PauseCase(), do.FinishCase(), do.ShowAgain()]).map(always)),
)
# New facts: an answer is changed, and version 2 stands in the channel where a card may.
FACTS: tuple[Move, ...] = (
    (holder, always(do.ChangeAnswer("schade"))),
    (holder, always(do.GiveAnswer("schade", "groot"))),
    (holder, lambda case: do.GiveAnswer(CONFLICT, "nee")),
    (holder, lambda case: do.PreviewCard('{"v":2}')),
    (holder, lambda case: do.PostCard(case.preview.seq if case.preview else 0)),
    (bot, lambda case: do.ConfirmPosted(case.card_version)),
)
REMINDS: tuple[Move, ...] = ((bot, lambda case: do.OweReminder("T_RAAD", case.reminded.get("T_RAAD", 0) + 1, "")),) * 4
FORBIDS: tuple[Move, ...] = (
    (holder, always(do.ChangeAnswer("klokkenluider"))),
    (holder, always(do.GiveAnswer("klokkenluider", "misstand_gemeld"))),
)
move = st.one_of(asked, asked, st.tuples(people.map(member), asked.map(lambda one: one[1])))
courses = st.lists(
    st.one_of(move.map(lambda one: (one,)), move.map(lambda one: (one,)), st.sampled_from([FACTS, FORBIDS, REMINDS])),
    min_size=5,
    max_size=30,
).map(lambda parts: [one for part in parts for one in part])


def play(course: list[Move]) -> tuple[Casework, list[tuple[Case, Actor, do.Command]]]:
    """Give the case after a course, and what was not refused: the case before it, who, and what."""
    work, done = POSTED.copy(), []
    for who, ask in course:
        before, told, actor = work.case, len(work.transcript), who(work.case)
        command = ask(before)
        work.later(timedelta(minutes=1))
        try:
            work.do(command, actor)
        except CaseError:
            assert work.case is before
            assert len(work.transcript) == told
        else:
            done.append((before, actor, command))
    return work, done


several = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@several
@given(course=courses)
def test_replaying_is_running(course: list[Move]) -> None:
    work, _ = play(course)
    rows = to_rows(work.case.id, work.transcript, FIRST, [bytes(32)] * len(work.transcript), FIRST)
    read = read_rows(work.case.id, rows)
    assert read == work.transcript
    assert rebuild(work.case.id, read) == work.case


@several
@given(course=courses)
def test_every_round_has_one_decision_and_the_last_one_on_a_step_counts(course: list[Move]) -> None:
    work, done = play(course)
    for before, _, command in done:
        if isinstance(command, do.RecordDecision | do.DecidePrivately):
            assert command.round == before.round
    made = [one for one in work.transcript if isinstance(one.event, DecisionRecorded)]
    assert [one.event.round for one in made] == list(range(1, work.case.round + 1))
    last: dict[str, Recorded] = {decided.step: one for one in made for decided in one.event.decisions}
    assert {step: (one.by, one.at) for step, one in work.case.decisions.items()} == {
        step: (one.actor, one.at) for step, one in last.items()
    }
    for decided in (decided for one in made for decided in one.event.decisions):
        assert decided.reason or not decided.deviates
    for one in made:
        assert one.event.vouched == (one.actor.role != "decider")


@several
@given(course=courses)
def test_who_said_to_be_involved_does_nothing_more_and_no_card_comes_back(course: list[Move]) -> None:
    work, done = play(course)
    for before, actor, _ in done:
        place = place_of(parts_of(before, COMPILED), actor.id)
        assert any(may(action, (actor.role,), place) for action in Action)
        assert actor.id not in before.involved or place == "involved"
    members = [one.actor.id for one in work.transcript if isinstance(one.event, MemberInvolved)]
    assert len(members) == len(set(members))
    assert set(members) <= work.case.involved
    assert not members or work.case.posted is None
    receiver = work.case.offered_to
    assert receiver is None or receiver.id not in work.case.involved


@several
@given(course=courses)
def test_a_term_has_at_most_three_reminders_and_none_after_it_was_met(course: list[Move]) -> None:
    work, _ = play(course)
    sent: dict[str, int] = {}
    met: set[str] = set()
    for one in work.transcript:
        match one.event:
            case ReminderOwed(term=term, count=count):
                assert term not in met
                assert count == sent.get(term, 0) + 1 <= MOST_REMINDERS
                sent[term] = count
            case TermMet(term=term):
                assert term not in met
                met.add(term)
            case DecisionRecorded(review=review) if review:
                sent.pop(REVIEW, None)
                met.discard(REVIEW)


def test_the_moves_reach_what_they_are_about() -> None:
    """Without this the properties could hold of courses in which everything is refused."""
    reached: set[str] = set()

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(course=courses)
    def run(course: list[Move]) -> None:
        work, _ = play(course)
        reached.update(type(one.event).__name__ for one in work.transcript[len(POSTED.transcript) :])

    run()
    wanted = {
        "DecisionRecorded",
        "DissentRecorded",
        "MemberInvolved",
        "CardWithdrawn",
        "CardGone",
        "ReminderOwed",
        "TermMet",
        "WordsKept",
        "CaseOffered",
        "CaseAccepted",
        "CaseFinished",
        "CaseReopened",
    }
    assert wanted <= reached, wanted - reached
