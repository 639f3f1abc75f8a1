"""The note in every dossier that says what is in it and how to check it without this program."""

from collections.abc import Collection, Sequence

from bot.dossier.transcript import MARKING, Dossier
from state.codec import Row, read_head

# A test runs each of these as it stands in the note.
COMMANDS = (
    "openssl pkey -pubin -in key.pem -outform DER | sha256sum",
    "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in MANIFEST.sha256 -sigfile MANIFEST.sig",
    "sha256sum -c --quiet MANIFEST.sha256 && echo heel",
    "sh verify.sh SLEUTELPRINT CONTROLEGETAL",
)

_NOTE = """\
{marking}

DOSSIER {name}

Dit is geen besluit en geen onderzoek naar een persoon.

WAT HIER STAAT
{contents}heads.jsonl        per gebeurtenis een regel zonder inhoud: tijdstip, soort, en de controlegetallen
bodies/            per gebeurtenis de inhoud, letter voor letter zoals vastgelegd
checkpoint.txt     ondertekend briefje: hoeveel gebeurtenissen, en de laatste kettingwaarde
key.pem            de openbare sleutel waarmee dat briefje en de lijst zijn ondertekend
verify.sh          de hele controle met gewone gereedschappen
MANIFEST.sha256    de SHA-256 van al deze bestanden
MANIFEST.sig       de handtekening (Ed25519) onder die lijst
{left_out}{parts}
HOE U DIT NAGAAT
Met gewone gereedschappen (sh, sha256sum, openssl 3.0 of nieuwer), in deze map, zonder netwerk en zonder
ons programma. Uitgebreid: docs/verify-a-dossier.md van Weegwijzer.

1. Is de sleutel de gepubliceerde? Vergelijk wat hier uitkomt met de sleutelprint die de gemeente
   buiten dit dossier heeft bekendgemaakt. Zonder die vergelijking bewijzen stap 2 en 3 alleen dat
   het dossier met zichzelf klopt.

       {0}

2. Is de lijst met die sleutel ondertekend?

       {1}

3. Zijn alle bestanden heel?

       {2}

4. Is dit het dossier van toen? Vergelijk het controlegetal met wat buiten dit dossier is bewaard:
   op de advieskaart, bij het afsluiten, bij de uitgifte. Is een gesloten zaak heropend, dan bewijst
   het getal van een eerdere afsluiting alles tot en met die afsluiting.

       controlegetal na gebeurtenis {count}: {print}

5. Alles in een keer, ook de ketting en elk ouder controlegetal. Neem verify.sh liever van Weegwijzer
   zelf: wie dit dossier kon veranderen, kon ook dat bestand veranderen.

       {3}
{program}"""

_CONTENTS = """\
dossier.pdf        het dossier om te lezen en te bewaren (PDF/A-3a, PDF/UA-1), transcript.json zit erin
transcript.html    hetzelfde voor de browser
transcript.md      hetzelfde als platte tekst
transcript.json    hetzelfde voor programma's: elke gebeurtenis, met wat eruit volgt
framework.yaml     het kader waaronder deze zaak liep, letter voor letter
mdto/              metagegevens voor het archief (MDTO 1.0.1), van het dossier en van elk bestand
"""
_CARD = "advice-card.json   de kaart zoals zij het laatst in het CMT-kanaal is geplaatst\n"
# A test compares these titles with those of the dossier.
_PARTS = """
WAT U WAAR LEEST (in dossier.pdf, transcript.html en transcript.md)
2. Tijdlijn: alles in volgorde, ook afsluiten en heropenen.
4. Uitkomst van de weging: het laatste advies. Een advies besluit niet.
5. Wat mensen besloten: elke ronde met besluiten, ook wat later is herzien (per stap geldt de laatste);
   afwijkende meningen en wie aangaf betrokken te zijn; herinneringen aan termijnen en wat is gedaan;
   de bewaarde teksten voor anderen.
6. Overdracht: wie de zaak aanbood, overnam of niet wilde, en waarom.
7. Kaart in het CMT-kanaal: elke geplaatste versie, met wat sinds de vorige veranderde, en of de kaart is
   ingetrokken. Wat later op de kaart is besloten, staat in 5.
"""
_LEFT_OUT = """
WEGGELATEN
De inhoud van deze gebeurtenissen is hier niet bij, en daarom ook niets wat ervan vertelt: {}.
Hun plaats in de ketting is er wel. Dat zij er waren en wanneer, blijft zo na te gaan.
"""
_PROGRAM = """
6. Met het programma zelf: weegwijzer dossier verify MAP --key SLEUTELPRINT --print CONTROLEGETAL
   Dat speelt ook de gebeurtenissen na en rekent het advies opnieuw uit. De bladen van een oudere
   weergaveversie (zie deel 9) vergelijkt het niet, de gebeurtenissen wel.
"""


def to_readme(dossier: Dossier, has_card: bool) -> str:
    """Give the note of a whole dossier."""
    contents = _CONTENTS + (_CARD if has_card else "")
    return _note(dossier.number, dossier.rows, contents=contents, parts=_PARTS, program=_PROGRAM)


def to_partial_readme(rows: Sequence[Row], without: Collection[int]) -> str:
    """Give the note of a bundle without the content of some events."""
    left_out = ", ".join(str(row.seq) for row in rows if row.seq in without)
    return _note(read_head(rows[0].head)["case"], rows, left_out=_LEFT_OUT.format(left_out))


def _note(
    name: str, rows: Sequence[Row], *, contents: str = "", left_out: str = "", parts: str = "", program: str = ""
) -> str:
    return _NOTE.format(
        *COMMANDS,
        marking=MARKING,
        name=name,
        contents=contents,
        left_out=left_out,
        parts=parts,
        count=len(rows),
        print=rows[-1].link[:16],
        program=program,
    )
