"""The benchmarks count only what was answered rightly: they must notice whatever is not."""

import json
import re
import sys
from collections.abc import Callable
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import pytest
from lxml.etree import fromstring

from benchmarks import process
from benchmarks.connector import Connector, listening
from benchmarks.documents import PAGE
from benchmarks.goals import Goal, goals_of
from benchmarks.load import EVERY, Load
from benchmarks.people import people
from benchmarks.picture import picture
from benchmarks.players import EchoPlayer, WrongReply
from benchmarks.results import Results, restore, save
from benchmarks.rounds import Plan, medians, play
from benchmarks.servers import SERVERS, Server, started

SABOTEUR = Server(
    "saboteur", "", "an echo with a fault", EchoPlayer, (sys.executable, str(Path(__file__).with_name("saboteur.py")))
)
FAULTS = ("drops", "changes", "mixes up", "says elsewhere", "says twice", "is late", "hangs up", "refuses")
SHORT = Plan(rounds=1, closed_seconds=0.5, open_seconds=0.5, conversations=24)


async def test_a_short_round_of_this_bot_and_the_bare_limit(tmp_path: Path) -> None:
    servers = [SERVERS["weegwijzer"], SERVERS["bare"]]
    results = Results(await play(SHORT, servers, tmp_path, lambda _: None))
    found = medians(results.measured)
    assert found.keys() == {(server.name, load) for server in servers for load in EVERY}
    assert all(figures.cpu_ms > 0 for figures in found.values())
    save(results, tmp_path / "results.json")
    assert restore(tmp_path / "results.json") == results
    assert {goal.number for goal in goals_of(results)} == {1, 2, 4, 5, 6}
    assert "Weegwijzer" in fromstring(picture(found, results.day))[1].text  # the words for who does not see it


def test_a_start_that_is_timed_compiles_nothing_of_the_bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [tmp_path / package / "module.py" for package in ("bot", "dialogs", "state")]
    for source in sources:
        source.parent.mkdir()
        source.touch()
    monkeypatch.setattr(process, "ROOT", tmp_path)
    process.compile_bot()
    assert all(Path(cache_from_source(str(source))).exists() for source in sources)


def test_a_goal_is_met_on_its_own_side() -> None:
    assert Goal(1, "CPU", 3, 2.9).is_met
    assert not Goal(1, "CPU", 3, 3.1).is_met
    assert Goal(2, "throughput", 0.4, 0.5, at_least=True).is_met
    assert not Goal(2, "throughput", 0.4, 0.3, at_least=True).is_met


def test_results_have_their_places_in_the_docs() -> None:
    page = PAGE.read_text("utf-8")
    assert all(page.count(f"<!-- {mark}{name} -->") == 1 for name in ("turns", "goals", "growth") for mark in ("", "/"))


async def run_against(server: Server, teams: Connector, home: Path, **settings: str) -> None:
    """Play a while with a server, as a round does."""
    async with listening(teams), started(server, teams, home, **settings) as running:
        load = Load(running, teams, [server.invite(teams, user) for user in teams.people], patience=2)
        await load.warm_up(spread=60, at_once=4)
        await load.settle()


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_server_with_a_fault_fails_the_run(fault: str, tmp_path: Path) -> None:
    with pytest.raises(WrongReply, match="saboteur"):
        await run_against(SABOTEUR, Connector(people(8)), tmp_path, FAULT=fault)


async def test_the_same_server_without_a_fault_does_not(tmp_path: Path) -> None:
    await run_against(SABOTEUR, Connector(people(8)), tmp_path, FAULT="none")


class FaultyTeams(Connector):
    """Spoils one of the bot's messages on its way to the person."""

    def __init__(self, fault: str) -> None:
        super().__init__(people(8))
        self._fault = fault
        self._taken = 0
        self._last: dict[str, Any] = {}

    def say(self, chat: str, message: Any) -> bytes:
        self._taken += 1
        spoiled = _FAULTS_OF_TEAMS[self._fault](message, self._last.get(chat)) if self._taken >= 50 else [message]
        if spoiled != [message]:
            self._taken = 0
        self._last[chat] = message
        for one in spoiled:
            super().say(chat, one)
        return b'{"id":"m1"}'


def _without_an_answer(message: Any, _: Any) -> list[Any]:
    """Take an answer from the overview, and leave every other message."""
    return [json.loads(re.sub(r'"\\u2713 [^"]*"', '"open"', json.dumps(message)))]


_FAULTS_OF_TEAMS: dict[str, Callable[[Any, Any], list[Any]]] = {
    "none": lambda message, _: [message],
    "lost": lambda message, _: [],
    "doubled": lambda message, _: [message, message],
    "the card before it": lambda _, before: [before],
    "words instead of a card": lambda message, _: [{"type": "message", "text": "Er ging iets mis."}],
    "answers gone from the overview": _without_an_answer,
}


@pytest.mark.parametrize("fault", [fault for fault in _FAULTS_OF_TEAMS if fault != "none"])
async def test_a_spoiled_message_of_this_bot_fails_the_run(fault: str, tmp_path: Path) -> None:
    with pytest.raises(WrongReply, match="weegwijzer"):
        await run_against(SERVERS["weegwijzer"], FaultyTeams(fault), tmp_path)


async def test_a_message_of_this_bot_as_it_is_does_not(tmp_path: Path) -> None:
    await run_against(SERVERS["weegwijzer"], FaultyTeams("none"), tmp_path)


async def test_a_second_run_on_the_same_store_does_not(tmp_path: Path) -> None:
    for _ in range(2):
        await run_against(SERVERS["weegwijzer"], Connector(people(8)), tmp_path)
