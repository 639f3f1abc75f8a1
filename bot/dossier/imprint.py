"""What a bundle says of where it was made: who forms the archive, for how long it keeps it, and what set the PDF."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.dossier.mdto import Organisation, Retention
from bot.dossier.pdf import TYPESETTER


@dataclass(frozen=True, slots=True)
class Imprint:
    """What does not follow from the events; it stands in the transcript, so that the same bytes can be made again."""

    organisation: Organisation
    retention: Retention | None = None
    typesetter: str = TYPESETTER


def to_json(imprint: Imprint) -> dict[str, Any]:
    """Give an imprint as it stands in the transcript."""
    return asdict(imprint)


def read_imprint(transcript: Mapping[str, Any]) -> Imprint:
    """Give the imprint of a transcript from elsewhere; raises ValueError."""
    try:
        organisation = Organisation(**transcript["organisation"])
        retention = transcript["retention"] and Retention(**transcript["retention"])
        imprint = Imprint(organisation, retention, transcript["typesetter"])
    except (KeyError, TypeError):
        raise ValueError("a transcript without its imprint") from None
    fields = [*asdict(organisation).values(), imprint.typesetter, *(asdict(retention).values() if retention else ())]
    years = [fields.pop()] if retention else []
    if not all(isinstance(text, str) for text in fields) or not all(_is_term(number) for number in years):
        raise ValueError("an imprint of other types")
    return imprint


def _is_term(years: object) -> bool:
    return years is None or (type(years) is int and 0 <= years <= 1000)
