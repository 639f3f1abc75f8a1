"""Work owed after a turn: done until it is done, its content never twice in the channel."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cases import Cases
from bot.errors import ChannelUnavailable, NoAccess, PostRefused
from bot.locks import Locks
from bot.outbox import Outbox
from bot.ports import Chat, ChatReference, Person, PostedActivity, Role, Sender, Write
from bot.shelf import open_frameworks, open_wording
from bot.storage.sqlite import SqliteStore
from dialogs.cards.channel import channel_card
from dialogs.values import Outgoing
from state import commands as do
from state.case import Case
from state.codec import canonical
from state.events import Actor
from state.weighing import weigh_for_channel
from tests.casework import NEWSPAPER, Casework

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TENANT = "11111111-1111-4111-8111-111111111111"
ANJA = Actor("33333333-3333-4333-8333-333333333330", "Anja de Vries", "gemeentesecretaris", "decider")
DIRK = Actor("33333333-3333-4333-8333-333333333333", "Dirk Vos", "burgemeester", "decider")
WORDING, FRAMEWORKS = open_wording(), open_frameworks(None)
CONTENT = "Hulpmiddel bij de afweging"


@dataclass
class FakeTeams:
    """A Teams that remembers what it took, and fails as often as it is told to."""

    failures: list[Exception] = field(default_factory=list)
    placeholders: list[Outgoing] = field(default_factory=list)
    updates: list[Outgoing] = field(default_factory=list)
    told: list[tuple[str, Outgoing]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def _take(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    async def post_in_channel(self, outgoing: Outgoing, like: ChatReference) -> PostedActivity:
        self._take()
        self.placeholders.append(outgoing)
        return PostedActivity(like.service_url, "channel;messageid=17", "17")

    async def update(self, posted: PostedActivity, outgoing: Outgoing) -> None:
        self._take()
        assert posted.activity == "17"
        self.updates.append(outgoing)

    async def send_to(self, chat: ChatReference, outgoing: Outgoing) -> None:
        self._take()
        self.told.append((chat.user_id, outgoing))
        self.heard.set()

    async def open_chat(self, object_id: str, like: ChatReference) -> ChatReference:
        self._take()
        self.opened.append(object_id)
        return ChatReference(like.service_url, f"chat-{object_id}", object_id, like.bot_id, like.tenant)


class FakeAccess:
    """An access file with Anja and Dirk."""

    async def admit(self, sender: Sender, chat: ChatReference) -> Person:
        raise NoAccess

    def people_with(self, role: Role) -> tuple[Person, ...]:
        return ()

    def person(self, object_id: str) -> Person | None:
        known = {one.id: one for one in (ANJA, DIRK)}
        found = known.get(object_id)
        return Person(found.id, found.name, found.function, frozenset({Role.DECIDER})) if found else None


@dataclass
class Desk:
    """An outbox on a real store, with a clock that only moves when told."""

    store: SqliteStore
    now: datetime = NOW
    teams: FakeTeams = field(default_factory=FakeTeams)

    def __post_init__(self) -> None:
        self.cases = Cases(self.store, FRAMEWORKS)
        self.outbox = Outbox(
            store=self.store,
            cases=self.cases,
            access=FakeAccess(),
            teams=self.teams,
            wording=WORDING,
            locks=Locks(),
            clock=lambda: self.now,
        )

    async def keep(self, work: Casework) -> None:
        """Keep a case as turns of Anja would have."""
        reference = ChatReference("https://teams", "chat-anja", ANJA.id, "28:bot", TENANT)
        write = self.cases.to_write(self.cases.fresh(work.case.id), work.case, work.transcript, TENANT)
        await self.store.commit(write)
        await self.store.commit(Write(chat=Chat(ANJA.id, reference, work.case.id)))

    async def case(self) -> Case:
        """Give the case as it stands in the store."""
        return (await self.cases.load("0" * 32)).case

    async def after(self, seconds: float) -> None:
        """Let time pass, and do what is due then."""
        self.now += timedelta(seconds=seconds)
        await self.outbox.work_once()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = SqliteStore(tmp_path / "store.sqlite")
    yield Desk(store)
    await store.close()


def owing_a_card() -> Casework:
    """Give a case whose card was just released."""
    compiled = FRAMEWORKS.current
    work = Casework(compiled, ANJA, NOW).open().answer(NEWSPAPER)
    work.do(do.ChooseSubject(compiled.framework.card_subjects[0].id))
    card = channel_card(
        compiled.framework,
        weigh_for_channel(compiled, work.case.answers, NOW),
        number=work.case.number,
        subject="Bestuurlijk dossier",
        version=1,
        function=ANJA.function,
        prepared_at=NOW,
        language="nl",
        wording=WORDING,
    )
    work.do(do.PreviewCard(canonical(card).decode()))
    assert work.case.preview is not None
    work.do(do.PostCard(work.case.preview.seq))
    return work


def offered() -> Casework:
    """Give a case that Anja, who is involved, offered to Dirk."""
    work = Casework(FRAMEWORKS.current, ANJA, NOW).open()
    work.do(do.GiveAnswer("eigen_betrokkenheid", "ja_ikzelf"))
    work.do(do.OfferCase(DIRK, ""))
    return work


def words(outgoing: Outgoing) -> str:
    """Give all words of a message."""
    return json.dumps([outgoing.summary, outgoing.text, outgoing.card], ensure_ascii=False)


async def test_a_card_is_a_placeholder_without_content_and_then_its_update(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    await desk.outbox.work_once()
    [placeholder], [update] = desk.teams.placeholders, desk.teams.updates
    assert CONTENT not in words(placeholder)
    assert CONTENT in words(update)
    assert update.card == json.loads(owing_a_card().case.owed_card)
    assert (await desk.case()).phase == "posted"


async def test_the_assessor_hears_that_the_card_was_posted(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    await desk.outbox.work_once()
    await desk.outbox.work_once()
    [(to, told)] = desk.teams.told
    assert to == ANJA.id
    assert "IL-2026-0042" in words(told)
    assert await desk.store.next_due() is None


async def test_work_that_is_done_is_never_done_again(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    for _ in range(5):
        await desk.after(3600)
    assert (len(desk.teams.placeholders), len(desk.teams.updates), len(desk.teams.told)) == (1, 1, 1)


async def test_teams_says_how_long_to_wait(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [ChannelUnavailable(429, retry_after=30)]
    await desk.after(0)
    await desk.after(29)
    assert not desk.teams.placeholders
    await desk.after(1)
    assert len(desk.teams.updates) == 1


async def test_pauses_double_up_to_ten_minutes(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [ChannelUnavailable(None) for _ in range(12)]
    waits = []
    while desk.teams.failures:
        await desk.outbox.work_once()
        due = await desk.store.next_due()
        assert due is not None
        waits.append((due - desk.now).total_seconds())
        desk.now = due
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]
    await desk.outbox.work_once()
    assert len(desk.teams.updates) == 1


@pytest.mark.parametrize("failure", [ChannelUnavailable(None), ChannelUnavailable(None, may_have_arrived=True)])
async def test_an_update_that_teams_did_not_answer_is_repeated_in_its_place(
    desk: Desk, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.keep(owing_a_card())
    take, calls = desk.teams._take, []

    def fail_the_second() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise failure
        take()

    monkeypatch.setattr(desk.teams, "_take", fail_the_second)
    await desk.outbox.work_once()
    assert (len(desk.teams.placeholders), len(desk.teams.updates)) == (1, 0)
    assert (await desk.case()).phase == "posting"
    await desk.after(2)
    assert (len(desk.teams.placeholders), len(desk.teams.updates)) == (1, 1)


async def test_after_a_restart_the_owed_card_is_posted_without_anyone_speaking(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite")
    await Desk(store).keep(owing_a_card())
    await store.close()
    store = SqliteStore(tmp_path / "store.sqlite")
    again = Desk(store)
    await again.outbox.work_once()
    assert len(again.teams.updates) == 1
    await store.close()


async def test_after_a_restart_the_placeholder_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(tmp_path / "store.sqlite")
    before = Desk(store)
    await before.keep(owing_a_card())

    async def lost(posted: PostedActivity, outgoing: Outgoing) -> None:
        raise ChannelUnavailable(None)

    monkeypatch.setattr(before.teams, "update", lost)
    await before.outbox.work_once()
    await store.close()
    store = SqliteStore(tmp_path / "store.sqlite")
    again = Desk(store, now=NOW + timedelta(seconds=2))
    await again.outbox.work_once()
    assert (len(again.teams.placeholders), len(again.teams.updates)) == (0, 1)
    await store.close()


async def test_a_card_that_teams_refuses_goes_back_to_its_assessor(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.teams.failures = [PostRefused(403)]
    await desk.outbox.work_once()
    await desk.outbox.work_once()
    assert not desk.teams.placeholders
    assert (await desk.case()).phase == "weighing"
    [(to, _)] = desk.teams.told
    assert to == ANJA.id


async def test_a_chat_is_opened_with_someone_the_bot_never_spoke_to(desk: Desk) -> None:
    await desk.keep(offered())
    await desk.outbox.work_once()
    assert desk.teams.opened == [DIRK.id]
    [(to, told)] = desk.teams.told
    assert to == DIRK.id
    assert "IL-2026-0042" in words(told)


async def test_word_to_a_person_is_tried_again(desk: Desk) -> None:
    await desk.keep(offered())
    desk.teams.failures = [ChannelUnavailable(None)]
    await desk.outbox.work_once()
    assert not desk.teams.told
    await desk.after(2)
    assert len(desk.teams.told) == 1


async def test_word_that_teams_refuses_is_given_up(desk: Desk) -> None:
    await desk.keep(offered())
    desk.teams.failures = [PostRefused(403)]
    await desk.outbox.work_once()
    assert await desk.store.next_due() is None


async def test_an_offer_that_was_taken_back_is_not_told(desk: Desk) -> None:
    work = offered()
    work.do(do.EndOffer())
    await desk.keep(work)
    await desk.outbox.work_once()
    assert not desk.teams.told
    assert await desk.store.next_due() is None


async def test_whoever_left_the_access_file_is_told_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.keep(offered())
    monkeypatch.setattr(FakeAccess, "person", lambda self, object_id: None)
    await desk.outbox.work_once()
    assert (desk.teams.told, await desk.store.next_due()) == ([], None)


async def test_a_damaged_transcript_stops_its_own_card_alone(desk: Desk) -> None:
    await desk.keep(owing_a_card())
    desk.store._db.execute("DROP TRIGGER event_is_never_changed")
    desk.store._db.execute("UPDATE event SET body = X'7B7D' WHERE seq = 3")
    await desk.outbox.work_once()
    assert not desk.teams.placeholders
    assert await desk.store.next_due() == NOW + timedelta(minutes=10)


async def test_the_loop_looks_again_when_it_is_woken(desk: Desk) -> None:
    running = asyncio.create_task(desk.outbox.run())
    await desk.keep(owing_a_card())
    desk.outbox.wake()
    async with asyncio.timeout(5):
        await desk.teams.heard.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
