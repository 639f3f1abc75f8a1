"""E5: every role, action, state, place and kind of user at the real desk, against the table in `docs/access.md`."""

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from uuid import uuid4

import pytest

from bot.ports import Person, Reply, Role
from state.events import Actor
from state.fold import rebuild
from state.permissions import KEEPING, PLACES, Action, Parts, may, may_confirm
from tests.access_page import may_when, may_with
from tests.trust import report
from tests.trust.office import Office, Visitor, id_of, in_memory, listed, open_office, retold, words
from tests.trust.standings import (
    CANARY,
    DECIDED,
    FOR_OTHERS,
    ME,
    OPENED,
    PRESSED_ALONE,
    TYPED,
    pressed,
    standing,
)

PAGE_WITH, PAGE_WHEN = may_with(), may_when()
ACTIONS = tuple(TYPED)
PHASES = ("asking", "weighing", "posting", "posted", "offered", "closed")
STANDINGS = [("holder", phase) for phase in PHASES] + [
    ("involved", "asking"),
    ("involved", "offered"),
    ("receiver", "offered"),
    ("former", "asking"),
    ("outside", "asking"),
    ("outside", "weighing"),
    ("outside", "posted"),
    ("outside", "offered"),
    ("outside", "closed"),
    ("recused", "weighing"),
    ("recused", "closed"),
]
WHERE = ("personal", "groupChat", "channel", "meeting")
KINDS = ("member", "left", "guest", "foreign", "unknown")
# What shows that something was seen, for the actions that change nothing.
SEEN = {"see_input": "Overzicht van zaak", "see_advice": "Advies bij zaak", "see_offer": "wordt u aangeboden"}
# What is opened by typing, before the press that does it.
FORMS = {
    "withdraw_card": "uit het kanaal halen?",
    "decide_all": "Besluit vastleggen · zaak",
    "words": "Woorden voor anderen · zaak",
    "relieve": "U ziet zelf niets van de inhoud",
}
assert FORMS.keys() == OPENED
KEEPERS = PAGE_WITH["read"][0]
OTHERS = (listed("derde", "decider"), listed("ander", "decider"))

_tried: dict[str, int] = {}


@pytest.fixture
def folder() -> Iterator[Path]:
    with in_memory() as made:
        yield made


def is_allowed(action: str, roles: set[str], place: str, phase: str) -> bool:
    """Tell what the page says: one of the roles, the place, and the moment."""
    with_roles, in_places = PAGE_WITH[action]
    if action in FOR_OTHERS and is_allowed(FOR_OTHERS[action], roles, place, phase):
        return True
    if action == "open":
        return bool(roles & with_roles)
    if action == "meet_term_for":
        return bool(roles & with_roles) and place in in_places and phase != "closed"
    if action == "back" and phase == "offered":
        # "Terug" takes the offer back.
        return place != "receiver" and is_allowed("end_offer", roles, place, phase)
    is_now = action in PAGE_WHEN.get((place, moment(place, phase)), ())
    return bool(roles & with_roles) and place in in_places and is_now


def moment(place: str, phase: str) -> str:
    """Give the phase as the page's columns have it for this place."""
    if place == "outside":
        return phase if phase in ("closed", "offered") else "open"
    return "(betrokken" if place == "recused" else phase


async def settle(office: Office, person: Person, place: str, phase: str, action: str, number: int) -> tuple[str, str]:
    """Keep a case in which this person has this place; give its random id and its number."""
    work = standing(place, phase, action)
    # An exercise is never offered.
    kind = "OEFEN" if action == "discard" and place in ("holder", "involved") and phase != "offered" else "IL"
    case_id, shown = uuid4().hex, f"{kind}-2025-{number:04d}"
    me = Actor(person.id, person.name, person.function, "decider")
    told = retold(work.transcript, case_id, shown, {ME.id: me})
    await office.keep(person, rebuild(case_id, told), told)
    return case_id, shown


def check(action: str, allowed: bool, reply: Reply, happened: int, where: tuple[str, ...]) -> None:
    """Compare what happened, or what was seen, with the page."""
    shows = SEEN | (FORMS if where[-1] == "typed" else {})
    if action in shows:
        assert happened == 0, where
        assert (shows[action] in words(reply)) == allowed, (where, words(reply)[:500])
    else:
        # Of an exercise that is thrown away nothing is left.
        assert (happened < 0 if action == "discard" else happened > 0) == allowed, (where, happened, words(reply)[:500])
        assert allowed or happened == 0, where


