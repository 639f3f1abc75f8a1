"""Bundles that were tampered with: each kind is a function from a sound one and chance to one that is not."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from bot.dossier.export import MANIFEST, SIGNATURE, body_path, to_files, to_manifest, to_partial_files
from bot.dossier.signing import Seals
from bot.dossier.transcript import Dossier
from bot.notes import to_pem
from state.codec import FIRST, Row, canonical, read_head
from state.events import AnswerGiven, CardOwed
from tests.bot.dossier.bundles import IMPRINT, KEY, TestKey, bundle_of, seals_of, signed
from tests.bot.dossier.cases import MINI, as_another, dossier_of, full, handed_over, rows_of, weighed

Files = dict[str, bytes]

HONEST = dossier_of(full())
SOUND = bundle_of(HONEST)
OTHER = dossier_of(as_another(handed_over(), "IL-2026-0047", "7" * 32))
OTHER_SOUND = bundle_of(OTHER)
THIEF = TestKey("de sleutel van een ander")
CLOSING = HONEST.link[:16]
CARD = next(step.recorded.seq for step in HONEST.steps if isinstance(step.recorded.event, CardOwed))
# What is kept outside: the print on the advice card, and the one at closing.
PRINTS = (HONEST.rows[CARD - 1].link[:16], CLOSING)


@dataclass(frozen=True)
class Tampered:
    """A bundle on its way to a verifier: files, links to sound content, and files that a ZIP holds a second time."""

    files: Mapping[str, bytes]
    links: frozenset[str] = frozenset()
    twice: Mapping[str, bytes] = field(default_factory=dict)


# --- tools -----------------------------------------------------------------------------


def flipped(content: bytes, chance: random.Random) -> bytes:
    """Give content with one bit changed."""
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]


def relisted(files: Mapping[str, bytes], chance: random.Random) -> Tampered:
    """Give files as they are, or with a manifest that fits them: all that can be done without the key."""
    return Tampered({**files, MANIFEST: to_manifest(files)} if chance.random() < 0.5 else files)


def resealed(files: Mapping[str, bytes], chance: random.Random) -> Tampered:
    """Give files in the same way, or with the manifest signed anew: what else is wrong must be seen by itself."""
    return Tampered(signed(files)) if chance.random() < 0.5 else relisted(files, chance)


def with_rows(rows: Sequence[Row], chance: random.Random) -> Tampered:
    """Give the bundle with another chain, its metadata and pages as they were."""
    others = {name: content for name, content in SOUND.items() if not name.startswith("bodies/")}
    bodies = {body_path(number): row.body for number, row in enumerate(rows, 1)}
    return resealed({**others, **bodies, "heads.jsonl": b"".join(row.head + b"\n" for row in rows)}, chance)


def chained(rows: Sequence[Row]) -> list[Row]:
    """Give rows with numbers and links that fit, computed anew."""
    again: list[Row] = []
    for seq, row in enumerate(rows, 1):
        prev = again[-1].link if again else FIRST
        head = {**read_head(row.head), "seq": seq, "prev": prev, "body": sha256(row.body).hexdigest()}
        again.append(Row(seq, canonical(head), row.body))
    return again


def perhaps_chained(rows: Sequence[Row], chance: random.Random) -> Sequence[Row]:
    """Give rows as they are or chained anew."""
    return chained(rows) if chance.random() < 0.5 else rows


def changed_answer(rows: Sequence[Row], chance: random.Random, before: int = 1 << 30) -> list[Row]:
    """Give rows in which one person's remark or answer is another, the chain computed anew."""
    given = [s.recorded.seq for s in HONEST.steps if isinstance(s.recorded.event, AnswerGiven)]
    seq = chance.choice([seq for seq in given if seq < before])
    body = json.loads(rows[seq - 1].body)
    body["data"][chance.choice(("note", "label"))] = f"iets anders {chance.random()}"
    return chained([replace(row, body=canonical(body)) if row.seq == seq else row for row in rows])


def rewritten(rows: Sequence[Row], seals: Seals) -> Files:
    """Give a whole bundle made anew from other rows, as this program would; signed by nobody yet."""
    dossier = Dossier(tuple(rows), HONEST.steps[: len(rows)], HONEST.framework)
    # Typesetting each would take most of the time, and what finds these comes before the pages.
    return to_files(dossier, MINI, IMPRINT, seals, SOUND["dossier.pdf"])


# --- kinds -----------------------------------------------------------------------------


def body(chance: random.Random) -> Tampered:
    """Change a bit of a body."""
    name = chance.choice([name for name in SOUND if name.startswith("bodies/")])
    return resealed({**SOUND, name: flipped(SOUND[name], chance)}, chance)


def head(chance: random.Random) -> Tampered:
    """Change a bit of the heads."""
    return resealed({**SOUND, "heads.jsonl": flipped(SOUND["heads.jsonl"], chance)}, chance)


