"""Standard output as every command has it: in UTF-8, read to its end or not, closed or full."""

import io
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from bot.cli.refusal import Refusal

# A file's name that is no UTF-8 is told with its odd bytes as \xe9, which stderr does by itself.
_ODD = "backslashreplace"


def open_output() -> None:
    """Make standard output take whatever a command prints, so that its exit code is about its work alone."""
    # Without them `print` says nothing, or says on stdout what is meant for stderr.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    if sys.stdout is not sys.__stdout__ or not isinstance(sys.stdout, io.TextIOWrapper):
        return
    if sys.stdout.isatty():
        sys.stdout.reconfigure(errors="replace")
        return
    output = io.BufferedWriter(_Output(sys.stdout.fileno(), "wb", closefd=False))
    sys.stdout = io.TextIOWrapper(output, encoding="utf-8", errors=_ODD, line_buffering=sys.stdout.line_buffering)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8", errors=_ODD)


class _Output(io.FileIO):
    """A file or pipe; what is printed after its reader stopped reading (`| head`) goes nowhere."""

    _is_over = False

    def write(self, data: Any) -> int:
        """Write, and say in one line why that is not possible."""
        if self._is_over:
            return len(data)
        try:
            return super().write(data)
        except BrokenPipeError:
            self._is_over = True
            return len(data)
        except OSError as error:
            # Once is enough: Python tries again when it ends.
            self._is_over = True
            raise Refusal(f"what was found cannot be written ({error.strerror}); make room for the output") from None