def check_shown(
    action: str, allowed: bool, place: str, phase: str, said: str, number: str, where: tuple[str, ...]
) -> None:
    """Check that no more was shown than the place admits to, after the action."""
    if allowed and action == "accept":
        place, phase = "holder", "asking"
    if allowed and place == "holder" and phase == "offered" and action in ("back", "end_offer", "end_offer_for"):
        phase = "weighing"
    if allowed and place == "holder" and action == "reopen":
        phase = "weighing"
    sees_that_it_waits = action == "relieve" and is_allowed("end_offer_for", {where[0]}, place, phase)
    if sees_that_it_waits or (allowed and action in ("relieve", "end_offer_for", "meet_term_for")):
        # They named it themselves, or were reminded of it.
        number = CANARY
    is_near = place in ("holder", "involved", "receiver") and phase != "closed"
    assert is_near or number not in said, where
    assert (place == "holder" and phase != "closed") or CANARY not in said, where
    may_advise = place == "holder" and phase in ("asking", "weighing", "posting", "posted")
    assert may_advise or SEEN["see_advice"] not in said, where


# --- who is let in, everywhere ---------------------------------------------------------


async def test_the_whole_product_at_the_door(folder: Path) -> None:
    roles = [role.value for role in Role]
    people = {(role, phase): listed(f"{role} {phase}", role) for role, phase in product(roles, PHASES)}
    numbers = {}
    office = open_office(folder, [*OTHERS, *people.values()])
    running = []
    for number, ((_, phase), person) in enumerate(people.items()):
        _, shown = await settle(office, person, "holder", phase, "", number)
        running += [shown] if phase != "closed" else []
        numbers[person.id] = shown
    before, refusal = await office.events(), set[str]()
    for (role, phase), action, where, kind in product(people, ACTIONS, WHERE, KINDS):
        if where == "personal" and kind == "member" and role in PAGE_WITH["open"][0]:
            continue  # these are let in: the next test
        person = people[role, phase]
        said = words(await office.take(Visitor(person, kind, where), TYPED[action].format(number=numbers[person.id])))
        if where == "personal" and kind == "member" and role in KEEPERS:
            # Let in to keep dossiers: they see the numbers of closed cases, and of a running one nothing.
            assert not any(found in said for found in (CANARY, *running, *SEEN.values())), (role, phase, action)
        else:
            refusal.add(said)
        _tried["door"] = _tried.get("door", 0) + 1
        if _tried["door"] % 500 == 0:
            assert await office.events() == before, (role, phase, action, where, kind)
    assert await office.events() == before
    # One sentence for everyone, whatever they hold and ask: it says nothing.
    assert len(refusal) == 1
    await office.store.close()


# --- who is let in, in every place -----------------------------------------------------


def attempts(place: str, phase: str) -> Iterator[tuple[str, str, bool]]:
    """Give role, action, and whether it is pressed."""
    for role, action, is_pressed in product(sorted(PAGE_WITH["open"][0]), (*ACTIONS, *PRESSED_ALONE), (False, True)):
        if pressed(action, place, standing(place, phase, action).case) if is_pressed else action in TYPED:
            yield role, action, is_pressed


@pytest.mark.parametrize(("place", "phase"), STANDINGS)
async def test_whoever_is_let_in_can_do_what_the_page_says(folder: Path, place: str, phase: str) -> None:
    tries = list(attempts(place, phase))
    people = [listed(f"{place} {phase} {number}", role) for number, (role, _, _) in enumerate(tries)]
    office = open_office(folder, [*OTHERS, *people])
    for number, (person, (role, action, is_pressed)) in enumerate(zip(people, tries, strict=True)):
        where = (role, place, phase, action, "pressed" if is_pressed else "typed")
        case_id, shown = await settle(office, person, place, phase, action, number)
        before = await office.events()
        said = await act(office, person, place, phase, action, case_id if is_pressed else None, shown)
        reply = await office.take(Visitor(person), said)
        allowed = is_allowed(action, {role}, place, phase)
        check(action, allowed, reply, await office.events() - before, where)
        check_shown(action, allowed, place, phase, words(reply), shown, where)
        _tried[place] = _tried.get(place, 0) + 1
        if place == "holder" and not is_pressed:
            _tried["in"] = _tried.get("in", 0) + 1
    await office.store.close()


