"""The reader of framework files: bytes to a framework or to its mistakes."""

from collections.abc import Iterator
from hashlib import sha256

from state.compiled import compile_framework
from state.errors import FrameworkError
from state.graph import to_mermaid
from state.questionnaire import asked
from state.reader import read_framework
from state.weighing import missing, weigh
from tests.conftest import NOW
from tests.trust.fuzz.mutations import bytewise, linewise
from tests.trust.fuzz.target import TESTS, Target


def read_a_framework(data: bytes) -> None:
    """Read a framework file; what is one can be compiled, weighed and drawn."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return
    try:
        framework = read_framework(text, "f.yaml")
    except FrameworkError as error:
        assert error.findings
        assert all(finding.line >= 1 and finding.column >= 1 and finding.message for finding in error.findings)
        return
    compiled = compile_framework(framework, sha256(data).hexdigest())
    assert asked(compiled, {})
    weigh(compiled, {}, NOW)
    missing(compiled, {}, NOW)
    to_mermaid(framework)


def _frameworks() -> Iterator[bytes]:
    yield (TESTS / "state" / "tiny.yaml").read_bytes()
    yield (TESTS / "dialogs" / "small.yaml").read_bytes()
    yield (TESTS / "bot" / "dossier" / "mini.yaml").read_bytes()


TARGET = Target(read_a_framework, _frameworks, (linewise, linewise, bytewise), most=16_384)
