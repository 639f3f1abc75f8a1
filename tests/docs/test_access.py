"""`docs/access.md` says what the table of permissions says, cell by cell."""

from itertools import product

from bot.ports import Role
from state import lifecycle
from state.permissions import PERMITTED, PLACES, Action
from tests.access_page import ROLES, may_when, rows_of

BY_PERSONS = [action for action in Action if action is not Action.CONFIRM]


def test_the_roles_and_places_are_those_of_the_program() -> None:
    assert list(ROLES) == [role.value for role in Role]
    assert [row[0] for row in rows_of("place")] == list(PLACES)


def test_every_cell_of_the_table_is_what_the_program_allows() -> None:
    rows = {row[0]: row[2:] for row in rows_of("action", "Dutch")}
    assert list(rows) == [action.value for action in BY_PERSONS]
    for action in BY_PERSONS:
        rule = PERMITTED[action]
        cells = [role in rule.roles for role in ROLES] + [place in rule.places for place in PLACES]
        assert [cell == "x" for cell in rows[action]] == cells, action
        assert set(rows[action]) <= {"x", "–"}


def test_nothing_is_possible_at_a_moment_in_a_place_that_never_admits() -> None:
    for (place, _), actions in may_when().items():
        for action in actions - {"open"}:
            assert place in PERMITTED[Action(action)].places, (place, action)


def test_the_moments_are_those_of_the_phase_table() -> None:
    """An event that the phases do not allow cannot be caused by an action that the page says is possible."""
    triggers = {
        "deviate": "deviation.recorded",
        "subject": "subject.chosen",
        "preview": "preview.shown",
        "post": "card.owed",
        "pause": "case.paused",
        "finish": "case.finished",
        "stop": "case.stopped",
        "change": "question.asked",
    }
    held = {phase: actions for (place, phase), actions in may_when().items() if place == "holder" and phase != "closed"}
    for phase, (action, trigger) in product(held, triggers.items()):
        assert (action in held[phase]) == lifecycle.is_allowed(phase, trigger), (phase, action)