async def act(
    office: Office, person: Person, place: str, phase: str, action: str, case_id: str | None, number: str
) -> object:
    """Give what is typed, or the data of a press on a card that this person got earlier."""
    if case_id is None:
        return "weigeren" if action == "end_offer" and place == "receiver" else TYPED[action].format(number=number)
    card = pressed(action, place, standing(place, phase, action).case)
    assert card is not None
    context, data = card
    return {**data, "handle": await office.give_card(Visitor(person), context, case_id)}


# --- on the channel card ---------------------------------------------------------------

FORM = {f"decided.{DECIDED}": "yes", "vouched": "true", "note": "Te vroeg."}
# What is pressed on the card and on its forms, and what shows that it was seen, where nothing is recorded.
PRESSES: dict[tuple[str, str], tuple[str, str]] = {
    ("card", ""): ("see_card", "kaart van nu"),
    ("decide", ""): ("decide", "Besluit vastleggen · zaak"),
    ("record", ""): ("decide", ""),
    ("dissent", ""): ("dissent", "U bent het niet eens · zaak"),
    ("dissent", "record"): ("dissent", ""),
    ("involved", ""): ("recuse", "Bent u betrokken"),
    ("involved", "yes"): ("recuse", ""),
}
PRESSED_IN = ("channel", "chat", "groupChat", "meeting")
ON_CARD = [*STANDINGS, ("outside", "posting")]


async def on_card(office: Office, person: Person, place: str, phase: str, number: int) -> tuple[str, str]:
    """Keep a case in which this person has this place; give its number, and a handle of its card."""
    case_id, shown = await settle(office, person, place, phase, "decide", number)
    version = standing(place, phase, "decide").case.posted_version
    return shown, await office.put_card(f"card:{version}:0", case_id)


@pytest.mark.parametrize(("place", "phase"), ON_CARD)
async def test_on_the_card_everyone_can_do_what_the_page_says(folder: Path, place: str, phase: str) -> None:
    tries = list(product([role.value for role in Role], PRESSES))
    people = [listed(f"kaart {place} {phase} {number}", role) for number, (role, _) in enumerate(tries)]
    office = open_office(folder, [*OTHERS, *people])
    stands = standing(place, phase, "decide").case.posted is not None and phase != "closed"
    for number, (person, (role, (verb, answer))) in enumerate(zip(people, tries, strict=True)):
        shown, handle = await on_card(office, person, place, phase, number)
        before, (action, seen) = await office.events(), PRESSES[verb, answer]
        reply = await office.press_card(Visitor(person), verb, handle, answer=answer, **FORM)
        with_roles, in_places = PAGE_WITH[action]
        allowed = stands and role in with_roles and place in in_places
        where = (role, place, phase, verb, answer, words(reply)[:600])
        happened = await office.events() - before
        assert (happened > 0) == (allowed and not seen), where
        assert (seen in words(reply) if seen else happened > 0) == allowed, where
        # The card is before everyone; what an assessor wrote and what may not be in the channel is not.
        assert CANARY not in words(reply), where
        assert allowed or shown not in words(reply), where
        _tried["card"] = _tried.get("card", 0) + 1
    await office.store.close()


async def test_nobody_else_can_press_on_a_card(folder: Path) -> None:
    people = {role.value: listed(f"kaart {role.value}", role.value) for role in Role}
    office = open_office(folder, [*OTHERS, *people.values()])
    handles, numbers = {}, []
    for number, (role, person) in enumerate(people.items()):
        shown, handles[role] = await on_card(office, person, "holder", "posted", number)
        numbers.append(shown)
    before = await office.events()
    for (role, person), (verb, answer), where, kind in product(people.items(), PRESSES, PRESSED_IN, KINDS):
        if kind == "member" and where == "channel":
            continue  # these are the test before
        reply = await office.press_card(Visitor(person, kind, where), verb, handles[role], answer=answer, **FORM)
        assert not [one for one in (*numbers, CANARY, "kaart 1") if one in words(reply)], (role, verb, where, kind)
        assert await office.events() == before, (role, verb, where, kind)
        _tried["card"] = _tried.get("card", 0) + 1
    await office.store.close()


# --- what does not exist, and what is someone else's -----------------------------------


