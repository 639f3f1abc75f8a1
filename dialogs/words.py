"""Words for others: three texts made from the advice, without content, source or person; people decide what is said.

They are made of what may be in the channel alone: the decisions `yes` on steps that may be there. What is decided is
not done yet, and that a leak is a leak may not be sure: the texts assert neither.
"""

from collections.abc import Mapping
from dataclasses import replace

from dialogs.answers import Misread, within_limit
from dialogs.outcome import Outcome, joined, permitted_case, run
from dialogs.reading import Wish, plain
from dialogs.screens_words import WORDS_INPUT, WordsScreen, WordsText
from dialogs.views import Scene
from dialogs.wording import Wording
from state import commands as do
from state import lifecycle
from state.case import Case
from state.decide_together import AUDIENCES
from state.duties import YES
from state.errors import StaleCard, WordsMissing
from state.framework import Framework
from state.permissions import Action

_PROPOSAL = "proposal"


def proposals(case: Case, framework: Framework, language: str, wording: Wording) -> dict[str, str]:
    """Give a proposal for each audience."""
    known = wording.sentences["nl"]
    decided = [
        wording.say(f"words_step.{step.id}", language)
        for step in framework.steps
        if step.channel and step.id in case.decisions and case.decisions[step.id].decided == YES
        if f"words_step.{step.id}" in known
    ]
    return {
        audience: " ".join([
            wording.say(f"words_begin.{audience}", language),
            *decided,
            wording.say(f"words_end.{audience}", language),
        ])
        for audience in AUDIENCES
    }


def may_see(scene: Scene) -> bool:
    """Tell whether there are texts to show to this person."""
    return scene.case is not None and scene.may(Action.WORDS) and lifecycle.is_allowed(scene.case.phase, "words.kept")


def words(wish: Wish, scene: Scene) -> Outcome:
    """Show the texts as they are kept, or as they are proposed."""
    case = _case(scene)
    return Outcome(case, _screen(case, scene, with_kept=wish.argument != _PROPOSAL))


def keep_words(wish: Wish, scene: Scene) -> Outcome:
    """Keep the texts as they stand in their fields, unless one was changed elsewhere meanwhile."""
    case = _case(scene)
    seen = dict(zip(AUDIENCES, _seen_on(wish), strict=True))
    # A field that stayed folded may be missing, and says nothing.
    typed = {name: plain(wish.fields[WORDS_INPUT + name]) for name in AUDIENCES if WORDS_INPUT + name in wish.fields}
    if not typed or not all(typed.values()):
        raise WordsMissing
    changed = {name: within_limit(text) for name, text in typed.items() if text != _kept(case).get(name)}
    if any(seen[name] != now for name, now in zip(AUDIENCES, _seen(case), strict=True) if name in changed):
        return Outcome(case, _changed_elsewhere(case, scene, changed, seen), notice=("words_changed", {}))
    outcome = Outcome(case, _screen(case, scene))
    for audience, text in changed.items():
        kept = run(scene, do.KeepWords(audience, text, seen[audience]))
        outcome, scene = joined(outcome, kept), replace(scene, case=kept.after)
    return replace(outcome, screen=_screen(_case(scene), scene), notice=("words_kept", {}))


def _case(scene: Scene) -> Case:
    case = permitted_case(scene, Action.WORDS)
    if not lifecycle.is_allowed(case.phase, "words.kept"):
        raise Misread("not_concluded")
    return case


def _screen(case: Case, scene: Scene, *, with_kept: bool = True) -> WordsScreen:
    texts = proposals(case, scene.setting.framework.framework, scene.setting.language, scene.wording)
    kept = _kept(case) if with_kept else {}
    return WordsScreen(
        case, tuple(WordsText(name, kept.get(name, texts[name]), name in kept) for name in AUDIENCES), _seen(case)
    )


def _changed_elsewhere(case: Case, scene: Scene, typed: Mapping[str, str], seen: Mapping[str, int]) -> WordsScreen:
    """Give what was typed in its fields, and where another text was kept meanwhile that one beside it."""
    now = _screen(case, scene)
    texts = tuple(
        replace(one, text=typed[one.audience], is_typed=True, newer=one.text if number != seen[one.audience] else "")
        if one.audience in typed
        else one
        for one, number in zip(now.texts, now.seen, strict=True)
    )
    return replace(now, texts=texts)


def _kept(case: Case) -> Mapping[str, str]:
    return {name: one.text for name, one in case.words.items()}


def _seen(case: Case) -> tuple[int, ...]:
    return tuple(case.words[name].seq if name in case.words else 0 for name in AUDIENCES)


def _seen_on(wish: Wish) -> tuple[int, ...]:
    numbers = wish.listed if wish.kind == "words" else ()
    if len(numbers) != len(AUDIENCES):
        raise StaleCard
    return tuple(map(int, numbers))
