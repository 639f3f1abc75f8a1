"""The note in every dossier that says what is in it and how to check it without this program."""

from bot.dossier.transcript import MARKING, Dossier

# A plain shell loop, so that it works in forty years; a test runs it as it stands in the note.
CHECK = """\
n=0
prev=0000000000000000000000000000000000000000000000000000000000000000
while IFS= read -r head; do
  n=$((n + 1))
  body=$(sha256sum "bodies/$(printf %06d "$n").json" | cut -d' ' -f1)
  case $head in
    *"\\"body\\":\\"$body\\""*"\\"prev\\":\\"$prev\\",\\"seq\\":$n,"*) ;;
    *) echo "gebeurtenis $n klopt niet"; break ;;
  esac
  prev=$(printf %s "$head" | sha256sum | cut -d' ' -f1)
done < heads.jsonl
echo "$n gebeurtenissen, laatste kettingwaarde $prev"
"""

_NOTE = """\
{marking}

DOSSIER {number}

Dit is geen besluit en geen onderzoek naar een persoon.

WAT HIER STAAT
transcript.html    het dossier om te lezen en af te drukken
transcript.md      hetzelfde als platte tekst
transcript.json    hetzelfde voor programma's: elke gebeurtenis, met wat eruit volgt
heads.jsonl        per gebeurtenis een regel zonder inhoud: tijdstip, soort, en twee controlegetallen
bodies/            per gebeurtenis de inhoud, letter voor letter zoals vastgelegd
framework.yaml     het kader waaronder deze zaak liep, letter voor letter
{card}MANIFEST.sha256    de SHA-256 van al deze bestanden

HOE U DIT NAGAAT
Met gewone gereedschappen (sh, sha256sum, cut), in deze map, zonder netwerk en zonder ons programma.

1. Zijn alle bestanden heel?

       sha256sum -c --quiet MANIFEST.sha256 && echo heel

2. Klopt de ketting? Elke regel van heads.jsonl noemt de SHA-256 van de inhoud van die gebeurtenis
   (body) en van de regel ervoor (prev). Plak dit in een shell:

{check}
   Er hoort te staan:

       {count} gebeurtenissen, laatste kettingwaarde {link}

3. Is dit het dossier van toen? Vergelijk het controlegetal met wat elders is vastgelegd.

       controlegetal: {print}

   Wie alle bestanden kan vervangen, kan ook een nieuwe ketting rekenen. Alleen een controlegetal dat
   buiten dit dossier is bewaard, sluit dat uit.

4. Met het programma zelf: weegwijzer dossier verify MAP
   Dat speelt ook de gebeurtenissen na en rekent het advies opnieuw uit.
"""


def to_readme(dossier: Dossier, has_card: bool) -> str:
    """Give the note of a dossier."""
    return _NOTE.format(
        marking=MARKING,
        number=dossier.number,
        card="advice-card.json   de kaart die in het CMT-kanaal staat\n" if has_card else "",
        check="".join(f"       {line}\n" for line in CHECK.splitlines()),
        count=len(dossier.rows),
        link=dossier.link,
        print=dossier.link[:16],
    )
