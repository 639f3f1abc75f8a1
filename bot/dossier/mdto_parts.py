"""The small parts that MDTO is made of: references, terms of a vocabulary, moments; and an element as bytes."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from bot.dossier.document import visible, written_out

NAMESPACE = "https://www.nationaalarchief.nl/mdto"
SCHEMA = "https://www.nationaalarchief.nl/mdto/MDTO-XML1.0.1.xsd"
SOURCE = "Weegwijzer"

# Characters that an XML file cannot hold, apart from those that are written out anyway.
_NO_XML = re.compile("[\ufffe\uffff]")
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def to_bytes(content: Xml.Element) -> bytes:
    """Give an MDTO file with this content, byte for byte the same each time."""
    root = Xml.Element("MDTO", {"xmlns": NAMESPACE, "xmlns:xsi": _XSI, "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}"})
    root.append(content)
    Xml.indent(root, "  ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, "unicode")}\n'.encode()


def element(name: str, *parts: Xml.Element | str) -> Xml.Element:
    """Give an element with what it holds: elements, or text."""
    made = Xml.Element(name)
    for part in parts:
        if isinstance(part, str):
            made.text = _NO_XML.sub(lambda found: written_out(found[0]), visible(part))
        else:
            made.append(part)
    return made


def identity(name: str, key: str, source: str = SOURCE) -> Xml.Element:
    """Give a key with where it comes from."""
    return element(name, element("identificatieKenmerk", key), element("identificatieBron", source))


def reference(name: str, key: str, source: str = SOURCE) -> tuple[Xml.Element, Xml.Element]:
    """Give what a reference to something else holds: its name and its key."""
    return element("verwijzingNaam", name), identity("verwijzingIdentificatie", key, source)


def term(name: str, label: str, terms: str, code: str = "") -> Xml.Element:
    """Give a term of a vocabulary."""
    parts = [element("begripCode", code)] if code else []
    vocabulary = element("begripBegrippenlijst", element("verwijzingNaam", terms))
    return element(name, element("begripLabel", label), *parts, vocabulary)


def moment(at: datetime) -> str:
    """Give a moment in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
