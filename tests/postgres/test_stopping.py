"""A stop of one of two instances: what it has in hand it ends, and the other one does not do it again."""

from contextlib import AsyncExitStack
from pathlib import Path

from bot.data_key import write_key
from tests.bot.process import USER, a_process, holding_teams, owe_word
from tests.postgres.instances import a_store
from tests.postgres.servers import Server


async def test_what_a_stopped_instance_has_in_hand_is_done_once(postgres: Server, tmp_path: Path) -> None:
    url, key = postgres.new_database(), tmp_path / "data.key"
    write_key(key)
    settings = {"WEEGWIJZER_DATABASE_URL": url, "WEEGWIJZER_DATA_KEY_FILE": str(key)}
    async with holding_teams() as teams, a_store(url, key) as store, AsyncExitStack() as stack:
        await owe_word(store, teams)
        one = await stack.enter_async_context(a_process(tmp_path / "1", teams, **settings))
        await teams.until_taken()
        other = await stack.enter_async_context(a_process(tmp_path / "2", teams, **settings))
        await other.listens()
        await one.stop()
        teams.gate.set()
        assert (await one.ended())[0] == 0
        assert await store.owed() == 0
        # The locks of the first are free: the other one takes a turn on its case.
        await other.room.type(USER, "verder")
        await other.stop()
        assert (await other.ended())[0] == 0
        assert len(other.room.said(USER)) == 1 + 1
