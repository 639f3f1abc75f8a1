"""The metadata of a dossier: valid, complete for an archive, and without anything of the case in it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bot.dossier.mdto import DOSSIER, RECORD, Organisation, Record, Retention, to_mdto, to_record
from state import commands as do
from state.advice import AMSTERDAM
from state.events import Actor
from tests.bot.dossier.cases import ANJA, BRAM, NASTY, NOW, dossier_of, full, handed_over, mini, weighed
from tests.casework import Casework

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parents[2] / "data" / "schemas" / "mdto" / "MDTO-XML1.0.1.xsd"))
MDTO = "{https://www.nationaalarchief.nl/mdto}"
TOWN = Organisation("gemeente Voorbeeld", "gm9999")
FIVE = Retention("21.1", "Adviseren: verstrekt", 5)
FILES = {
    "transcript.json": b"{}",
    "dossier.pdf": b"%PDF-1.7",
    "framework.yaml": b"a: b",
    "transcript.html": b"<!DOCTYPE html>",
    "transcript.md": b"# x",
    "heads.jsonl": b"{}\n",
    "verify.sh": b"#!/bin/sh",
    "key.pem": b"-",
    "checkpoint.txt": b"x",
    "bodies/000001.json": b"{}",
}
# What must never stand in metadata, as on the card (output.md, part 2): words of each forbidden kind.
FORBIDDEN = (
    "klokkenluid",
    "geschorst",
    "ordemaatregel",
    "disciplin",
    "integriteit",
    "betrokken",
    "bron van",
    "gehoord",
)


def record_of(work: Casework, retention: Retention | None = FIVE) -> Record:
    return to_record(dossier_of(work), TOWN, retention)


def parsed(found: dict[str, bytes]) -> dict[str, etree._Element]:
    """Give the metadata files as XML, each of them valid."""
    trees = {path: etree.fromstring(content) for path, content in found.items()}
    for path, tree in trees.items():
        assert SCHEMA.validate(tree), (path, SCHEMA.error_log)
    return trees


def values(tree: etree._Element, path: str) -> list[str]:
    """Give the texts at a path of element names."""
    return [str(one.text) for one in tree.iterfind(".//" + "/".join(MDTO + name for name in path.split("/")))]


# --- valid, with teeth -----------------------------------------------------------------


@pytest.mark.parametrize("retention", [None, FIVE, Retention("4.1.4", "Onderzoek", None)], ids=str)
@pytest.mark.parametrize("work", [full, weighed, handed_over], ids=lambda make: make.__name__)
def test_every_file_is_valid(work, retention: Retention | None):
    found = to_mdto(record_of(work(), retention), FILES)
    assert set(found) == {DOSSIER, RECORD, *(f"mdto/{path}.bestand.mdto.xml" for path in FILES)}
    parsed(found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<waardering>", b"<waardeering>"),
        (b"<naam>", b"<naam/><naam>"),
        (b"2026-11-23T", b"23-11-2026T"),
        (b"P5Y", b"5 jaar"),
        (b'https://www.nationaalarchief.nl/mdto"', b'https://example.org/mdto"'),
        (b"<taal>nl</taal>", b""),
    ],
)
def test_the_schema_has_teeth(before: bytes, after: bytes):
    sound = to_mdto(record_of(full()), FILES)[RECORD]
    assert before in sound
    spoiled = sound.replace(before, after, 1)
    if after.startswith(b"<waardeering"):
        spoiled = spoiled.replace(b"</waardering>", b"</waardeering>", 1)
    if after:
        assert not SCHEMA.validate(etree.fromstring(spoiled))
    else:  # what may be left out may be left out
        assert SCHEMA.validate(etree.fromstring(spoiled))


# --- what an archive needs -------------------------------------------------------------


def test_says_of_the_record_what_an_archive_must_know():
    work = full()
    record = record_of(work)
    tree = parsed(to_mdto(record, FILES))[RECORD]
    assert values(tree, "informatieobject/identificatie/identificatieKenmerk") == [f"IL-2026-0042-v{record.version}"]
    assert record.version == len(work.transcript)
    assert values(tree, "aggregatieniveau/begripLabel") == ["Archiefstuk"]
    assert values(tree, "waardering/begripCode") == ["V"]
    assert values(tree, "bewaartermijn/termijnLooptijd") == ["P5Y"]
    assert values(tree, "bewaartermijn/termijnStartdatumLooptijd") == ["2026-11-23"]
    assert values(tree, "bewaartermijn/termijnEinddatum") == ["2031-11-23"]
    assert values(tree, "informatiecategorie/begripCode") == ["21.1"]
    assert values(tree, "dekkingInTijdBegindatum") == ["2026-11-20"]
    assert values(tree, "dekkingInTijdEinddatum") == ["2026-11-23"]
    assert values(tree, "archiefvormer/verwijzingIdentificatie/identificatieKenmerk") == ["gm9999"]
    assert values(tree, "beperkingGebruikNadereBeschrijving") == ["Awb 2:5; AVG; alleen beslisser en dossierhouder"]
    assert values(tree, "heeftRepresentatie/verwijzingNaam") == sorted(FILES)
    assert values(tree, "event/eventType/begripLabel") == ["Creatie", "Vaststelling"]
    assert values(tree, "event/eventResultaat")[1].endswith(dossier_of(work).link[:16])
    assert all(len(name) <= 80 for name in values(tree, "naam"))


def test_the_dossier_and_its_record_point_at_each_other():
    trees = parsed(to_mdto(record_of(full()), FILES))
    whole, part = trees[DOSSIER], trees[RECORD]
    assert values(whole, "aggregatieniveau/begripLabel") == ["Dossier"]
    key = "verwijzingIdentificatie/identificatieKenmerk"
    assert (
        values(whole, f"bevatOnderdeel/{key}")
        == values(part, "informatieobject/identificatie/identificatieKenmerk")[:1]
    )
    assert values(part, f"isOnderdeelVan/{key}") == ["IL-2026-0042"]


@pytest.mark.parametrize("path", FILES)
def test_says_of_a_file_what_it_is_and_its_sum(path: str):
    trees = parsed(to_mdto(record_of(full()), FILES))
    tree = trees[f"mdto/{path}.bestand.mdto.xml"]
    assert values(tree, "naam") == [path]
    assert values(tree, "omvang") == [str(len(FILES[path]))]
    assert values(tree, "checksumWaarde") == [sha256(FILES[path]).hexdigest()]
    known = {"pdf": "fmt/479", "json": "fmt/817", "yaml": "fmt/818", "html": "fmt/471", "md": "fmt/1149"}
    assert values(tree, "bestandsformaat/begripCode") == [known.get(path.rpartition(".")[2], "x-fmt/111")]
    record = values(trees[RECORD], "informatieobject/identificatie/identificatieKenmerk")
    assert values(tree, "isRepresentatieVan/verwijzingIdentificatie/identificatieKenmerk") == record[:1]
    assert values(tree, "identificatie/identificatieKenmerk")[0] in values(
        trees[RECORD], "heeftRepresentatie/verwijzingIdentificatie/identificatieKenmerk"
    )


def test_a_signature_has_no_number_in_the_register_of_formats():
    tree = parsed(to_mdto(record_of(full()), {"MANIFEST.sig": bytes(64)}))["mdto/MANIFEST.sig.bestand.mdto.xml"]
    assert values(tree, "bestandsformaat/begripCode") == []


def test_what_is_kept_for_good_has_no_term():
    tree = parsed(to_mdto(record_of(full(), Retention("4.1.4", "Klokkenluider", None)), FILES))[RECORD]
    assert values(tree, "waardering/begripCode") == ["B"]
    assert values(tree, "termijnLooptijd") == []
    assert values(tree, "informatiecategorie/begripCode") == ["4.1.4"]


def test_the_value_of_a_case_that_goes_on_is_still_to_be_found():
    tree = parsed(to_mdto(record_of(weighed()), FILES))[RECORD]
    assert values(tree, "waardering/begripLabel") == ["Nog te bepalen bij het afsluiten"]
    assert values(tree, "informatiecategorie/begripCode") + values(tree, "dekkingInTijdEinddatum") == []
    assert values(tree, "event/eventType/begripLabel") == ["Creatie"]


@pytest.mark.parametrize(
    ("answer", "day"),
    [
        ("onbekend", "2026-11-23"),
        ("2026-11-20T23:30:00+00:00", "2026-11-21"),
        ("2026-11-20T08:15:00+01:00", "2026-11-20"),
    ],
)
def test_covers_the_time_since_the_leak_was_known_or_the_case_began(answer: str, day: str):
    work = Casework(mini(), BRAM, NOW).open()
    work.do(do.GiveAnswer("betrokken", "nee"))
    work.do(do.GiveAnswer("sinds", answer))
    assert record_of(work).covers_from == date.fromisoformat(day)


def test_same_state_same_bytes():
    assert to_mdto(record_of(full()), FILES) == to_mdto(record_of(full()), dict(reversed(FILES.items())))


# --- and nothing of the case -----------------------------------------------------------


def everything(found: dict[str, bytes]) -> str:
    """Give all paths and texts of metadata, without the schema's own words."""
    return "\n".join(part for path, tree in parsed(found).items() for part in (path, *map(str, tree.itertext())))


