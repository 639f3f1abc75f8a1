"""The addresses the bot may call: exact hosts, https, and nothing hidden in the address."""

import re
from collections.abc import Collection

from bot.setting_values import is_loopback

# Strict on purpose: no user, no percent signs, no query, no upper case, no backslash, ASCII only. What is
# not spelled as Teams spells it is not Teams.
_FORM = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9][a-z0-9.-]*|\[::1\])(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*)/?"
)


class HostRefused(ValueError):
    """The address is not on the list; its text stands in no message."""


class ServiceUrls:
    """Decides whether an address may be called; a host counts only when it is listed exactly."""

    def __init__(self, hosts: Collection[str]) -> None:
        """Take `host`, or `host:port` for loopback."""
        self._hosts = frozenset(hosts)

    def check(self, url: str) -> str:
        """Give the address without a slash at its end; raises HostRefused."""
        found = _FORM.fullmatch(url) if len(url) <= 512 else None
        if found is None:
            raise HostRefused
        host, port = found["host"], found["port"]
        if is_loopback(host):
            is_listed = host in self._hosts or f"{host}:{port}" in self._hosts
        else:
            is_listed = host in self._hosts and port is None and found["scheme"] == "https"
        if not is_listed:
            raise HostRefused
        return url.rstrip("/")
