"""What every test may ask for: the real framework, people, and a PostgreSQL server."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from bot.shelf import open_framework, published
from state.compiled import CompiledFramework
from state.events import Actor
from tests.postgres.servers import Server, a_server

NOW = datetime.fromisoformat("2026-11-23T10:00:00+01:00")

ANJA = Actor("33333333-3333-4333-8333-333333333330", "Anja de Vries", "gemeentesecretaris", "decider")
BRAM = Actor("33333333-3333-4333-8333-333333333331", "Bram Jansen", "directeur", "assessor")
DIRK = Actor("33333333-3333-4333-8333-333333333333", "Dirk Smit", "wethouder", "decider")


@pytest.fixture(scope="session")
def framework() -> CompiledFramework:
    """Give the newest published framework."""
    return open_framework(published()[-1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Give a PostgreSQL server that the tests share; each takes a database of its own."""
    # Nobody cuts its power: what a killed process wrote, the system has.
    with a_server(fsync="off") as server:
        yield server