@pytest.mark.parametrize("work", [full, handed_over, weighed], ids=lambda make: make.__name__)
def test_names_nobody_and_tells_nothing_of_the_case(work):
    said = everything(to_mdto(record_of(work()), FILES))
    for actor in (ANJA, BRAM):
        for secret in (actor.id, actor.name, *actor.name.split(" ")[-1:], actor.function):
            assert secret not in said
    for secret in (NASTY, "Regel één", "bestuurlijk", "gezondheid", "Gezondheid", "Het team vraagt erom"):
        assert secret not in said
    assert not [word for word in FORBIDDEN if word in said.lower()]


def test_the_words_of_a_category_stay_out():
    for label in ("Onderzoek na melding van een klokkenluider", "Handhaving: maatregel tegen Bram"):
        said = everything(to_mdto(record_of(full(), Retention("12.2", label, 10)), FILES))
        assert label not in said and "Bram" not in said


@settings(max_examples=40, deadline=None)
@given(
    st.text(min_size=12, max_size=60).filter(str.strip),
    st.lists(st.sampled_from(["naam", "gezondheid"]), min_size=1, unique=True),
    st.booleans(),
)
def test_no_answer_note_name_or_reason_gets_into_the_metadata(text, kinds, closed):
    """Two cases that differ in all that people answered and wrote have the same metadata but for the chain's print."""

    def played(text: str, kinds: tuple[str, ...], name: str) -> dict[str, bytes]:
        work = Casework(mini(), Actor(BRAM.id, name, text, "assessor"), NOW).open()
        work.do(do.GiveAnswer("betrokken", "nee", text))
        work.do(do.GiveAnswer("sinds", "2026-11-20T08:15:00+01:00", text))
        work.do(do.GiveAnswer("gegevens", "ja", text))
        work.do(do.GiveAnswer("soorten", kinds, text))
        work.do(do.SkipQuestion("toelichting"))
        work.do(do.SkipQuestion("evaluatiedatum"))
        work.do(do.Deviate("gesprek", "to", text))
        if closed:
            work.do(do.FinishCase())
        return to_mdto(replace(record_of(work), print="0" * 16), FILES)

    assert played(f"x{text}", tuple(kinds), text) == played("geheim", ("anders",), "Iemand Anders")


# --- odd values from elsewhere ---------------------------------------------------------


@given(st.text(), st.text())
@settings(max_examples=40, deadline=None)
def test_any_name_of_an_organisation_gives_valid_xml(name: str, code: str):
    record = replace(record_of(weighed()), organisation=Organisation(name + "\ud800\x00\uffff<&>]]>", code))
    parsed(to_mdto(record, {"a": b""}))


def test_a_term_from_the_29th_of_february_ends_on_the_first_of_march():
    leap = datetime(2028, 2, 29, 12, tzinfo=AMSTERDAM)
    record = replace(record_of(full()), closed=leap, last=leap + timedelta(0))
    assert values(parsed(to_mdto(record, {}))[RECORD], "bewaartermijn/termijnEinddatum") == ["2033-03-01"]
