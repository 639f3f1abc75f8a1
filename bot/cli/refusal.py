"""What a command says when it cannot go on: what, where, and how to mend it, in one line."""

import sys


class Refusal(Exception):
    """Wrong use or unreadable input; ends the program with 2."""


def complain(message: str) -> None:
    """Write one line to stderr; several faults stand in it with a bar between them."""
    faults = (" ".join(line.split()) for line in message.splitlines())
    print("weegwijzer:", " | ".join(fault for fault in faults if fault), file=sys.stderr)