@pytest.mark.parametrize("place", ["former", "outside"])
async def test_what_is_not_yours_is_answered_as_what_does_not_exist(folder: Path, place: str) -> None:
    mine, theirs = listed("mijn", "decider"), listed("hun", "decider")
    office = open_office(folder, [*OTHERS, mine, theirs])
    case_id, shown = await settle(office, mine, place, "asking", "", 17)
    # A decider may name another's open case, to let someone take it over; that it exists is no secret to them.
    asked = set(TYPED) - {"open", "relieve"} if place == "outside" else set(TYPED) - {"open"}
    typed = [TYPED[action].format(number=shown) for action in sorted(asked)]
    for text in (*typed, f"verder {shown}", f"zaak {shown}", "zaken", "waarom", "herhaal", "taal en", "taal nl"):
        given = await office.take(Visitor(mine), text)
        missing = await office.take(Visitor(theirs), text.replace(shown, "IL-2026-9999"))
        assert words(given) == words(missing), text
    no_such = words(await office.take(Visitor(theirs), TYPED["reopen"].format(number="IL-2026-9999")))
    cards = {action: pressed(action, place, standing(place, "asking", action).case) for action in ACTIONS}
    for context, data in (card for action, card in cards.items() if card and action in asked):
        handle = await office.give_card(Visitor(mine), context, case_id)
        given = await office.take(Visitor(mine), {**data, "handle": handle})
        forged = await office.take(Visitor(theirs), {**data, "handle": "0" * 22})
        stolen = await office.take(Visitor(theirs), {**data, "handle": handle})
        assert words(forged) == words(stolen), context
        # Who may not open it again does not learn from the card of its closing whether it is sealed.
        by_number = data["verb"] == "reopen" and place == "former"
        assert words(given) == (no_such if by_number else words(forged)), context
    await office.store.close()


async def test_a_role_that_is_taken_away_counts_at_the_next_turn(folder: Path) -> None:
    person = listed("weger", "assessor")
    office = open_office(folder, [*OTHERS, person])
    await settle(office, person, "holder", "weighing", "", 5)
    assert CANARY in words(await office.take(Visitor(person), "overzicht"))
    changed = open_office(folder / "later", [*OTHERS, listed("weger", "auditor")])
    office.desk._access = changed.access
    before = await office.events()
    assert "IL-" not in words(await office.take(Visitor(person), "overzicht"))
    assert await office.events() == before
    assert [(entry.action, entry.outcome) for entry in await office.store.register()] == [
        ("read", "ok"),
        ("talk", "no_access"),
    ]
    await office.store.close()
    await changed.store.close()


# --- keeping ---------------------------------------------------------------------------


def test_every_role_and_pair_of_roles_keeps_what_the_page_says() -> None:
    roles = [role.value for role in Role]
    sets = [set(some) for size in (0, 1, 2) for some in combinations(roles, size)]
    for action, some, place in product(KEEPING, sets, PLACES):
        with_roles, in_places = PAGE_WITH[action.value]
        assert may(action, some, place) == (bool(some & with_roles) and place in in_places), (action, some, place)
        _tried["keeping"] = _tried.get("keeping", 0) + 1


def test_destruction_needs_two_who_had_no_part_in_the_case() -> None:
    people = {name: id_of(name) for name in ("holder", "receiver", "former", "involved", "keeper", "other keeper")}
    parts = Parts(people["holder"], people["receiver"], frozenset({people["former"]}), frozenset({people["involved"]}))
    allowed = {
        (first, second)
        for first, second in product(people, people)
        if may_confirm(Action.CONFIRM_DESTRUCTION, {"dossier_keeper"}, parts, people[first], people[second])
        and may(Action.PROPOSE_DESTRUCTION, {"dossier_keeper"}, "outside" if "keeper" in first else "former")
    }
    assert allowed == {("keeper", "other keeper"), ("other keeper", "keeper")}
    assert not may_confirm(Action.CONFIRM_DESTRUCTION, {"auditor"}, parts, people["keeper"], people["other keeper"])
    assert not may_confirm(Action.CONFIRM_DESTRUCTION, {"dossier_keeper"}, parts, "", people["keeper"])


def test_the_line_of_this_suite() -> None:
    """Said only when every part ran: the product is whole."""
    whole = len(Role) * len(ACTIONS) * len(PHASES) * len(WHERE) * len(KINDS)
    assert _tried["door"] + _tried["in"] == whole
    product_ = f"{whole:,}".replace(",", " ")
    deep = sum(count for name, count in _tried.items() if name in PLACES)
    report.say(
        "E5",
        f"{product_} combinations of role, action, state, place and kind of user, {deep} in every place in a case,"
        f" {_tried['card']} on the channel card, {_tried['keeping']} of keeping: 0 differences from the table",
    )
