"""Single values of settings: each function gives the value, or a ValueError that says how to mend it."""

import ipaddress
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.files import is_there
from bot.keepers import Keeper, read_keepers
from state.advice import AMSTERDAM

MICROSOFT_LOGIN = "https://login.microsoftonline.com"
MICROSOFT_OPENID = "https://login.botframework.com/v1/.well-known/openidconfiguration"
TEAMS_HOST = "smba.trafficmanager.net"
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HOST = re.compile(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[::1\])(:[1-9][0-9]{0,4})?")


def app_type(text: str) -> str:
    """Give the kind of app registration; only one is allowed."""
    # A multi-tenant app accepts tokens of strangers (threat model F3).
    if text != "SingleTenant":
        raise ValueError(f"{text!r} is not supported; register the app as SingleTenant")
    return text


def guid(text: str) -> str:
    """Give an id in lower case."""
    if not _GUID.fullmatch(text):
        raise ValueError("this is no id; it looks like 00000000-0000-0000-0000-000000000000")
    return text.lower()


def port(text: str) -> int:
    """Give a port's number."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise ValueError(f"{text!r} is no port; use a number from 1 to 65535")
    return int(text)


def listen_host(text: str) -> str:
    """Give an address to listen on."""
    if not re.fullmatch(r"[0-9A-Za-z.:\[\]-]{1,253}", text):
        raise ValueError(f"{text!r} is no address to listen on; use for example 127.0.0.1 or 0.0.0.0")
    return text


def loopback(text: str) -> str:
    """Give an address of this machine itself."""
    if not is_loopback(text):
        raise ValueError("local mode has no tokens and listens on loopback only; use 127.0.0.1 or remove it")
    return text


def directory(text: str) -> Path:
    """Give a directory, which may be made later."""
    path = Path(text)
    if is_there(path) and not path.is_dir():
        raise ValueError(f"{text} is not a directory; name one or a new one")
    return path


def readable_file(text: str) -> Path:
    """Give a file that is there and can be read."""
    path = Path(text)
    if not path.is_file() or not os.access(path, os.R_OK):
        raise ValueError(f"{text} cannot be read; name a file that this account may read")
    return path


def keepers(text: str) -> tuple[Keeper, ...]:
    """Give the keepers of a list of files with their public keys."""
    return read_keepers([Path(name.strip()) for name in text.split(",")])


def organisation(text: str) -> tuple[str, str]:
    """Give the code and the name of the organisation that forms the archive."""
    code, _, name = text.partition(" ")
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,40}", code) or not name.strip() or not name.isprintable():
        raise ValueError("write the code and the name, as in `gm0000 Gemeente Voorbeeld`")
    return code, name.strip()


def language(text: str) -> str:
    """Give the language of the cards in the channel."""
    if text not in ("nl", "en"):
        raise ValueError("write nl or en")
    return text


def teams_id(text: str) -> str:
    """Give the id of a team or channel."""
    if not re.fullmatch(r"[!-~]{1,256}", text) or not text.strip("."):
        raise ValueError("this is no id of Teams; copy it from the link to the team or channel")
    return text


def moment(text: str) -> datetime:
    """Give a moment; without a zone it is a time in the Netherlands."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        given = datetime.min  # noqa: DTZ901  # only its year is looked at
    # Far from now there is nothing to try out, and calculating with it fails.
    if not _FIRST_YEAR <= given.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} is no moment; write for example 2026-11-25 22:00")
    local = given if given.tzinfo else given.replace(tzinfo=AMSTERDAM)
    # In UTC and back: what then reads otherwise stood in the hour that a clock change leaves out.
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != given.replace(tzinfo=None):
        raise ValueError(f"{text!r} does not exist: the clock went forward; write a later hour")
    return local


def service_hosts(text: str) -> frozenset[str]:
    """Give the hosts of a list: `host` or, for loopback, `host:port`; an address is taken for its host."""
    return frozenset(_service_host(entry.strip()) for entry in re.split(r"[,\s]+", text) if entry.strip())


def _service_host(entry: str) -> str:
    """Give `host` or, for loopback, `host:port`; an address is taken for its host."""
    scheme, _, rest = entry.rpartition("://")
    host = rest.partition("/")[0]
    if scheme not in ("", "http", "https") or not _HOST.fullmatch(host):
        raise ValueError(f"{entry!r} is no host; list exact names such as {TEAMS_HOST}, without * or user")
    if is_loopback(host):
        return host
    if ":" in host or scheme == "http":
        raise ValueError(f"{entry!r}: a port or http is for loopback hosts only; use {host.partition(':')[0]}")
    return host


def microsoft_or_loopback(microsoft: str) -> Callable[[str], str]:
    """Give a reader of an address that is this one of Microsoft's, or on loopback."""

    def read(text: str) -> str:
        url = text.rstrip("/")
        if url == microsoft:
            return url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not is_loopback(parts.netloc):
            raise ValueError(f"only {microsoft} or an address on loopback is allowed; remove it")
        return url

    return read


def is_loopback(host: str) -> bool:
    """Tell whether a host, with or without a port, is this machine itself."""
    name = re.sub(r":[0-9]+$", "", host) if host.count(":") < 2 or "]" in host else host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def database_url(url: str) -> str:
    """Give a database address; ValueError says what to use instead, without repeating it: it may hold a password."""
    if url.startswith(("postgresql://", "postgres://")):
        return _postgres_url(url)
    path = url.removeprefix("sqlite:///")
    if path == url or not path or path.startswith(":") or "?" in path or path.endswith("/"):
        raise ValueError("this is no database address; use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")
    return url


def _postgres_url(url: str) -> str:
    # Loading its libraries takes time that the default needs not pay.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        named = conninfo_to_dict(url)
    except ProgrammingError:
        raise ValueError("PostgreSQL's address cannot be read; use postgresql://USER:PASSWORD@HOST/NAME") from None
    if not named.get("host") or not named.get("dbname"):
        raise ValueError("PostgreSQL's address names no host or no database; use postgresql://USER:PASSWORD@HOST/NAME")
    return url


def schema(text: str) -> str:
    """Give the name of an organisation's schema, which stands in statements as it is."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,49}", text):
        raise ValueError(f"{text!r} is no schema's name; use lower case letters, digits and _")
    return text