def answer(chance: random.Random) -> Tampered:
    """Change an answer where it was recorded and in every page that shows it."""
    words = ((b"gezondheid", b"gezindheid"), (b"Regel twee", b"Regel drie"), (b"bestuurlijk", b"bestuurloos"))
    old, new = chance.choice(words)
    return relisted({name: content.replace(old, new) for name, content in SOUND.items()}, chance)


def grade(chance: random.Random) -> Tampered:
    """Change a grade of the advice in the transcript."""
    name = chance.choice(("transcript.json", "transcript.html", "transcript.md"))
    content = SOUND[name]
    old, new = chance.choice([(b"nao", b"lvh"), (b"th", b"to"), (b"ligt voor de hand", b"niet aan de orde")])
    places = [place for place in range(len(content)) if content.startswith(old, place)]
    place = chance.choice(places) if places else 0
    return relisted({**SOUND, name: content[:place] + new + content[place + len(old) :]}, chance)


def pdf(chance: random.Random) -> Tampered:
    """Change a bit of the PDF."""
    return relisted({**SOUND, "dossier.pdf": flipped(SOUND["dossier.pdf"], chance)}, chance)


def mdto(chance: random.Random) -> Tampered:
    """Change a bit of a metadata file."""
    name = chance.choice([name for name in SOUND if name.startswith("mdto/")])
    return relisted({**SOUND, name: flipped(SOUND[name], chance)}, chance)


def framework(chance: random.Random) -> Tampered:
    """Change a bit of the framework."""
    return relisted({**SOUND, "framework.yaml": flipped(MINI, chance)}, chance)


def script(chance: random.Random) -> Tampered:
    """Change the check that lies in the bundle, or its note."""
    name = chance.choice(("verify.sh", "README.txt"))
    return relisted({**SOUND, name: flipped(SOUND[name], chance)}, chance)


def manifest_line(chance: random.Random) -> Tampered:
    """Change, drop, double or move a line of the manifest."""
    lines = SOUND[MANIFEST].splitlines(keepends=True)
    place = chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            lines[place] = flipped(lines[place], chance)
        case 1:
            del lines[place]
        case 2:
            lines.insert(place, lines[place])
        case _:
            lines.append(lines.pop(place - 1 if place == len(lines) - 1 else place))
    return Tampered({**SOUND, MANIFEST: b"".join(lines)})


def signature(chance: random.Random) -> Tampered:
    """Change the signature under the manifest, or sign with another key."""
    old = SOUND[SIGNATURE]
    others = (flipped(old, chance), old[: chance.randrange(64)], old + b"\n", THIEF.sign(SOUND[MANIFEST]), bytes(64))
    return Tampered({**SOUND, SIGNATURE: chance.choice(others)})


def checkpoint(chance: random.Random) -> Tampered:
    """Change a bit of the checkpoint, or put one there of an earlier moment or another case."""
    rows = HONEST.rows[: chance.randrange(1, len(HONEST.rows))]
    others = (flipped(SOUND["checkpoint.txt"], chance), seals_of(rows).checkpoint, OTHER_SOUND["checkpoint.txt"])
    return resealed({**SOUND, "checkpoint.txt": chance.choice(others)}, chance)


def public_key(chance: random.Random) -> Tampered:
    """Change a bit of the key, or put another one there."""
    other = chance.choice((flipped(SOUND["key.pem"], chance), to_pem(THIEF.public)))
    return resealed({**SOUND, "key.pem": other}, chance)


def removed_event(chance: random.Random) -> Tampered:
    """Leave out an event, from the first to the last but one."""
    place = chance.randrange(len(HONEST.rows) - 1)
    return with_rows(perhaps_chained([*HONEST.rows[:place], *HONEST.rows[place + 1 :]], chance), chance)


def added_event(chance: random.Random) -> Tampered:
    """Put an event of this case, or of another, in a second time."""
    rows = list(HONEST.rows)
    rows.insert(chance.randrange(len(rows) + 1), chance.choice((*HONEST.rows, *OTHER.rows)))
    return with_rows(perhaps_chained(rows, chance), chance)


def swapped_events(chance: random.Random) -> Tampered:
    """Let two events, or two bodies, change places."""
    rows = list(HONEST.rows)
    one, two = chance.sample(range(len(rows)), 2)
    if chance.random() < 0.5:
        rows[one], rows[two] = rows[two], rows[one]
        return with_rows(perhaps_chained(rows, chance), chance)
    first, second = replace(rows[one], body=rows[two].body), replace(rows[two], body=rows[one].body)
    rows[one], rows[two] = first, second
    return with_rows(rows, chance)


def truncated(chance: random.Random) -> Tampered:
    """Leave out the last events."""
    return with_rows(HONEST.rows[: chance.randrange(1, len(HONEST.rows))], chance)


def own_key(chance: random.Random) -> Tampered:
    """Rewrite the case whole and sign it with another key, which lies in the bundle."""
    rows = changed_answer(HONEST.rows, chance)
    return Tampered(signed(rewritten(rows, seals_of(rows, THIEF)), THIEF))


