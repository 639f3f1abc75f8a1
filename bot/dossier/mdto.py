"""MDTO 1.0.1: what an archive must know of a dossier and of each of its files, without anything of the case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from xml.etree import ElementTree as Xml

from bot.dossier.mdto_parts import SOURCE, element, identity, moment, reference, term, to_bytes
from bot.dossier.transcript import Dossier
from state import lifecycle
from state.retention import day_of, years_later

DOSSIER = "mdto/dossier.mdto.xml"
RECORD = "mdto/archiefstuk.mdto.xml"

_LEVELS = "Begrippenlijst Aggregatieniveaus MDTO"
_EVENTS = "Begrippenlijst EventTypeLijst MDTO"
_VALUES = "Begrippenlijst Waarderingen MDTO"
_SUMS = "Begrippenlijst ChecksumAlgoritme MDTO"
_FORMATS = "PRONOM-register"
_SELECTION = "Selectielijst gemeenten en intergemeentelijke organen 2020"
_ACTIVITY = "Afwegen informatielek"

# By the end of the name; PRONOM has no id for the others, which are text or a bare signature.
_FORMAT_OF: Mapping[str, tuple[str, str]] = {
    ".pdf": ("Acrobat PDF/A - Portable Document Format 3a", "fmt/479"),
    ".json": ("JSON Data Interchange Format", "fmt/817"),
    ".yaml": ("YAML", "fmt/818"),
    ".html": ("Hypertext Markup Language 5", "fmt/471"),
    ".md": ("Markdown", "fmt/1149"),
    ".xml": ("Extensible Markup Language 1.0", "fmt/101"),
}
_TEXT = ("Plain Text File", "x-fmt/111")
_SIGNATURE = "Digitale handtekening (Ed25519, 64 bytes)"


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who forms the archive: a name and its code in the register of government organisations (TOOI)."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a dossier is kept; `years` is None for what is kept for good, and `label` stays out of metadata."""

    category: str
    label: str
    years: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """All that metadata may say of a dossier: no answer, no text of a person, nobody's name."""

    number: str
    version: int
    print: str
    organisation: Organisation
    covers_from: date
    opened: datetime
    last: datetime
    closed: datetime | None
    retention: Retention | None
    framework_id: str
    framework_version: str


def to_record(dossier: Dossier, organisation: Organisation, retention: Retention | None = None) -> Record:
    """Give what metadata may say of a dossier; its version is the number of its events."""
    framework, case = dossier.framework.framework, dossier.case
    first, last = dossier.steps[0].recorded, dossier.steps[-1].recorded
    return Record(
        number=case.number,
        version=last.seq,
        print=dossier.link[:16],
        organisation=organisation,
        covers_from=_known_since(dossier) or day_of(first.at),
        opened=first.at,
        last=last.at,
        closed=last.at if case.phase in lifecycle.CLOSED else None,
        retention=retention,
        framework_id=framework.id,
        framework_version=framework.version,
    )


def _known_since(dossier: Dossier) -> date | None:
    """Give the day from which a term in hours runs, if one was answered that is not after the case began."""
    for deadline in dossier.framework.framework.deadlines:
        value = dossier.case.answers.get(deadline.starts_from or "")
        if not deadline.hours or not isinstance(value, str):
            continue
        try:
            day = day_of(datetime.fromisoformat(value))
        except ValueError:
            continue
        return min(day, day_of(dossier.steps[0].recorded.at))
    return None


