"""E11: several people talk to one bot in any order, with restarts, old cards, failures and roles that change."""

import itertools
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

import bot.card_desk
import bot.card_work
import bot.cases
import bot.choosing
import bot.telling
import bot.turn
from bot.ports import Place
from dialogs.reading import PRESSED
from tests.trust import report
from tests.trust.machine import people
from tests.trust.machine.play import Play
from tests.trust.machine.world import DRAWN, PEOPLE, delivered_elsewhere

MACHINES = report.figure(150, 20_000)
# A rule is one step or several: a whole case is one.
RULES = report.figure(40, 15)
FEWEST_STEPS = report.figure(20_000, 800_000)
_BATCH = 50
# Where there is one: what a disk forgets is tried in other suites, and every turn waits for it.
_MEMORY = Path("/dev/shm")

_WEIGHERS = st.sampled_from([PEOPLE[key] for key in ("assessor", "second", "decider", "college")])
_ANYONE = st.sampled_from(list(PEOPLE.values()))
_PICK = st.integers(0, 59)
_DRAWN = st.integers(0, 10_000)
_TIMES = st.sampled_from([
    timedelta(minutes=5),
    timedelta(hours=2),
    timedelta(hours=-1),
    timedelta(days=4),
    timedelta(days=100),
])
_PLANS = st.lists(st.sampled_from(["taken", "429", "500", "lost", "403"]), max_size=4)
_ROLES = st.sampled_from([
    (),
    ("assessor",),
    ("assessor", "decider"),
    ("decider",),
    ("dossier_keeper",),
    ("administrator", "cmt"),
])

done = {"machines": 0, "steps": 0, "answers": 0, "cards": 0, "restarts": 0}