def own_signature(chance: random.Random) -> Tampered:
    """Rewrite the case whole and sign it with another key, the published one in the bundle."""
    rows = changed_answer(HONEST.rows, chance)
    seals = Seals(seals_of(rows, THIEF).checkpoint, to_pem(KEY.public))
    return Tampered(signed(rewritten(rows, seals), THIEF))


def not_signed(chance: random.Random) -> Tampered:
    """Rewrite the case whole, with signature, or checkpoint too, as they were."""
    rows = changed_answer(HONEST.rows, chance)
    old = SOUND["checkpoint.txt"] if chance.random() < 0.5 else seals_of(rows, THIEF).checkpoint
    return Tampered({**rewritten(rows, Seals(old, to_pem(KEY.public))), SIGNATURE: SOUND[SIGNATURE]})


def signed_by_the_keeper_of_the_key(chance: random.Random) -> Tampered:
    """Rewrite what was before the card and sign it with the very key: only the prints kept outside show it."""
    rows = changed_answer(HONEST.rows, chance, before=CARD)
    return Tampered(signed(rewritten(rows, seals_of(rows))))


def manifest_only_signed(chance: random.Random) -> Tampered:
    """Change heads and sign the manifest with the very key, not the checkpoint."""
    rows = changed_answer(HONEST.rows, chance)
    return Tampered(signed(rewritten(rows, Seals(SOUND["checkpoint.txt"], to_pem(KEY.public)))))


def another_case(chance: random.Random) -> Tampered:
    """Give the sound bundle of another case in this one's place, or its chain in this one's bundle."""
    if chance.random() < 0.3:
        return Tampered(OTHER_SOUND)
    part = chance.choice(("bodies/", "heads.jsonl", "transcript", "mdto/", "MANIFEST.", "checkpoint", "dossier.pdf"))
    kept = {name: content for name, content in SOUND.items() if not name.startswith(part)}
    mixed = {**kept, **{name: OTHER_SOUND[name] for name in OTHER_SOUND if name.startswith(part)}}
    return Tampered(mixed) if part == "MANIFEST." else relisted(mixed, chance)


def older_version(chance: random.Random) -> Tampered:
    """Give what was truly signed when the case had fewer events."""
    rows = HONEST.rows[: chance.randrange(2, len(HONEST.rows))]
    return Tampered(signed(rewritten(rows, seals_of(rows))))


def pretended_redaction(chance: random.Random) -> Tampered:
    """Leave out bodies, and their lines, as if the bundle had been issued without them."""
    names = [name for name in SOUND if name.startswith("bodies/")]
    gone = set(chance.sample(names, chance.randrange(1, len(names) + 1)))
    return relisted({name: content for name, content in SOUND.items() if name not in gone}, chance)


def added_file(chance: random.Random) -> Tampered:
    """Put a file in that does not belong there."""
    name = chance.choice(("bewijs.txt", "bodies/000099.json", ".verborgen", "mdto/x/y.xml", "..x", "bodies/.x"))
    return relisted({**SOUND, name: chance.randbytes(9)}, chance)


def removed_file(chance: random.Random) -> Tampered:
    """Take a file away."""
    gone = chance.choice(sorted(SOUND))
    files = {name: content for name, content in SOUND.items() if name != gone}
    return Tampered(files) if gone == MANIFEST else relisted(files, chance)


def link(chance: random.Random) -> Tampered:
    """Put a link to the very content in a file's or a folder's place."""
    return Tampered(SOUND, links=frozenset({chance.choice((*sorted(SOUND), "bodies", "mdto", "koppeling"))}))


def twice(chance: random.Random) -> Tampered:
    """Give a ZIP in which a name is there twice; programs take the last one."""
    name = chance.choice([name for name in sorted(SOUND) if len(SOUND[name]) > 1])
    return Tampered(SOUND, twice={name: flipped(SOUND[name], chance)})


KINDS: tuple[Callable[[random.Random], Tampered], ...] = (
    body, head, answer, grade, pdf, mdto, framework, script, manifest_line, signature, checkpoint, public_key,
    removed_event, added_event, swapped_events, truncated, own_key, own_signature, not_signed,
    signed_by_the_keeper_of_the_key, manifest_only_signed, another_case, older_version, pretended_redaction,
    added_file, removed_file, link, twice,
)  # fmt: skip

# --- sound ones ------------------------------------------------------------------------


def sound_ones() -> list[tuple[Files, tuple[str, ...]]]:
    """Give bundles that nobody tampered with, each with prints that were kept of it."""
    whole = [HONEST, OTHER, dossier_of(weighed())]
    found = [(bundle_of(dossier), (dossier.rows[0].link, dossier.link[:16])) for dossier in whole]
    for without in ({3}, {1, 32}, set(range(1, 33))):
        rows = rows_of(full())
        found.append((signed(to_partial_files(rows, without, seals_of(rows))), PRINTS))
    return found
