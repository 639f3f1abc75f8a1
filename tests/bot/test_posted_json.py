"""Everything that reaches the channel, searched as a whole for what may never be there (output.md, part 2)."""

import asyncio
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.shelf import PUBLISHED
from bot.teams.speaking import to_message
from state import commands as do
from state.events import AnswerValue
from state.nodes import read_nodes
from state.questionnaire import check_answer, effective_answers
from state.weighing import weigh
from tests.bot.desk import ANJA, DIRK, FRAMEWORKS, NOW, Desk
from tests.builders import answer_paths, values
from tests.casework import NEWSPAPER, Casework
from tests.dialogs.talk import Talk
from tests.stores import open_store

COMPILED = FRAMEWORKS.current
FRAMEWORK = COMPILED.framework
SENSITIVE = frozenset(question.id for question in FRAMEWORK.questions if not question.channel)
SECRET, REMARK = "Zwartewaterkade", "Grutterswal"
# Everything that a person might type to get a card after all.
INSISTING = ("verder", "onderwerp 1", "voorbeeld", "plaats", "plaats", "afronden", "onderwerp 2", "plaats")
SCENARIOS = sorted((PUBLISHED / "2.0" / "scenarios").glob("C*.yaml"))

several = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def private_texts() -> set[str]:
    """Give every text of the framework that is not for the channel and part of none that is."""
    closed = {step.id for step in FRAMEWORK.steps if not step.channel}
    private, open_ = set(), set()
    for step in FRAMEWORK.steps:
        (open_ if step.channel else private).update((step.name.nl, step.description.nl))
    for rule in FRAMEWORK.rules:
        (open_ if rule.channel and not closed >= set(rule.steps) else private).add(rule.reason.nl)
    for question in FRAMEWORK.questions:
        labels = [option.label.nl for option in question.options if " " in option.label.nl]
        (open_ if question.channel else private).update((question.text.nl, question.help.nl, *labels))
    for stop in FRAMEWORK.stops:
        (open_ if stop.channel else private).update((stop.name.nl, stop.text.nl))
    everything_open = " ".join(open_).casefold()
    return {text.casefold() for text in private if text.casefold() not in everything_open}


PRIVATE = private_texts()
# Words for what output.md names; each stands in no text that is for the channel.
WORDS = ("klokkenluid", "geschorst", "schorsing", "ordemaatregel", "disciplinair", "verdachte", 'geheim"', "bsn")
PEOPLE = (ANJA.name, ANJA.id, DIRK.name, DIRK.id, "chat-anja", "28:bot")


def talked(answers: Mapping[str, AnswerValue], data: st.DataObject | None = None) -> Talk:
    """Play a case with a rare word in every free text and every remark, and then insist on a card."""
    work = Casework(COMPILED, ANJA, NOW).open()
    # Who is involved is asked nothing more.
    while work.case.phase == "asking" and work.case.open_question:
        question = FRAMEWORK.question_by_id[str(work.case.open_question)]
        value = answers.get(question.id)
        if value is None and question.optional:
            work.do(do.SkipQuestion(question.id))
            continue
        if value is None:
            assert data is not None, question.id
            value = data.draw(values(question))
        work.do(do.GiveAnswer(question.id, SECRET if question.type == "text" else value, REMARK))
    talk = Talk(COMPILED, ANJA, case=work.case, transcript=list(work.transcript), now=NOW)
    for text in INSISTING:
        if not talk.case.is_closed:
            talk.type(text)
    return talk


def posted(talk: Talk) -> list[bytes]:
    """Give the body of every message that reaches the channel."""

    async def post() -> list[bytes]:
        with tempfile.TemporaryDirectory() as folder:
            desk = Desk(open_store(Path(folder) / "store.sqlite"))
            await desk.keep(talk)
            for _ in range(3):
                await desk.outbox.work_once()
            await desk.store.close()
            sent = (*desk.teams.placeholders, *desk.teams.updates)
            return [json.dumps(to_message(one), ensure_ascii=False).encode() for one in sent]

    return asyncio.run(post())


def check(talk: Talk) -> None:
    """Search what was posted; nothing may be where a rule forbids a card."""
    bodies = posted(talk)
    advice = weigh(COMPILED, talk.case.answers, NOW)
    if advice.no_card_rules:
        assert bodies == []
        return
    assert len(bodies) == 2
    whole = b"\n".join(bodies).decode().casefold()
    assert [one for one in (*PRIVATE, *WORDS) if one in whole] == []
    assert [one for one in (SECRET, REMARK, *PEOPLE) if one.casefold() in whole] == []
    assert {json.loads(body)["summary"] for body in bodies} == {"Weegwijzer: nieuw bericht"}


def test_there_is_something_to_search_for() -> None:
    assert len(PRIVATE) > 60
    named = (
        "eigen_betrokkenheid mogelijke_bron klokkenluider immuniteit ambtsmisdrijf concrete_aanwijzing kring "
        "lichter_middel digitale_sporen protocol_kenbaar direct_gevaar_toegang omschrijving zwaarwegend"
    )
    assert set(named.split()) == SENSITIVE


def test_what_is_searched_is_what_people_see() -> None:
    placeholder, card = (body.decode() for body in posted(talked(NEWSPAPER)))
    assert "Advies volgt" in placeholder
    assert "Raad informeren" in card


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_no_scenario_shows_what_may_never_be_in_the_channel(path: Path) -> None:
    scenario = read_nodes(path.read_text("utf-8")).value
    answers = {key: check_answer(COMPILED, key, value) for key, value in scenario["answers"].items()}
    assert datetime.fromisoformat(scenario["now"])
    check(talked(answers))


@several
@given(answers=answer_paths(COMPILED), data=st.data())
def test_no_case_shows_what_may_never_be_in_the_channel(answers: dict[str, AnswerValue], data: st.DataObject) -> None:
    check(talked(answers, data))


def without_handles(bodies: Sequence[bytes]) -> list[bytes]:
    return [re.sub(rb'"handle": "[\w-]{22}"', b'"handle": ""', body) for body in bodies]


@several
@given(answers=answer_paths(COMPILED), others=answer_paths(COMPILED), data=st.data())
def test_sensitive_answers_change_no_byte_in_the_channel(
    answers: dict[str, AnswerValue], others: dict[str, AnswerValue], data: st.DataObject
) -> None:
    one = talked(answers, data)
    first = dict(one.case.answers)
    swapped = {key: value for key, value in first.items() if key not in SENSITIVE}
    swapped |= {key: value for key, value in others.items() if key in SENSITIVE}
    ordered = {question.id: swapped[question.id] for question in FRAMEWORK.questions if question.id in swapped}
    second = effective_answers(COMPILED, ordered)
    if set(second) - SENSITIVE != set(first) - SENSITIVE:
        return
    other = talked(second, data)
    same = {key: value for key, value in other.case.answers.items() if key not in SENSITIVE}
    bodies = posted(one), posted(other)
    if all(bodies) and same == {key: value for key, value in first.items() if key not in SENSITIVE}:
        # A handle is drawn at random, and means nothing outside.
        assert without_handles(bodies[0]) == without_handles(bodies[1])