class Machine(RuleBasedStateMachine):
    """One machine: a bot of its own, and the people around it."""

    def __init__(self) -> None:
        super().__init__()
        DRAWN.begin()
        self.folder = Path(tempfile.mkdtemp(prefix="e11-", dir=_MEMORY if _MEMORY.is_dir() else None))
        self.play = Play(self.folder)

    def teardown(self) -> None:
        try:
            self.play.end()
        finally:
            shutil.rmtree(self.folder)
        done["machines"] += 1
        done["steps"] += self.play.steps
        done["answers"] += sum(len(given) for given in self.play.model.acknowledged.values())
        done["cards"] += len(self.play.world.channel.contents)

    # --- people and their cards ----------------------------------------------------------

    @rule(who=_WEIGHERS, pick=_PICK)
    def begins_and_answers(self, who, pick):
        self.play.type(who, "nieuw")
        people.fill(self.play, who, pick)

    @rule(who=_WEIGHERS, pick=_PICK, typed=st.booleans())
    def answers(self, who, pick, typed):
        people.answer(self.play, who, pick, typed=typed)

    @rule(who=_WEIGHERS, pick=_PICK)
    def goes_on(self, who, pick):
        self.play.type(who, "verder")
        people.fill(self.play, who, pick)

    @rule(who=_WEIGHERS, pick=_PICK, plan=_PLANS)
    def concludes(self, who, pick, plan):
        people.conclude(self.play, who, pick, plan)

    @rule(who=_WEIGHERS, pick=_PICK, plan=_PLANS)
    def weighs_a_whole_case(self, who, pick, plan):
        self.play.type(who, "nieuw")
        people.fill(self.play, who, pick)
        people.conclude(self.play, who, pick, plan)

    @rule(who=_WEIGHERS, to=_WEIGHERS, pick=_PICK, is_new=st.booleans())
    def hands_over(self, who, to, pick, is_new):
        if is_new:
            self.play.type(who, "nieuw")
            people.fill(self.play, who, pick)
        people.hand_over(self.play, who, to, pick)

    @rule(who=_WEIGHERS, pick=_PICK)
    def answers_the_same_card_twice(self, who, pick):
        self.play.type(who, "nieuw" if pick % 2 else "wijzig 1")
        people.answer_twice(self.play, who, pick)

    @rule(who=_WEIGHERS, pick=_PICK)
    def posts_later(self, who, pick):
        people.fill(self.play, who, pick)
        people.post_later(self.play, who, pick)

    @rule(who=_WEIGHERS, pick=_PICK)
    def deviates(self, who, pick):
        people.deviate(self.play, who, pick)

    @rule(who=_ANYONE, text=st.sampled_from(people.TEXTS))
    def types(self, who, text):
        self.play.type(who, text.replace("{}", self.play.mark()))

    @rule(who=_ANYONE, text=st.sampled_from(people.TEXTS), place=st.sampled_from([Place.GROUP, Place.CHANNEL]))
    def types_before_others(self, who, text, place):
        self.play.type(who, text, place)

    @rule(who=_WEIGHERS, pick=_PICK)
    def presses_the_last_card(self, who, pick):
        if who.key in self.play.latest:
            people.press_any(self.play, who, self.play.latest[who.key], pick)

    @precondition(lambda self: self.play.cards)
    @rule(drawn=_DRAWN, pick=_PICK)
    def presses_an_old_card(self, drawn, pick):
        card = self.play.cards[drawn % len(self.play.cards)]
        people.press_any(self.play, card.owner, card, pick)

    @precondition(lambda self: self.play.cards)
    @rule(who=_ANYONE, drawn=_DRAWN, pick=_PICK)
    def presses_a_card_of_anyone(self, who, drawn, pick):
        people.press_any(self.play, who, self.play.cards[drawn % len(self.play.cards)], pick)

    @precondition(lambda self: self.play.cards)
    @rule(drawn=_DRAWN, pick=_PICK, verb=st.sampled_from(sorted(PRESSED)))
    def forges_a_button(self, drawn, pick, verb):
        card = self.play.cards[drawn % len(self.play.cards)]
        people.forge(self.play, card.owner, card, verb, pick)

    # --- what happens around them ----------------------------------------------------------

    @precondition(lambda self: self.play.turns)
    @rule(drawn=_DRAWN, is_lost=st.booleans())
    def delivers_again(self, drawn, is_lost):
        if is_lost:
            self.play.lose_the_answer()
        turns = self.play.turns
        turn = turns[-1] if is_lost else turns[drawn % len(turns)]
        self.play.take(turn, next(one for one in PEOPLE.values() if one.id == turn.sender.object_id))

    @precondition(lambda self: self.play.turns)
    @rule(drawn=_DRAWN, who=_ANYONE)
    def delivers_under_another_name(self, drawn, who):
        turn = self.play.turns[drawn % len(self.play.turns)]
        if turn.sender.object_id != who.id and turn.incoming.handle:
            self.play.take(delivered_elsewhere(turn, who), who, self.play.card_of(turn.incoming.handle))

    @rule(plan=_PLANS)
    def the_outbox_works(self, plan):
        self.play.work(plan)

    @rule(who=_WEIGHERS)
    def the_bot_is_added_again(self, who):
        self.play.welcome(who)

    @rule(who=_ANYONE, roles=_ROLES, text=st.sampled_from(people.TEXTS), pick=_PICK)
    def the_access_file_changes(self, who, roles, text, pick):
        world = self.play.world
        before, _ = world.roles[who.key], world.set_roles(who, roles)
        self._tries(who, text, pick)
        if pick % 4:
            world.set_roles(who, before)

    @rule(who=_WEIGHERS, text=st.sampled_from(people.TEXTS), pick=_PICK)
    def leaves_the_channel(self, who, text, pick):
        gone = self.play.world.members.gone
        gone.add(who.chat.user_id)
        self._tries(who, text, pick)
        if pick % 4:
            gone.discard(who.chat.user_id)

    def _tries(self, who, text, pick):
        self.play.type(who, text.replace("{}", self.play.mark()))
        if who.key in self.play.latest:
            people.press_any(self.play, who, self.play.latest[who.key], pick)

    @rule()
    def the_access_file_is_as_at_the_start(self):
        for who in PEOPLE.values():
            self.play.world.set_roles(who, who.roles)
        self.play.world.members.gone.clear()

    @rule(by=_TIMES)
    def time_passes(self, by):
        self.play.world.now += by

    @rule(who=_WEIGHERS, pick=_PICK)
    def the_disk_refuses(self, who, pick):
        self.play.world.store.refusals = 1
        people.answer(self.play, who, pick, typed=True)
        self.play.world.store.refusals = 0

    @rule()
    def the_bot_restarts(self):
        self.play.restart()
        done["restarts"] += 1


def _run(number: int) -> None:
    """Run a batch of machines; hypothesis may end one before it is full, so that batches are counted, not hoped for."""
    run_state_machine_as_test(
        seed(report.SEED + number)(Machine),
        settings=settings(
            max_examples=_BATCH,
            stateful_step_count=RULES,
            database=None,
            deadline=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_people_do_nothing_is_lost_doubled_or_shown_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (bot.turn, bot.choosing, bot.card_desk, bot.card_work, bot.telling, bot.cases):
        # Numbers, handles and salts are drawn anew the same way in every machine: what fails, fails again.
        monkeypatch.setattr(module, "secrets", DRAWN)
    batch = itertools.count()
    while done["machines"] < MACHINES or done["steps"] < FEWEST_STEPS:
        _run(next(batch))
    assert min(done.values()) > 0
    report.say(
        "E11",
        f"{MACHINES} machines and {FEWEST_STEPS} steps at least: every acknowledged answer kept, in a whole"
        " chain; nothing shown to others, no effect of a past card, no second card in the channel",
    )
