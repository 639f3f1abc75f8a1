"""What the conversations about passing a case on share: who talks, and what stands on their cards."""

from dialogs import screens
from dialogs.reading import read_text
from state.compiled import CompiledFramework
from state.events import Actor
from tests.casework import NEWSPAPER
from tests.dialogs.stage import wording
from tests.dialogs.talk import Talk, answered, recorded


def say(key: str, language: str = "nl", **parameters: str) -> str:
    return wording().say(key, language, **parameters)


def as_(talk: Talk, actor: Actor) -> Talk:
    """Let another person take the keyboard."""
    talk.actor = actor
    return talk


def under(talk: Talk, text: str) -> Talk:
    """Type under the last card, as the desk knows it."""
    talk.take(read_text(text, screens.context_of(talk.screen)))
    return talk


def posted(framework: CompiledFramework) -> Talk:
    talk = answered(framework, NEWSPAPER)
    talk.type("onderwerp 1")
    talk.type("plaats")
    talk.confirm_posted()
    talk.type("verder")
    return talk


def field(talk: Talk, name: str) -> str | None:
    """Give what stands in a field of the last card."""
    return next((one.get("value") for one in talk.render(talk.screen)["body"] if one.get("id") == name), None)


def refused(talk: Talk, text: str) -> str:
    """Give what is said to something that is refused."""
    outcome = talk.type(text)
    assert (recorded(outcome), outcome.case, outcome.refused) == ([], None, "no_such_case")
    return talk.said
