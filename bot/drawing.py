"""The card in the channel as it is drawn now: what was confirmed, what was decided since, and what can be pressed."""

import json
from datetime import datetime
from typing import Any

from bot.cases import Loaded
from dialogs.cards.standing import standing_card
from dialogs.wording import Wording
from state.case import Case
from state.codec import print_of

# Whom a handle on a channel card stands for: nobody in particular.
CHANNEL = "channel"


def card_context(case: Case) -> str:
    """Give what a handle on the present card stands for: its version, and how often was decided."""
    return f"card:{case.posted.version if case.posted else 0}:{case.round}"


def drawn(loaded: Loaded, wording: Wording, handle: str, notice: str = "") -> dict[str, Any]:
    """Give the card with what can be pressed; `notice` is for the one who pressed."""
    case = loaded.case
    base = json.loads(case.posted.card) if case.posted else {}
    return standing_card(base, case, loaded.framework.framework, wording, handle=handle, notice=notice)


def drawn_closed(loaded: Loaded, wording: Wording, closed_at: datetime) -> dict[str, Any]:
    """Give the card of a closed case: nothing to press, and the last print."""
    case = loaded.case
    base = json.loads(case.posted.card) if case.posted else {}
    closed = (closed_at, print_of(loaded.link))
    return standing_card(base, case, loaded.framework.framework, wording, closed=closed)
