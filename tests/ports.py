"""Ports that nothing listens on."""

import random
import socket
from contextlib import suppress


def free_port() -> int:
    """Give a port that nothing listens on."""
    # Below the range from which the system gives ports to connections: one of those could take it meanwhile.
    return next(port for port in random.sample(range(20_000, 30_000), 50) if is_free(port))


def is_free(port: int) -> bool:
    """Tell whether a port of this machine can be listened on."""
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False
