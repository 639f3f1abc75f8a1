"""Whatever is typed, wherever a case stands: it never raises, and what only looks changes nothing."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialogs import screens
from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER
from tests.conftest import ANJA
from tests.dialogs.stage import LANGUAGES, presses
from tests.dialogs.talk import INVOLVED, REPORTER, Talk, answered, at, begun, copy, recorded

# What only looks, in both languages.
READ_ONLY = (
    "help", "hulp", "?", "hallo", "hi", "zaken", "my cases", "verder", "resume", "waar was ik", "herhaal", "again",
    "waarom", "why", "waarom 3", "why 31", "overzicht", "overview", "advies", "advice", "afwijken", "deviate",
    "afwijken 15", "onderwerp", "subject", "overdragen", "hand over", "stop", "taal en", "taal nl", "taal frans",
)  # fmt: skip
COMMANDS = (
    "nieuw", "new", "terug", "back", "pauze", "pause", "stop ja", "stop yes", "weet ik niet", "I don't know",
    "overslaan", "skip", "voorbeeld", "preview", "plaats", "post", "afronden", "finish", "overnemen", "accept",
    "weigeren", "decline", "intrekken", "withdraw", "verder 1", "case IL-2026-0042", "laat staan",
)  # fmt: skip
PIECES = (
    "1", "2", "7", "13", "31", "99", "0", ",", "en", "and", "wijzig", "change", "vraag", "waarom", "afwijken",
    "deviate", "onderwerp", "overdragen", "taal", "language", "verder", "zaak", "stop", "ja", "nee", "yes",
    "te overwegen", "clearly indicated", "to", "nao", "gisteren", "yesterday", "morgen", "over 2 weken", "14:30",
    "half drie", "drie uur", "'s middags", "31-02-2026", "29-03-2026 02:30", "25-10-2026 02:30", "0000-00-00",
    "9999-12-31T23:59:59Z", "maandag", "\n", "\u202e", "\u200b", "٣", "²", "½", "é", "e\u0301", "\ud7ff", "{{1}}",
    "{last}", "%s", "[x](y)", "…", "ß", "İ",
)  # fmt: skip

_joined = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).flatmap(
    lambda pieces: st.sampled_from([" ", "", ", "]).map(lambda between: between.join(pieces))
)
_spelled = st.tuples(
    st.sampled_from(READ_ONLY + COMMANDS), st.sampled_from(["{}", " {}!", "{}.", "{} {}", "{}\n"])
).map(lambda pair: pair[1].replace("{}", pair[0]))
typed = st.text(max_size=60) | _joined | _spelled | st.sampled_from(READ_ONLY + COMMANDS)


def _after(talk: Talk, *texts: str) -> Talk:
    for text in texts:
        talk.type(text)
    return talk


def _posted(talk: Talk) -> Talk:
    talk.confirm_posted()
    return talk


def _received(talk: Talk) -> Talk:
    talk.actor = ANJA
    return _after(talk, "verder")


_PHASES: Mapping[str, Callable[[CompiledFramework], Talk]] = {
    "no case": Talk,
    "first question": begun,
    "one answer": lambda framework: at(framework, "oorzaak"),
    "several answers": lambda framework: at(framework, "ontvanger"),
    "a moment": lambda framework: at(framework, "bekend_sinds"),
    "a text": lambda framework: at(framework, "omschrijving"),
    "a date": lambda framework: _after(answered(framework, NEWSPAPER), "wijzig 31"),
    "paused": lambda framework: _after(at(framework, "oorzaak"), "pauze"),
    "involved": lambda framework: answered(framework, INVOLVED),
    "advice": lambda framework: answered(framework, NEWSPAPER),
    "no card": lambda framework: answered(framework, REPORTER),
    "previewed": lambda framework: _after(answered(framework, NEWSPAPER), "onderwerp 1"),
    "posting": lambda framework: _after(answered(framework, NEWSPAPER), "onderwerp 1", "plaats"),
    "posted": lambda framework: _posted(_after(answered(framework, NEWSPAPER), "onderwerp 1", "plaats")),
    "new facts": lambda framework: _after(
        _posted(_after(answered(framework, NEWSPAPER), "onderwerp 1", "plaats")), "wijzig 8", "ja_risico"
    ),
    "offered": lambda framework: _after(answered(framework, INVOLVED), "overdragen 1"),
    "received": lambda framework: _received(_after(answered(framework, INVOLVED), "overdragen 1")),
    "someone else's": lambda framework: _received(at(framework, "oorzaak")),
    "finished": lambda framework: _after(answered(framework, NEWSPAPER), "afronden"),
    "stopped": lambda framework: _after(begun(framework), "stop ja"),
}


@pytest.fixture(scope="module")
def standing(framework: CompiledFramework) -> Callable[[str], Talk]:
    """Give a talk anew in any place where a case can stand; a function, which hypothesis can print."""
    places = {name: build(framework) for name, build in _PHASES.items()}
    return lambda where: copy(places[where])


# Another language puts the question anew, and that ends a pause.
_ASIDE = frozenset({"question.asked", "case.resumed"})


# --- properties ------------------------------------------------------------------------


@settings(max_examples=500, deadline=None)
@given(where=st.sampled_from(list(_PHASES)), language=st.sampled_from(LANGUAGES), text=typed)
@example(where="a text", language="nl", text="wijzig 5 en 6")
@example(where="a moment", language="en", text="29-03-2026 02:30")
def test_anything_typed_anywhere_is_answered(
    standing: Callable[[str], Talk], where: str, language: str, text: str
) -> None:
    talk = standing(where)
    talk.language = language
    before = talk.case
    outcome = talk.type(text)
    assert len(outcome.recorded) <= 3
    assert outcome.recorded or talk.case == before
    assert not outcome.recorded or outcome.notice is None
    assert _leads_on(talk)


@settings(max_examples=200, deadline=None)
@given(where=st.sampled_from(list(_PHASES)), text=st.sampled_from(READ_ONLY))
def test_what_only_looks_records_at_most_that_the_case_goes_on(
    standing: Callable[[str], Talk], where: str, text: str
) -> None:
    talk = standing(where)
    done = recorded(talk.type(text))
    assert set(done) <= {"case.resumed", "question.asked"}
    assert len(done) <= 1 or text.startswith("taal")
    assert recorded(talk.type(text)) == []
    before, after = standing(where).case, talk.case
    assert before is None or after is None or (before.answers, before.phase) == (after.answers, after.phase)


@settings(max_examples=200, deadline=None)
@given(where=st.sampled_from(list(_PHASES)), text=typed)
def test_in_either_language_the_same_happens(standing: Callable[[str], Talk], where: str, text: str) -> None:
    dutch, english = standing(where), standing(where)
    english.language = "en"
    first, second = recorded(dutch.type(text)), recorded(english.type(text))
    assert [kind for kind in first if kind not in _ASIDE] == [kind for kind in second if kind not in _ASIDE]


def _leads_on(talk: Talk) -> bool:
    """Tell whether the last card has something to press."""
    return bool(presses(talk.render(talk.screen))) or isinstance(talk.screen, screens.AnsweredScreen)
