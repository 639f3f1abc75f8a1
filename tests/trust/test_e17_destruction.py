"""E17: of a destroyed case nothing is left in any file of the data directory: no word, no ciphertext, no key."""

import asyncio
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable
from bot.keepers import Keeper, read_keepers
from bot.storage.keyfile import keys_path
from bot.storage.sqlite import SqliteStore
from bot.store import Write
from state import commands as do
from state.case import Case
from state.codec import read_head
from state.errors import TranscriptDamaged
from state.events import AnswerGiven
from tests.bot.desk import FRAMEWORKS
from tests.bot.keeping_room import BRAM, CLOSED, DUE, ELS, FLEUR, KeepingRoom, actor, open_room
from tests.bot.test_keepers import make
from tests.casework import NEWSPAPER, Casework
from tests.contracts.rows import chat, handle, key, owed_card
from tests.stores import open_store
from tests.trust import report

# Cases in one store, and how many of them stay.
TOGETHER, STAY = 12, 2
# So long a piece of something random is nowhere by chance.
PIECE = 16
# What is stored of a case and random: what was encrypted, hashes and tags.
_RANDOM = (
    "SELECT body FROM event WHERE case_id = ?",
    "SELECT sealed FROM cases WHERE id = ?",
    "SELECT key FROM inbox WHERE case_id = ?",
    "SELECT tag FROM inbox WHERE case_id = ?",
    "SELECT digest FROM handle WHERE case_id = ?",
    "SELECT sealed FROM handle WHERE case_id = ?",
    "SELECT sealed FROM outbox WHERE case_id = ?",
    "SELECT sealed FROM card WHERE case_id = ?",
    "SELECT sealed FROM keeping WHERE case_id = ?",
)
_KEYS = ("SELECT wrapped FROM wrapped WHERE name = ?", "SELECT share FROM share WHERE case_id = ?")


@dataclass
class Traces:
    """What there is of a case: marked words, and every stored byte that is its own."""

    number: str
    case: str
    words: list[bytes] = field(default_factory=list)
    stored: list[bytes] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)

    def take(self, store: SqliteStore) -> None:
        """Take all that is stored of the case now, and its keys."""
        self.stored = [as_bytes(value) for sql in _RANDOM for (value,) in store._db.execute(sql, (self.case,))]
        heads = store._db.execute("SELECT head FROM event WHERE case_id = ?", (self.case,))
        self.stored += [read_head(head)["body"].encode() for (head,) in heads]
        self.keys = [value for sql in _KEYS for (value,) in store.keyring._db.execute(sql, (self.case,))]

    def pieces(self) -> frozenset[bytes]:
        """Give every piece that is looked for: none of them may be longer than what stays together on a page."""
        whole = (*self.words, self.number.encode())
        values = (*self.stored, *self.keys)
        return frozenset((*whole, *(piece for value in values for piece in cut(value))))


def cut(value: bytes) -> Iterator[bytes]:
    """Give pieces of a value, its beginning and its end among them, and several of what fills a page."""
    yield value[-PIECE:]
    yield from (value[at : at + PIECE] for at in range(0, max(1, len(value) - PIECE), 32 * PIECE))


def as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


