"""Whether a bundle is whole: its manifest, its signatures, its chain, and the prints that were kept elsewhere."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from bot.dossier.export import MANIFEST, SIGNATURE, body_path
from bot.dossier.signing import KeyUnreadable, is_signed, key_print, read_pem
from bot.notes import Checkpoint, NoteError, key_id, read_checkpoint
from state.codec import FIRST, Row, read_head
from state.errors import TranscriptDamaged

Files = Mapping[str, bytes]

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
# Stricter than a head needs to be, and the same as in verify.sh: what one of the two passes, the other passes.
_HASH = rb'"[0-9a-f]{64}"'
_HEAD = re.compile(
    rb'\{"at":"[0-9TZ:.-]*","body":%b,"case":"[A-Za-z0-9._-]*","key":%b,"kind":"[a-z._]*","prev":%b,'
    rb'"seq":[1-9][0-9]*,"v":1\}' % (_HASH, _HASH, _HASH)
)
_ORIGIN = re.compile(r"[A-Za-z0-9.:_-]+")
_ALWAYS = ("heads.jsonl", "checkpoint.txt", "key.pem", "verify.sh", "README.txt", MANIFEST, SIGNATURE)


@dataclass(slots=True)
class Verdict:
    """What checking a dossier found: problems, things worth knowing, and what it is."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    number: str = ""
    events: int = 0
    link: str = ""
    # The print of the key that it is signed with, and the events to which the prints from elsewhere belong.
    key: str = ""
    prints: dict[str, int] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.problems


def check_whole(files: Files, key: str, prints: Collection[str], verdict: Verdict) -> tuple[Row, ...]:
    """Give the rows of a bundle, with everything that is wrong with it in the verdict; a body may be empty."""
    verdict.problems += [f"{name} is missing" for name in _ALWAYS if name not in files]
    verdict.problems += _check_manifest(files)
    rows = _read_rows(files, verdict)
    _check_signatures(files, key, rows, verdict)
    _find_prints(rows, prints, verdict)
    return rows


# --- files -----------------------------------------------------------------------------


def _check_manifest(files: Files) -> Iterator[str]:
    listed: dict[str, str] = {}
    for number, line in enumerate(files.get(MANIFEST, b"").decode("utf-8", "replace").splitlines(), 1):
        found = _LINE.fullmatch(line)
        if found is None or found[2] in listed:
            yield f"{MANIFEST}, line {number}: not a check sum and a name that occurs once"
        else:
            listed[found[2]] = found[1]
    if MANIFEST in files:
        yield from _compare(files, listed)


def _compare(files: Files, listed: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(listed.keys() | files.keys() - {MANIFEST, SIGNATURE}):
        if name not in listed:
            yield f"{name} is not in {MANIFEST}: it was added"
        elif name not in files:
            yield f"{name} is in {MANIFEST}, but is missing"
        elif sha256(files[name]).hexdigest() != listed[name]:
            yield f"{name} was changed: its SHA-256 is not the one in {MANIFEST}"


# --- signatures ------------------------------------------------------------------------


def _check_signatures(files: Files, key: str, rows: Sequence[Row], verdict: Verdict) -> None:
    if "key.pem" not in files:
        return
    try:
        public = read_pem(files["key.pem"])
    except KeyUnreadable:
        verdict.problems.append("key.pem is not one Ed25519 public key")
        return
    verdict.key = key_print(public)
    if not key:
        verdict.notes.append(
            f"the signature shows only that the dossier agrees with itself: compare the key's print {verdict.key}"
            " with the published one (--key)"
        )
    elif not verdict.key.startswith(key):
        verdict.problems.append(f"key.pem is not the published key: its print is {verdict.key}")
    if {MANIFEST, SIGNATURE} <= files.keys() and not is_signed(public, files[MANIFEST], files[SIGNATURE]):
        verdict.problems.append(f"{SIGNATURE} is not the signature of {MANIFEST} with key.pem")
    if "checkpoint.txt" in files:
        verdict.problems += _check_checkpoint(files["checkpoint.txt"], public, rows)


def _check_checkpoint(note: bytes, public: bytes, rows: Sequence[Row]) -> Iterator[str]:
    try:
        point, signed, signatures = read_checkpoint(note)
    except NoteError as error:
        yield f"checkpoint.txt cannot be read: {error}"
        return
    mine = signatures.get(point.origin, b"")
    is_ours = _ORIGIN.fullmatch(point.origin) is not None and mine[:4] == key_id(point.origin, public)
    if not is_ours or not is_signed(public, signed, mine[4:]):
        yield "checkpoint.txt was not signed by its origin with key.pem"
    if rows:
        yield from _check_point(point, rows)


def _check_point(point: Checkpoint, rows: Sequence[Row]) -> Iterator[str]:
    if f'"case":"{point.case}"'.encode() not in rows[0].head:
        yield "checkpoint.txt is about another case"
    if point.size != len(rows):
        yield f"checkpoint.txt is about {point.size} events, there are {len(rows)}"
    if point.link != rows[-1].link:
        yield "checkpoint.txt is about another chain: its last chain value is not the one of heads.jsonl"


# --- the chain -------------------------------------------------------------------------


def _read_rows(files: Files, verdict: Verdict) -> tuple[Row, ...]:
    """Give the rows, with every problem of every event in the verdict."""
    heads = files.get("heads.jsonl", b"").split(b"\n")
    if heads.pop() or not heads:
        verdict.problems.append("heads.jsonl does not hold whole lines")
    rows, prev = [], FIRST
    for seq, head in enumerate(heads, 1):
        row = Row(seq, head, files.get(body_path(seq), b""))
        verdict.problems += _check_event(row, prev, heads[0], files)
        rows.append(row)
        prev = row.link
    bodies = {name for name in files if name.startswith("bodies/")}
    extra = sorted(bodies - {body_path(row.seq) for row in rows})
    verdict.problems += [f"{name} belongs to no event in heads.jsonl" for name in extra]
    verdict.events, verdict.link = len(rows), prev if rows else ""
    return tuple(rows)


def _check_event(row: Row, prev: str, first: bytes, files: Files) -> Iterator[str]:
    try:
        head = read_head(row.head)
        case = read_head(first)["case"]
    except TranscriptDamaged:
        yield f"event {row.seq}: its line in heads.jsonl is not a head"
        return
    if not _HEAD.fullmatch(row.head):
        yield f"event {row.seq}: its line in heads.jsonl does not have the form of a head"
    if head["seq"] != row.seq:
        yield f"event {row.seq}: its head says that it is event {str(head['seq'])[:20]}"
    if head["prev"] != prev:
        yield f"event {row.seq} does not follow the one before it: something before it was changed or left out"
    if head["case"] != case:
        yield f"event {row.seq} is of another case"
    if body_path(row.seq) in files and sha256(row.body).hexdigest() != head["body"]:
        yield f"event {row.seq}: its body is not the one that was recorded"


# --- prints from elsewhere -------------------------------------------------------------


def _find_prints(rows: Sequence[Row], prints: Collection[str], verdict: Verdict) -> None:
    for wanted in prints:
        seq = next((row.seq for row in rows if row.link.startswith(wanted)), None)
        if seq is None:
            verdict.problems.append(f"print {wanted} belongs to no event: this is another dossier, or an older one")
        else:
            verdict.prints[wanted] = seq
