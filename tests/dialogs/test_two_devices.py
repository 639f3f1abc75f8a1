"""One person with two devices: what was recorded on one is not written over unseen on the other."""

from dialogs import screens
from state.compiled import CompiledFramework
from tests.casework import NEWSPAPER
from tests.dialogs.stage import wording
from tests.dialogs.talk import Talk, answered, recorded


def choosing(framework: CompiledFramework) -> tuple[Talk, screens.DeviateScreen, str, list[str]]:
    """Give a talk that shows the card of a deviation, its step, and the grades that are not indicated."""
    talk = answered(framework, NEWSPAPER)
    talk.type("afwijken 1")
    card = talk.screen
    assert isinstance(card, screens.DeviateScreen)
    assert card.step is not None
    indicated = card.advice.steps[card.step].grade
    return talk, card, card.step, [grade.id for grade in framework.framework.grades if grade.id != indicated]


def filled_in(talk: Talk) -> str:
    """Give the reason that stands in the field of the card."""
    fields = [one for one in talk.render(talk.screen)["body"] if one.get("id") == "note"]
    return str(fields[0]["value"])


def test_a_deviation_that_was_recorded_elsewhere_is_shown_first(framework: CompiledFramework) -> None:
    talk, both, step, (first, second, *_) = choosing(framework)
    assert recorded(talk.press("deviate", first, "Zo is besloten.", on=both)) == ["deviation.recorded"]
    assert recorded(talk.press("deviate", second, "Toch anders.", on=both)) == []
    assert talk.notice == wording().say("deviation_changed", "nl")
    assert "Zo is besloten." in talk.said
    assert filled_in(talk) == "Toch anders."
    assert talk.case is not None
    assert talk.case.deviations[step].reason == "Zo is besloten."
    # Seen now, and meant.
    assert recorded(talk.press("deviate", second, "Toch anders.")) == ["deviation.recorded"]
    assert talk.case.deviations[step].reason == "Toch anders."


def test_going_back_to_the_indicated_grade_must_have_seen_it_too(framework: CompiledFramework) -> None:
    talk, both, step, (first, *_) = choosing(framework)
    talk.press("deviate", first, "Zo is besloten.", on=both)
    indicated = both.advice.steps[step].grade
    assert recorded(talk.press("deviate", indicated, "", on=both)) == []
    assert recorded(talk.press("deviate", indicated, "")) == ["deviation.withdrawn"]


def test_what_is_typed_is_meant_of_what_stands_now(framework: CompiledFramework) -> None:
    talk, both, _, (first, second, *_) = choosing(framework)
    talk.press("deviate", first, "Zo is besloten.", on=both)
    grade = framework.framework.grade_by_id[second].name.nl
    assert recorded(talk.type(f"afwijken 1 {grade} Toch anders.")) == ["deviation.recorded"]


def test_half_a_choice_on_an_old_card_is_asked_again_with_what_was_filled_in(framework: CompiledFramework) -> None:
    talk, both, _, (first, *_) = choosing(framework)
    talk.press("deviate", first, "Zo is besloten.", on=both)
    assert recorded(talk.press("deviate", "", "Toch anders.", on=both)) == []
    assert talk.notice == wording().say("choose_grade", "nl")
    assert filled_in(talk) == "Toch anders."
