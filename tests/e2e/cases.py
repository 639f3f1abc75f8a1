"""A whole case at the Playground, question by question."""

from collections.abc import AsyncIterator

from bot.shelf import open_frameworks
from state.framework import Question
from tests.casework import NEWSPAPER
from tests.e2e.client import Client

QUESTIONS = open_frameworks(None).current.framework.questions


async def asked(anja: Client, language: str) -> AsyncIterator[Question]:
    """Give question after question as the cards ask them; each is answered once."""
    texts = {" ".join(question.text.in_language(language).split()): question for question in QUESTIONS}
    seen: set[str] = set()
    while "Hulpmiddel bij" not in (words := await anja.words()) and "An aid to" not in words:
        question = next(question for text, question in texts.items() if text in words)
        assert question.id not in seen, f"asked again: {words}"
        seen.add(question.id)
        yield question


def typed(question: Question, **others: str) -> str:
    """Give what is typed to answer a question as in the newspaper's case, or otherwise by its id."""
    given = {**NEWSPAPER, **others}.get(question.id)
    numbers = {option.id: str(number) for number, option in enumerate(question.options, 1)}
    if given is None:
        return "skip"
    if question.type == "datetime":
        return "20-11 8:15"
    return ",".join(numbers.get(one, one) for one in ([given] if isinstance(given, str) else given))


async def advised(person: Client, **others: str) -> None:
    """Answer every question by typing, in Dutch, as in the newspaper's case but for `others`."""
    await person.type("nieuw")
    async for question in asked(person, "nl"):
        await person.type(typed(question, **others).replace("skip", "overslaan"))
    await person.says("Advies bij zaak")


async def posted(person: Client) -> None:
    """Bring a case to a card in the channel, and go there."""
    await advised(person)
    await person.type("onderwerp 1")
    await person.type("plaats")
    await person.says("De kaart staat in het CMT-kanaal")
    await person.open_channel()
    await person.says("VERTROUWELIJK")
