"""E22: whoever said to be involved sees and steers nothing more, in 75 scenarios at the real desk."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import product

import pytest

from dialogs.deciding import VERBS
from dialogs.reading import PRESSED
from state.events import KIND_OF, AnswerGiven, QuestionAsked
from tests.trust import report
from tests.trust.involvement import DESCRIPTION, NUMBER, SITUATIONS, Story, by_changing_the_answer, opened
from tests.trust.standings import CANARY, CONFLICT, DECIDED, FRAMEWORK

REFUSED = {
    "nl": ("1", "overslaan", "terug", f"wijzig {DESCRIPTION}", "advies", "afwijken 1 te overwegen omdat", "onderwerp 1",
           "voorbeeld", "plaats", "stop", "stop ja", "een losse zin"),
    "en": ("1", "skip", "back", f"change {DESCRIPTION}", "advice", "deviate 1 consider because", "subject 1",
           "preview", "post", "stop", "stop yes", "some words"),
}  # fmt: skip
ALLOWED = {
    "nl": ("verder", "overzicht", "waarom", "waarom 5", "herhaal", "help", "zaken", "pauze", "verder", "afronden",
           "overdragen", "overdragen 9", "overnemen", "weigeren", f"verder {NUMBER}", f"zaak {NUMBER}", "hallo",
           "besluit", "teksten", "gedaan 1", "kaart intrekken", "overdragen 1 vakantie",
           f"heropen {NUMBER} er is nieuws", f"overdragen {NUMBER} de weger is ziek"),
    "en": ("resume", "overview", "why", "why 5", "repeat", "help", "cases", "pause", "resume", "finish",
           "hand over", "hand over 9", "accept", "decline", f"resume {NUMBER}", f"case {NUMBER}", "hello",
           "decide", "texts", "done 1", "withdraw the card", "hand over 1 holiday",
           f"reopen {NUMBER} there is news", f"hand over {NUMBER} the assessor is ill"),
}  # fmt: skip
WAY_ON = {"nl": ("overdragen", "intrekken"), "en": ("hand over", "withdraw")}
# What someone involved may still cause in their case.
STILL = {"case.offered", "offer.ended", "case.paused", "case.resumed"}

_held: list[str] = []
WITH_ANSWER = ("answer", "stop", "deviate", "subject", "why", "resume")


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    async with opened() as found:
        yield found


# --- what they try ---------------------------------------------------------------------


async def _type(story: Story, language: str) -> None:
    await story.take(story.me, f"taal {language}")
    for text in REFUSED[language]:
        holds, phase, before = await story.holds(), await story.phase(), await story.events()
        said = await story.take(story.me, text)
        # "Terug" takes an offer back.
        is_withdrawn = holds and phase == "offered" and text in ("terug", "back")
        assert (await story.events() != before) == is_withdrawn, text
        if holds and not is_withdrawn:
            assert any(way in said for way in WAY_ON[language]), (text, said[:400])
    for text in ALLOWED[language]:
        await story.take(story.me, text)


async def typing_dutch(story: Story) -> None:
    await _type(story, "nl")


async def typing_english(story: Story) -> None:
    await _type(story, "en")


async def pressing_every_old_card(story: Story) -> None:
    """Press every verb on every card that they ever got; but begin no other case, and correct no answer."""
    answers = (None, "1", "ja", "nee", "ja_ikzelf", "hand_over", "omschrijving", FRAMEWORK.steps[0].id, "lvh")
    presses = [("change", "omschrijving")]
    for verb in sorted(PRESSED - {"new", "change"}):
        presses += [(verb, answer) for answer in (answers if verb in WITH_ANSWER else (None,))]
    for handle, (verb, answer) in product(sorted(story.handles[story.me.id]), presses):
        data = {"verb": verb, "handle": handle, "note": "omdat het zo is"}
        await story.take(story.me, data if answer is None else {**data, "answer": answer})


async def pressing_cards_of_others(story: Story) -> None:
    """Press the cards of the others in the case, and cards that never were."""
    others = {handle for person, held in story.handles.items() if person != story.me.id for handle in held}
    before = await story.events()
    said = set()
    for handle in (*sorted(others), "0" * 22, "'; drop table handle; --"):
        for verb in sorted(PRESSED - {"new"}):
            said.add(await story.take(story.me, {"verb": verb, "handle": handle, "answer": "1"}))
    assert len(said) == 1
    assert await story.events() == before


async def pressing_the_channel_card(story: Story) -> None:
    """Press all that there is on the card, as it was and as it never was, in the channel and on its forms."""
    before, fields = await story.events(), {f"decided.{DECIDED}": "yes", "vouched": "true", "note": "omdat het zo is"}
    said = set()
    for verb, version, round_ in product(sorted(VERBS), (0, 1, 2), (0, 1)):
        for answer in ("", "yes", "record"):
            said.add(await story.press_card(story.me, verb, version, round_, answer=answer, **fields))
    # One sentence, whatever became of the case and the card.
    assert len(said) == 1
    assert "betrokken bent" in said.pop()
    for handle in sorted(story.handles[story.me.id]):
        for verb in sorted(VERBS):
            await story.take(story.me, {"verb": verb, "handle": handle, "answer": "yes", **fields})
    assert await story.events() == before


WAYS = (typing_dutch, typing_english, pressing_every_old_card, pressing_cards_of_others, pressing_the_channel_card)

Step = Callable[[Story], Awaitable[None]]


@pytest.mark.parametrize("way", WAYS, ids=lambda step: step.__name__)
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda step: step.__name__)
async def test_who_is_involved_sees_and_steers_nothing(story: Story, situation: Step, way: Step) -> None:
    await situation(story)
    await way(story)
    heard = story.heard()
    assert not [found for found in story.forbidden if found in heard]
    for event in await story.caused():
        about = event.question if isinstance(event, AnswerGiven | QuestionAsked) else None
        assert KIND_OF[type(event)] in STILL or about == CONFLICT, event
    if not await story.holds():
        assert NUMBER not in heard
    _held.append(f"{situation.__name__} {way.__name__}")


# --- the way out, and back -------------------------------------------------------------


async def test_they_can_hand_over_and_then_have_no_case(story: Story) -> None:
    await by_changing_the_answer(story)
    assert story.next.name in await story.take(story.me, "overdragen")
    await story.take(story.me, "overdragen 1")
    assert NUMBER in json.dumps([out.card for user, out in story.teams.told if story.next.id in user])
    assert CANARY not in json.dumps([out.card for user, out in story.teams.told if story.next.id in user])
    await story.take(story.next, "overnemen")
    assert not await story.holds()
    assert NUMBER not in await story.take(story.me, "zaken")


async def test_a_slip_of_the_finger_is_corrected_and_stays_in_the_transcript(story: Story) -> None:
    await by_changing_the_answer(story)
    await story.take(story.me, "wijzig 1")
    await story.take(story.me, "1")
    given = [event for event in await story.caused() if isinstance(event, AnswerGiven)]
    assert [(event.question, event.previous, event.value) for event in given] == [(CONFLICT, "ja_ikzelf", "nee")]
    assert CANARY in await story.take(story.me, "overzicht")


async def test_they_keep_their_own_input_and_see_the_protective_steps(story: Story) -> None:
    await by_changing_the_answer(story)
    said = await story.take(story.me, "verder")
    for step in FRAMEWORK.steps:
        assert (step.name.nl in said) == step.protective, step.id
    assert CANARY in await story.take(story.me, "overzicht")


async def test_each_refusal_and_each_reading_is_in_the_register(story: Story) -> None:
    await by_changing_the_answer(story)
    before = len(await story.office.store.register())
    await story.take(story.me, "advies")
    await story.take(story.me, "overzicht")
    noted = (await story.office.store.register())[before:]
    assert [(entry.action, entry.outcome) for entry in noted] == [
        ("refused", "conflict_of_interest"),
        ("read", "ok"),
        ("read", "ok"),
    ]
    assert {(entry.actor, entry.case) for entry in noted} == {(story.me.id, story.case)}


def test_the_line_of_this_suite() -> None:
    assert len(set(_held)) == len(SITUATIONS) * len(WAYS) == 75
    report.say("E22", f"{len(_held)} conflict-of-interest scenarios: 0 leaks, 0 effects, the way on said each time")