def to_mdto(record: Record, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the metadata files by path: of the dossier, of the record in it, and of each of its files."""
    return {
        DOSSIER: to_bytes(_dossier(record)),
        RECORD: to_bytes(_record(record, sorted(files))),
        **{f"mdto/{path}.bestand.mdto.xml": to_bytes(_file(record, path, files[path])) for path in sorted(files)},
    }


# --- the dossier and the record in it --------------------------------------------------


def _dossier(record: Record) -> Xml.Element:
    """Give the dossier as a whole; it holds one record."""
    part = element("bevatOnderdeel", *reference(_record_name(record), _record_id(record)))
    return _object(record, record.number, _name(record), "Dossier", [part])


def _record(record: Record, paths: list[str]) -> Xml.Element:
    """Give the record: this state of the dossier, which all its files together represent."""
    parts = [
        element("isOnderdeelVan", *reference(_name(record), record.number)),
        *(element("heeftRepresentatie", *reference(path, _file_id(record, path))) for path in paths),
    ]
    return _object(record, _record_id(record), _record_name(record), "Archiefstuk", parts)


def _object(record: Record, key: str, name: str, level: str, parts: list[Xml.Element]) -> Xml.Element:
    """Give an information object; the order is the schema's."""
    return element(
        "informatieobject",
        identity("identificatie", key),
        element("naam", name),
        term("aggregatieniveau", level, _LEVELS),
        term("classificatie", _ACTIVITY, f"Zaaktypen van {record.organisation.name}"),
        _coverage(record),
        element("taal", "nl"),
        *_events(record),
        *_keeping(record),
        *parts,
        _maker("archiefvormer", record.organisation),
        _involved(record),
        element("activiteit", element("verwijzingNaam", _ACTIVITY)),
        _restriction(record),
    )


def _coverage(record: Record) -> Xml.Element:
    end = [element("dekkingInTijdEinddatum", day_of(record.closed).isoformat())] if record.closed else []
    return element(
        "dekkingInTijd",
        term("dekkingInTijdType", "Looptijd van een dossier", SOURCE),
        element("dekkingInTijdBegindatum", record.covers_from.isoformat()),
        *end,
    )


def _events(record: Record) -> Iterator[Xml.Element]:
    yield _event("Creatie", record.opened, "Weger", f"Weging begonnen onder {_framework(record)}")
    if record.closed:
        yield _event("Vaststelling", record.closed, "Weger", f"Dossier afgesloten; controlegetal {record.print}")


def _event(kind: str, at: datetime, role: str, result: str) -> Xml.Element:
    return element(
        "event",
        term("eventType", kind, _EVENTS),
        element("eventTijd", moment(at)),
        element("eventVerantwoordelijkeActor", element("verwijzingNaam", role)),
        element("eventResultaat", result),
    )


def _keeping(record: Record) -> Iterator[Xml.Element]:
    """Give the value, the term and the category; before closing nobody knows which steps will have been taken."""
    retention = record.retention
    if retention is None or record.closed is None:
        yield term("waardering", "Nog te bepalen bij het afsluiten", SOURCE)
        return
    if retention.years is None:
        yield term("waardering", "Blijvend te bewaren", _VALUES, "B")
    else:
        yield term("waardering", "Tijdelijk te bewaren", _VALUES, "V")
        yield _keeping_term("bewaartermijn", record.closed, retention.years)
    # The number alone: the words beside it in the list can say that somebody reported or was looked into.
    yield term("informatiecategorie", f"Resultaat {retention.category}", _SELECTION, retention.category)


def _keeping_term(name: str, closed: datetime, years: int) -> Xml.Element:
    start = day_of(closed)
    return element(
        name,
        term("termijnTriggerStartLooptijd", "Sluiting dossier", SOURCE),
        element("termijnStartdatumLooptijd", start.isoformat()),
        element("termijnLooptijd", f"P{years}Y"),
        element("termijnEinddatum", years_later(start, years).isoformat()),
    )


def _involved(record: Record) -> Xml.Element:
    """Give who is involved: the organisation, in its role; a person never."""
    return element(
        "betrokkene",
        term("betrokkeneTypeRelatie", "Behandelende organisatie", SOURCE),
        _maker("betrokkeneActor", record.organisation),
    )


def _restriction(record: Record) -> Xml.Element:
    parts = [
        term("beperkingGebruikType", "Vertrouwelijk; bevat persoonsgegevens", SOURCE),
        element("beperkingGebruikNadereBeschrijving", "Awb 2:5; AVG; alleen beslisser en dossierhouder"),
        element("beperkingGebruikDocumentatie", element("verwijzingNaam", _framework(record))),
    ]
    retention = record.retention
    if record.closed and retention and retention.years is not None:
        parts.append(_keeping_term("beperkingGebruikTermijn", record.closed, retention.years))
    return element("beperkingGebruik", *parts)


# --- a file ----------------------------------------------------------------------------


def _file(record: Record, path: str, content: bytes) -> Xml.Element:
    return element(
        "bestand",
        identity("identificatie", _file_id(record, path)),
        element("naam", path),
        element("omvang", str(len(content))),
        _format(path),
        element(
            "checksum",
            term("checksumAlgoritme", "SHA-256", _SUMS),
            element("checksumWaarde", sha256(content).hexdigest()),
            # Not when it was computed: that would differ with each export of the same state.
            element("checksumDatum", moment(record.last)),
        ),
        element("isRepresentatieVan", *reference(_record_name(record), _record_id(record))),
    )


def _format(path: str) -> Xml.Element:
    if path.endswith(".sig"):
        return term("bestandsformaat", _SIGNATURE, SOURCE)
    label, key = next((known for end, known in _FORMAT_OF.items() if path.endswith(end)), _TEXT)
    return term("bestandsformaat", label, _FORMATS, key)


# --- names --------------------------------------------------------------------------


def _name(record: Record) -> str:
    return f"Afweging informatielek {record.number}"


def _record_name(record: Record) -> str:
    return f"{_name(record)}, stand na gebeurtenis {record.version}"


def _record_id(record: Record) -> str:
    return f"{record.number}-v{record.version}"


def _file_id(record: Record, path: str) -> str:
    return f"{_record_id(record)}/{path}"


def _framework(record: Record) -> str:
    return f"Afwegingskader {record.framework_id}, versie {record.framework_version}"


def _maker(name: str, organisation: Organisation) -> Xml.Element:
    return element(name, *reference(organisation.name, organisation.code, "TOOI, register van overheidsorganisaties"))
