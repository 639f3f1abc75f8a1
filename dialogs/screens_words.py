"""What is shown of words for others."""

from dataclasses import dataclass

from state.case import Case

WORDS_INPUT = "words."


@dataclass(frozen=True, slots=True)
class WordsText:
    """A text for others; `is_typed`: not kept yet; `newer` is the one that was kept elsewhere meanwhile."""

    audience: str
    text: str
    is_kept: bool = False
    is_typed: bool = False
    newer: str = ""


@dataclass(frozen=True, slots=True)
class WordsScreen:
    """The three texts; `seen` are the event numbers of those that are kept, 0 for a proposal."""

    case: Case
    texts: tuple[WordsText, ...]
    seen: tuple[int, ...]

    @property
    def context(self) -> str:
        """Give what a handle on this card stands for."""
        return "words:" + ",".join(map(str, self.seen))
