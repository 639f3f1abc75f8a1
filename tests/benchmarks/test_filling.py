"""What the benchmarks put in a store beforehand is what the bot itself would have put there."""

from pathlib import Path

from benchmarks import filling
from benchmarks.connector import Connector
from benchmarks.larger import write_larger_framework
from benchmarks.people import people
from bot.cases import Cases
from bot.shelf import open_framework
from state.lifecycle import STOPPED
from tests.stores import open_store

EVERYONE = people(30)


async def test_a_filled_store_is_whole_and_its_cases_can_be_read(tmp_path: Path) -> None:
    frameworks = filling.installed()
    played = filling.weighed(frameworks, filling.assessor(next(iter(EVERYONE.values()))))
    count = await filling.fill(tmp_path / "data", filling.copies(played, EVERYONE.values()))
    store = open_store(tmp_path / "data" / "weegwijzer.sqlite")
    entries = await store.entries()
    assert count == len(EVERYONE) * len(played.transcript)
    assert {entry.holder for entry in entries} == set(EVERYONE.values())
    assert (await Cases(store, frameworks).load(entries[-1].id)).case.phase == STOPPED
    assert await store.check() == ()
    await store.close()


async def test_an_open_case_of_any_length_is_that_of_its_chat(tmp_path: Path) -> None:
    frameworks = filling.installed()
    case = filling.lengthened(filling.begun(frameworks, filling.assessor("x")), 200)
    await filling.fill(tmp_path / "data", filling.copies(case, EVERYONE.values(), Connector(EVERYONE)))
    store = open_store(tmp_path / "data" / "weegwijzer.sqlite")
    for user, object_id in EVERYONE.items():
        chat = await store.chat_of(object_id)
        assert chat is not None
        assert chat.reference.user_id == user
        loaded = await Cases(store, frameworks).load(chat.active_case or "")
        assert 200 <= loaded.case.version < 204
    assert await store.check() == ()
    await store.close()


def test_a_larger_framework_is_a_framework(tmp_path: Path) -> None:
    assert len(open_framework(write_larger_framework(tmp_path / "framework.yaml", 300)).framework.questions) == 300
