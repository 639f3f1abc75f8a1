"""What nobody caught is told by its kind and place: its words may repeat what someone typed (threat model F20)."""

import sys
import threading
import traceback
from collections.abc import Callable


def frames_of(error: BaseException) -> list[str]:
    """Give where an exception came from, as `file:line:function`, without its words or any value."""
    return [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def in_short(error: BaseException) -> str:
    """Give an exception's kind, and the last places that it passed."""
    return f"{type(error).__name__} at {' < '.join(reversed(frames_of(error)[-3:])) or 'no place'}"


def tell_uncaught(tell: Callable[[BaseException], None]) -> None:
    """Let this hear of everything that Python would print with its words: also of threads and finalisers."""

    def hear(error: BaseException | None) -> None:
        if error is not None:
            tell(error)

    sys.excepthook = lambda _, error, __: hear(error)
    sys.unraisablehook = lambda unraisable: hear(unraisable.exc_value)
    threading.excepthook = lambda ended: hear(ended.exc_value)
