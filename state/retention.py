"""How long a dossier is kept: from the steps that were really taken to a category, a term and a day.

The categories are those of the selection list for municipalities of 2020 (Selectielijst gemeenten en
intergemeentelijke organen 2020, Stcrt. 2020, 11143). Which one a step belongs to is a proposal to the records
officers, who decide; `docs/retention.md` shows both tables to people.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from state.advice import AMSTERDAM
from state.case import Case
from state.compiled import CompiledFramework
from state.duties import YES
from state.framework import Text
from state.lifecycle import STOPPED
from state.weighing import weigh


@dataclass(frozen=True, slots=True)
class Category:
    """A result of the selection list: its number, its name, and its term in years after closing (None: for good)."""

    code: str
    name: Text
    years: int | None

    @property
    def appraisal(self) -> str:
        """Give the appraisal of the selection list: V is destroyed after its term, B is kept for good."""
        return "B" if self.years is None else "V"


def _category(code: str, nl: str, en: str, years: int | None) -> Category:
    return Category(code, Text(nl=nl, en=en), years)


WEIGHED, BROKEN_OFF, DECIDED = "21.1", "21.3", "19.1.8"

CATEGORIES: Mapping[str, Category] = MappingProxyType({
    category.code: category
    for category in (
        # 12.3 and 21.3 are the same result, "broken off", of two processes.
        _category(BROKEN_OFF, "Adviseren: afgebroken", "Advice: broken off", 1),
        _category(WEIGHED, "Adviseren: verstrekt", "Advice: given", 5),
        _category("29.1", "Aangifte of melding gedaan", "Report made to police or authority", 5),
        _category("12.1.7", "Toezicht uitgevoerd: integriteitsonderzoek", "Supervision: integrity investigation", 10),
        _category("12.2", "Handhaving uitgevoerd: maatregel", "Enforcement: measure taken", 10),
        _category(DECIDED, "Ambtelijke besluitvorming", "Decision by officials", 20),
        _category("4.1.4", "Onderzoek na melding van een klokkenluider", "Inquiry after a report of wrongdoing", None),
        _category("19.1.6", "Bestuurlijke besluitvorming", "Decision by council or college", None),
    )
})

# Each step of the framework and the result that it leads to (output.md part 5).
CATEGORY_OF: Mapping[str, str] = MappingProxyType({
    # The weighing itself, and what belongs to it.
    "overdragen": WEIGHED,
    "volstaan_vastleggen": WEIGHED,
    # Protecting people and information is no result of its own in the list.
    "spoed_veiligheid": WEIGHED,
    "indammen_toegang": WEIGHED,
    "indammen_ontvanger": WEIGHED,
    "bewijs_veiligstellen": WEIGHED,
    "betrokkenen": WEIGHED,
    # 29.1 names data breaches; a report to CISO and IBD is a report of the same kind.
    "datalek_ap": "29.1",
    "cyber_melden": "29.1",
    "aangifte": "29.1",
    # 4.1.4: kept for good.
    "klokkenluidersregeling": "4.1.4",
    # Neither a conversation nor looking into a process is an integrity investigation.
    "gesprek": WEIGHED,
    "feitenonderzoek_intern": WEIGHED,
    # 12.1.7: aimed at a person.
    "onderzoek_extern": "12.1.7",
    "digitaal_onderzoek": "12.1.7",
    # 12.2 names sanctions on a member of staff.
    "ordemaatregel": "12.2",
    "disciplinair": "12.2",
    # 19.1.6: the council judges, the competent organ decides. Kept for good.
    "politiek_bestuurlijk": "19.1.6",
    "geheimhouding_herzien": "19.1.6",
    # What is said to the council, the press and the staff is kept where it was said.
    "raad_informeren": WEIGHED,
    "persreactie": WEIGHED,
    "intern_communiceren": WEIGHED,
    "nazorg_leren": WEIGHED,
})


def steps_taken(case: Case, framework: CompiledFramework, now: datetime) -> frozenset[str]:
    """Give the steps that were really taken: done by what the answers say, or decided on with yes."""
    advice = weigh(framework, case.answers, now)
    decided = frozenset(step for step, decision in case.decisions.items() if decision.decided == YES)
    return decided | {step.step for step in advice.steps.values() if step.done}


def category_of(steps: Collection[str], *, broken_off: bool = False, decided: bool = False) -> Category:
    """Give the category with the longest term among those of the steps taken; `decided` when the CMT decided.

    Of two that are as long, the one that says more than that there was a weighing.
    """
    first = CATEGORIES[BROKEN_OFF if broken_off else WEIGHED]
    # Of a weighing that was broken off no advice was given; what was done besides it counts all the same.
    codes = {CATEGORY_OF.get(step, WEIGHED) for step in steps} - {WEIGHED}
    codes |= {DECIDED} if decided else set()
    others = [category for code, category in CATEGORIES.items() if code in codes]
    return max((*others, first), key=_length)


def category_of_case(case: Case, framework: CompiledFramework, now: datetime) -> Category:
    """Give the category of a case as it stands; that anything at all was decided counts, too."""
    taken = steps_taken(case, framework, now)
    return category_of(taken, broken_off=case.phase == STOPPED, decided=bool(case.decisions))


def due_on(category: Category, closed_at: datetime) -> date | None:
    """Give the first day on which a dossier may be destroyed, or None when it is kept for good."""
    return None if category.years is None else years_later(day_of(closed_at), category.years)


def day_of(moment: datetime) -> date:
    """Give the day on which something happened in the Netherlands."""
    return moment.astimezone(AMSTERDAM).date()


def years_later(day: date, years: int) -> date:
    """Give the same day some years later; the day after 28 February where a year has no 29th, never earlier."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _length(category: Category) -> tuple[float, bool]:
    return (float("inf") if category.years is None else category.years, category.code != WEIGHED)