class Disk:
    """Every file of a data directory as it is on disk, while the store is open.

    The files stay open until the end: closing one would drop the store's own lock.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[Path, int] = {}

    def content(self) -> bytes:
        """Give every byte of every file."""
        return b"".join(self._read(file) for file in sorted(self._folder.rglob("*")) if file.is_file())

    def found(self, traces: Traces) -> frozenset[bytes]:
        """Give the pieces of a case that are there."""
        content = self.content()
        return frozenset(piece for piece in traces.pieces() if piece in content)

    def close(self) -> None:
        for one in self._open.values():
            os.close(one)
        self._open = {}

    def _read(self, file: Path) -> bytes:
        if file not in self._open:
            self._open[file] = os.open(file, os.O_RDONLY)
        return os.pread(self._open[file], os.fstat(self._open[file]).st_size, 0)


def played(number: int, draw: random.Random) -> tuple[Casework, Traces]:
    """Give a closed case in which every free text is a marked word."""
    traces = Traces(f"IL-2026-{number:04d}", f"{draw.getrandbits(128):032x}")

    def word() -> str:
        traces.words.append(f"kanarie{draw.getrandbits(64):016x}".encode())
        return traces.words[-1].decode()

    work = Casework(FRAMEWORKS.current, actor(BRAM), CLOSED, case=Case(traces.case))
    work.do(do.OpenCase(traces.number, "nl"))
    work.answer({**NEWSPAPER, "omschrijving": word()})
    work.do(do.Deviate("persreactie", "th", word()))
    work.do(do.FinishCase())
    # A remark with every answer, as it is stored.
    work.transcript = [
        replace(one, event=replace(one.event, note=word())) if isinstance(one.event, AnswerGiven) else one
        for one in work.transcript
    ]
    return work, traces


async def fill(room: KeepingRoom, first: int, draw: random.Random) -> list[Traces]:
    """Keep cases with everything that can be beside them."""
    store, found = room.office.store, []
    for number in range(first, first + TOGETHER):
        work, traces = played(number, draw)
        rows = room.office.cases
        inbox = key(traces.number)
        write = rows.to_write(rows.fresh(work.case.id), work.case, work.transcript, "tenant", inbox)
        card = handle(f"handle {number}", case=traces.case)
        await store.commit(replace(write, inbox=inbox, handles=(card,), chat=chat(active_case=traces.case)))
        await store.commit(Write(owed=(owed_card(traces.case),)))
        (owed,) = [one for one in await store.due(DUE) if one.case == traces.case and one.kind == "card"]
        await store.keep_progress(replace(owed, progress={"posted": {"activity": traces.number}}))
        await store.sign_off(traces.case)
        found.append(traces)
    return found


async def propose_all(room: KeepingRoom, cases: list[Traces], draw: random.Random) -> None:
    """Hold each dossier for a while, and propose its destruction."""
    room.office.now = DUE
    for traces in cases:
        reasons = [f"kanarie{draw.getrandbits(64):016x}" for _ in range(2)]
        traces.words += [reason.encode() for reason in reasons]
        await room.type(ELS, f"bewaar {traces.number} {reasons[0]}")
        await room.type(FLEUR, f"vrijgeven {traces.number} {reasons[1]}")
        await room.type(ELS, f"vernietig {traces.number}")
        await room.press(ELS, "destroy", "ja")
    room.office.now = DUE + timedelta(days=7)


async def confirm(room: KeepingRoom, traces: Traces) -> None:
    """Destroy a case as the second keeper does."""
    await room.type(FLEUR, f"vernietig {traces.number}")
    assert "is vernietigd" in await room.press(FLEUR, "destroy", "ja")


async def reopened(room: KeepingRoom, folder: Path) -> KeepingRoom:
    """Start the bot anew."""
    await room.office.store.close()
    again = open_room(folder)
    again.office.now, again.office.sent = room.office.now, room.office.sent
    return again


async def interrupted(room: KeepingRoom, folder: Path, traces: Traces) -> KeepingRoom:
    """Destroy a case in a process that ends between the rows and the key, and start it anew."""

    def killed(case: str) -> None:
        raise StoreUnavailable("killed")

    room.office.store.keyring.discard = killed
    await room.type(FLEUR, f"vernietig {traces.number}")
    assert "NIET OPGESLAGEN" in await room.press(FLEUR, "destroy", "ja")
    return await reopened(room, folder)


async def destroy_some(folder: Path, first: int, keepers: list[Keeper], draw: random.Random) -> tuple[int, int]:
    """Destroy most cases of one store, each by two keepers; give how many, and how many pieces were looked for."""
    room, disk, looked_for = open_room(folder), Disk(folder), 0
    cases = await fill(room, first, draw)
    going, staying = cases[STAY:], cases[:STAY]
    await propose_all(room, going, draw)
    await room.office.store.seal(going[0].case, keepers)
    await room.office.store.backup(folder.with_name(f"backup-{first}"))
    for number, traces in enumerate(going):
        traces.take(room.office.store)
        # All of it was there: what is not found afterwards was looked for in the right way.
        assert disk.found(traces) == traces.pieces() - set(traces.words)
        looked_for += len(traces.pieces())
        if number % 10 == 1:
            disk.close()
            room = await interrupted(room, folder, traces)
        else:
            await confirm(room, traces)
        assert disk.found(traces) == frozenset()
    disk.close()
    await check_rest(room, going, staying)
    await room.office.store.close()
    assert [traces.number for traces in going if disk.found(traces)] == []
    disk.close()
    return len(going), looked_for


async def check_rest(room: KeepingRoom, gone: list[Traces], staying: list[Traces]) -> None:
    """Check what remains: certificates of what is gone, and whole cases of what stays."""
    store = room.office.store
    assert await store.check() == ()
    certificates = {one.number: one for one in await store.certificates()}
    assert certificates.keys() == {traces.number for traces in gone}
    assert [entry.number for entry in await store.entries()] == [traces.number for traces in staying]
    for traces in gone:
        assert await store.entry(traces.number) is None
        assert await store.load(traces.case) == ()
        assert certificates[traces.number].events > 20
    for traces in staying:
        assert (await room.office.cases.load(traces.case)).case.number == traces.number


async def is_opened_by_a_backup(folder: Path, first: int, work: Path) -> bool:
    """Tell whether a database from before the destructions opens a destroyed case with the keys of now."""
    store_file = work / "store.sqlite"
    shutil.copy(folder.with_name(f"backup-{first}"), store_file)
    shutil.copy(keys_path(folder / "store.sqlite"), keys_path(store_file))
    shutil.copy(folder / "data.key", work / "data.key")
    store = open_store(store_file)
    try:
        entries = await store.entries()
        assert len(entries) == TOGETHER
        return any([await opens(store, entry.id) for entry in entries[STAY:]])
    finally:
        await store.close()


async def opens(store: SqliteStore, case: str) -> bool:
    try:
        return bool(await store.load(case))
    except TranscriptDamaged:
        return False


def test_nothing_of_a_destroyed_case_is_left_in_any_file(tmp_path: Path) -> None:
    draw = random.Random(report.SEED)
    keepers = list(read_keepers([make(tmp_path, "els"), make(tmp_path, "fleur")]))
    destroyed = looked_for = 0
    while destroyed < report.figure(200, 5_000):
        folder, old, first = tmp_path / f"room-{destroyed}", tmp_path / f"old-{destroyed}", destroyed
        old.mkdir()
        more, pieces = asyncio.run(destroy_some(folder, first, keepers, draw))
        assert not asyncio.run(is_opened_by_a_backup(folder, first, old))
        destroyed, looked_for = destroyed + more, looked_for + pieces
        shutil.rmtree(folder)
    report.say(
        "E17",
        f"{destroyed} cases destroyed by two keepers each, a tenth of them cut off in the middle:"
        f" 0 of {looked_for} marked words, ciphertexts and keys left in any file",
    )


@pytest.mark.parametrize("sabotage", ["rows", "key"])
def test_the_search_finds_what_a_careless_destruction_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sabotage: str
) -> None:
    left, traces = asyncio.run(careless(tmp_path / "room", monkeypatch, sabotage))
    kept = traces.keys if sabotage == "key" else traces.stored
    assert left
    assert left <= {piece for value in kept for piece in cut(value)} | {traces.number.encode()}


async def careless(folder: Path, monkeypatch: pytest.MonkeyPatch, sabotage: str) -> tuple[frozenset[bytes], Traces]:
    """Destroy a case without cleaning up, or without discarding its key; give what is left."""
    room, draw = open_room(folder), random.Random(report.SEED)
    store, cases = room.office.store, (await fill(room, 0, draw))[:1]
    await propose_all(room, cases, draw)
    cases[0].take(store)
    if sabotage == "key":
        monkeypatch.setattr(store.keyring, "discard", lambda case: None)
    else:
        monkeypatch.setattr("bot.storage.sqlite.leave_nothing_behind", lambda db: None)
        store._db.execute("PRAGMA secure_delete = OFF")
    await confirm(room, cases[0])
    await store.close()
    disk = Disk(folder)
    left = disk.found(cases[0])
    disk.close()
    return left, cases[0]
