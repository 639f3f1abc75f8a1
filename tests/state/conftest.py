"""What the tests of the decisions begin with: a case just opened, and one that was weighed."""

import pytest

from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER, Casework
from tests.conftest import BRAM, NOW
from tests.state.together import post


@pytest.fixture
def work(framework: CompiledFramework) -> Casework:
    return Casework(framework, BRAM, NOW).open()


@pytest.fixture
def weighed(work: Casework) -> Casework:
    return work.answer(NEWSPAPER)


@pytest.fixture
def posted(weighed: Casework) -> Casework:
    """Give a case whose card stands in the channel."""
    return post(weighed)
