"""The bot's own words: both languages whole, and a sentence for everything that can be said."""

import re
from datetime import datetime
from string import Formatter

import pytest

from bot import errors as shell
from dialogs.dates import read_date, read_moment
from dialogs.wording import read_wording
from state import errors as core
from tests.dialogs.stage import LANGUAGES, ROOT, wording

# Never said to a person in the chat: they stop a command or the start, or are tried again unseen.
UNSAID = {"case", "case_sealed", "framework", "shell", "settings", "number_taken", "export_failed"}


def _subclasses(cls: type) -> set[type]:
    return {cls}.union(*(_subclasses(sub) for sub in cls.__subclasses__()))


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys_with_the_same_fields():
    dutch, english = (wording().sentences[language] for language in LANGUAGES)
    assert dutch.keys() == english.keys()
    assert {key for key in dutch if _fields(dutch[key]) != _fields(english[key])} == set()


def test_every_refusal_has_its_sentence():
    codes = {error.code for base in (core.CaseError, shell.ShellError) for error in _subclasses(base)}
    assert codes - UNSAID - wording().sentences["nl"].keys() == set()


def test_every_key_that_the_conversation_names_has_its_sentence():
    sources = [*(ROOT / "dialogs").glob("*.py"), ROOT / "bot" / "turn.py"]
    pattern = re.compile(r'(?:Misread|ReadError|TextScreen|_say|_again)\((?:scene, )?"([a-z_]+)"')
    named = {key for path in sources for key in pattern.findall(path.read_text("utf-8"))}
    assert len(named) > 20
    assert named - wording().sentences["nl"].keys() == set()


def test_every_key_is_used():
    sources = [*(ROOT / "dialogs").rglob("*.py"), *(ROOT / "bot").rglob("*.py"), *(ROOT / "state").glob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    groups = set(re.findall(r'f"([a-z_]+)\.\{', text)) | set(re.findall(r'f"([a-z_]+\.[a-z_]+)_?\{', text))
    # Keys that are put together in the code.
    made = tuple(f"{group}." for group in groups if "." not in group) + tuple(group for group in groups if "." in group)
    unused = {
        key
        for key in wording().sentences["nl"]
        # `error` is said by the handler of Teams for what nobody foresaw.
        if f'"{key}"' not in text and not key.startswith(made) and key not in {"error", *_codes()}
    }
    assert unused == set()


def _codes() -> set[str]:
    return {error.code for base in (core.CaseError, shell.ShellError) for error in _subclasses(base)}


def test_another_language_is_answered_in_dutch():
    assert wording().say("button.back", "de") == wording().say("button.back", "nl") == "Terug"


def test_fills_in_fields():
    assert "1 tot en met 7" in wording().say("no_such_option", "nl", last="7")


def test_refuses_a_value_that_yaml_does_not_take_for_words():
    with pytest.raises(ValueError, match=r"a\.b: not a text"):
        read_wording("a: {b: no}", "a: {b: 'no'}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_accuses_nobody_and_calls_nothing_secret(language):
    text = "\n".join(wording().sentences[language].values())
    assert not re.search(r"\b(dader|verdachte|geheim|culprit|suspect|perpetrator|secret)\b", text, re.IGNORECASE)


def test_speaks_to_people_with_u():
    text = "\n".join(wording().sentences["nl"].values())
    assert not re.search(r"\b(je|jij|jouw|jullie)\b", text)


def test_the_literal_sentences_of_the_specification_stand():
    say = wording().say
    assert say("disclaimer", "nl") == (
        "Hulpmiddel bij de afweging. Feiten en omstandigheden verschillen per geval: "
        "er zijn geen standaardacties. Mensen besluiten."
    )
    assert say("channel.marking", "nl") == "VERTROUWELIJK - uitsluitend CMT - niet doorsturen"
    assert say("channel.no_people", "nl") == "Persoonsgerichte stappen staan niet op deze kaart."
    assert say("channel.discuss", "nl") == "Bespreek personen en inhoud niet in dit kanaal."
    assert say("channel.in_dossier", "nl") == "Toelichting in het dossier."
    assert say("term.until_report_late", "nl", moment="do 26-11-2026 08:30") == (
        "Termijn verstreken op do 26-11-2026 08:30. Alsnog melden met motivering van de vertraging (AVG art. 33 lid 1)."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["datetime_back", "datetime_ahead", "date_back", "date_ahead"])
def test_every_example_of_a_date_can_be_typed(kind, language):
    now = datetime.fromisoformat("2026-11-24T10:00:00+01:00")
    read = read_moment if kind.startswith("datetime") else read_date
    examples = wording().say(f"examples.{kind}", language).partition(": ")[2].strip(".")
    typed = [wording().say(f"placeholder.{kind}", language), *re.split(r", | of | or ", examples)]
    assert len(typed) > 3
    for text in typed:
        assert read(text, now, language, direction=kind.partition("_")[2])
