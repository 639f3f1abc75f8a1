"""The phase table: complete, closed, and drawn from itself."""

from itertools import product
from pathlib import Path

import pytest

from state import lifecycle
from state.errors import TranscriptDamaged
from state.events import KINDS
from state.lifecycle import PHASES, SAME, TRANSITIONS, advance, is_allowed

ROOT = Path(__file__).resolve().parents[2]


def test_names_only_known_phases() -> None:
    # transitions 0.9.3 takes unknown phases without a word
    for row in TRANSITIONS:
        assert set(row.source) <= set(PHASES)
        assert row.dest in (*PHASES, SAME)


def test_has_rows_for_each_kind_of_event_and_never_two_for_one_phase() -> None:
    assert {row.trigger for row in TRANSITIONS} == set(KINDS)
    known = [(row.trigger, phase) for row in TRANSITIONS for phase in row.source]
    assert len(known) == len(set(known))


def test_every_phase_can_be_reached_and_out_of_closed_ones_leads_reopening_alone() -> None:
    reached = {lifecycle.NEW} | {row.dest for row in TRANSITIONS}
    assert reached - {SAME} == set(PHASES)
    left = {source for row in TRANSITIONS if row.dest != SAME for source in row.source}
    assert left == set(PHASES)
    reopened = {row.trigger for row in TRANSITIONS if row.dest != SAME and lifecycle.CLOSED & set(row.source)}
    assert reopened == {"case.reopened"}


@pytest.mark.parametrize(("phase", "trigger"), list(product(PHASES, sorted(KINDS))))
def test_advances_exactly_where_the_table_says(phase: str, trigger: str) -> None:
    rows = [row for row in TRANSITIONS if row.trigger == trigger and phase in row.source]
    assert is_allowed(phase, trigger) == bool(rows)
    if rows:
        assert advance(phase, trigger) == (phase if rows[0].dest == SAME else rows[0].dest)
    else:
        with pytest.raises(TranscriptDamaged):
            advance(phase, trigger)


def test_the_drawing_in_the_docs_is_the_table() -> None:
    drawn = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert lifecycle.to_mermaid() in drawn
