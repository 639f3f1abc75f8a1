"""E21: a missing or wrong setting stops the start with one clear line, and nobody is let in without a token."""

import base64
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import running
from bot.settings import read_settings
from tests.bot.fakes_teams import FakeIdentity, FakeTeams
from tests.bot.test_production import environment
from tests.ports import free_port
from tests.trust import report
from tests.trust.door import ANJA, CHAT_TABLES, Town, fresh_id, town

Env = dict[str, str]
ID = "11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Wrong:
    """A setting that is spoiled, and the names of which one must stand in the line."""

    spoil: Callable[[Env, Path], None]
    named: str


def without(name: str) -> Wrong:
    return Wrong(lambda env, _: void(env.pop(name)), name)


def given(name: str, value: str, named: str = "") -> Wrong:
    return Wrong(lambda env, _: env.update({name: value}), named or name)


def written(name: str, content: bytes, mode: int = 0o600, named: str = "") -> Wrong:
    """Give a setting that names a file with this content."""

    def spoil(env: Env, folder: Path) -> None:
        file = folder / "spoiled"
        file.write_bytes(content)
        file.chmod(mode)
        env[name] = str(file)

    return Wrong(spoil, named or name)


def local(**settings: str) -> Wrong:
    """Give local mode, which knows no tokens, with what would let others than this machine in."""
    name = next(iter(settings))

    def spoil(env: Env, _: Path) -> None:
        env.clear()
        env.update({"WEEGWIJZER_MODE": "local", **settings})

    return Wrong(spoil, name)


def void(_: object) -> None:
    return None


def a_listed(person: str) -> bytes:
    return f"tenants: [{ID}]\npeople:\n  - {person}\n".encode()


KEY = base64.b64encode(os.urandom(32))
WRONG: dict[str, Wrong] = {
    **{f"no {name}": without(name) for name in (
        "MicrosoftAppId", "MicrosoftAppPassword", "MicrosoftAppTenantId", "WEEGWIJZER_ACCESS_FILE",
        "WEEGWIJZER_DATA_KEY_FILE", "WEEGWIJZER_CMT_TEAM_ID", "WEEGWIJZER_CMT_CHANNEL_ID",
    )},
    "nothing at all": Wrong(lambda env, _: env.clear(), "MicrosoftAppId"),
    "an empty app id": given("MicrosoftAppId", " "),
    "an app id that is none": given("MicrosoftAppId", "weegwijzer"),
    "an app of several tenants": given("MicrosoftAppType", "MultiTenant"),
    "any tenant": given("MicrosoftAppTenantId", "common"),
    "another mode": given("WEEGWIJZER_MODE", "prod"),
    "a mode in capitals": given("WEEGWIJZER_MODE", "LOCAL"),
    "port 0": given("PORT", "0"),
    "a port in words": given("PORT", "https"),
    "one port for both": given("WEEGWIJZER_METRICS_PORT", "3978"),
    "a host that is none": given("WEEGWIJZER_HOST", "http://0.0.0.0"),
    "every host of Azure": given("WEEGWIJZER_ALLOWED_SERVICE_URLS", "*.trafficmanager.net"),
    "Teams without https": given("WEEGWIJZER_ALLOWED_SERVICE_URLS", "http://smba.trafficmanager.net"),
    "Teams with a user": given("WEEGWIJZER_ALLOWED_SERVICE_URLS", "https://x@smba.trafficmanager.net"),
    "a login of elsewhere": given("WEEGWIJZER_LOGIN_URL", "https://login.evil.example"),
    "keys of elsewhere": given("WEEGWIJZER_OPENID_METADATA_URL", "https://login.botframework.com.evil.example/"),
    "keys from a file": given("WEEGWIJZER_OPENID_METADATA_URL", "file:///etc/passwd"),
    "another database": given("WEEGWIJZER_DATABASE_URL", "mysql://localhost/x"),
    "a database in memory": given("WEEGWIJZER_DATABASE_URL", "sqlite:///:memory:"),
    "a setting that is misspelt": given("WEEGWIJZER_ACESS_FILE", "x"),
    "an access file that is not there": given("WEEGWIJZER_ACCESS_FILE", "nowhere.yaml"),
    "an access file without people": written("WEEGWIJZER_ACCESS_FILE", f"tenants: [{ID}]\n".encode(), named="spoiled"),
    "a person without an id": written("WEEGWIJZER_ACCESS_FILE", a_listed("{name: A, function: B, roles: [cmt]}"),
        named="spoiled"),
    "a role that is none": written("WEEGWIJZER_ACCESS_FILE",
        a_listed(f"{{id: {ID}, name: A, function: B, roles: [x]}}"), named="spoiled"),
    "an access file that is no text": written("WEEGWIJZER_ACCESS_FILE", b"\xff\xfe", named="spoiled"),
    "a framework that is not there": given("WEEGWIJZER_FRAMEWORK", "nowhere.yaml"),
    "a framework that is none": written("WEEGWIJZER_FRAMEWORK", b"a: b\n", named="spoiled"),
    "a key that is not there": given("WEEGWIJZER_DATA_KEY_FILE", "nowhere.key"),
    "a key that others may read": written("WEEGWIJZER_DATA_KEY_FILE", KEY, mode=0o644),
    "a key that is too short": written("WEEGWIJZER_DATA_KEY_FILE", KEY[:20]),
    "a key that is no base64": written("WEEGWIJZER_DATA_KEY_FILE", b"!" * 44),
    "a data directory that is a file": written("WEEGWIJZER_DATA_DIR", b""),
    "local mode for everyone": local(WEEGWIJZER_HOST="0.0.0.0"),
    "local mode for everyone, IPv6": local(WEEGWIJZER_HOST="::"),
    "local mode in the network": local(WEEGWIJZER_HOST="192.168.1.4"),
    "local mode under a name": local(WEEGWIJZER_HOST="weegwijzer.example"),
    "local mode with Teams itself": local(WEEGWIJZER_ALLOWED_SERVICE_URLS="smba.trafficmanager.net"),
    "local mode with a strange login": local(WEEGWIJZER_LOGIN_URL="https://login.evil.example"),
}  # fmt: skip


def start(env: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Start the program as a municipality does, in an empty folder, with these settings and no others."""
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(report.ROOT)}
    command = [sys.executable, "-m", "bot", "serve"]
    return subprocess.run(
        command, cwd=folder, env={**path, **env}, capture_output=True, text=True, check=False, timeout=120
    )


def refused(name: str, wrong: Wrong, folder: Path) -> list[str]:
    """Start with one thing wrong, and give what is not as it should be."""
    folder.mkdir()
    env = environment(folder, FakeTeams(url="http://127.0.0.1:1"), FakeIdentity(url="http://127.0.0.1:1"))
    wrong.spoil(env, folder)
    done = start(env, folder)
    found = {
        "started": done.returncode != 2,
        "no line": not re.fullmatch(r"weegwijzer: [^\n]{20,}\n", done.stderr),
        "not named": wrong.named not in done.stderr,
        "a traceback": "Traceback" in done.stderr or ".py" in done.stderr,
        "a secret": "wachtwoord" in done.stderr or KEY.decode() in done.stderr,
        "on stdout": bool(done.stdout),
    }
    return [f"{name}: {what}: {done.stderr[:300]}" for what, is_so in found.items() if is_so]


async def posts_without_a_token(here: Town) -> list[int]:
    """Deliver what would open a case without a token, at each address that the bot can be reached at."""
    statuses = []
    port = here.address.rpartition(":")[2]
    for host in ("127.0.0.1", "127.0.0.2"):
        body = here.activity(ANJA, text="nieuw", id=fresh_id())
        async with here.session.post(f"http://{host}:{port}/api/messages", json=body) as response:
            statuses.append(response.status)
    assert here.rows() == here.rows(CHAT_TABLES) == 0
    assert here.teams.calls == []
    return statuses


def is_heard(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


async def test_nothing_starts_with_a_wrong_setting_and_nobody_is_anonymous(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(2) as both:
        jobs = [(name, wrong, tmp_path / str(number)) for number, (name, wrong) in enumerate(WRONG.items())]
        assert [line for lines in both.map(lambda job: refused(*job), jobs) for line in lines] == []
    assert len(WRONG) >= 25

    (tmp_path / "town").mkdir()
    async with town(tmp_path / "town", monkeypatch, WEEGWIJZER_HOST="0.0.0.0") as here:
        assert await posts_without_a_token(here) == [401, 401]
        # The figures are for this machine alone, also when the bot is for everyone.
        ports = [int(address.rpartition(":")[2]) for address in (here.address, here.figures)]
        assert [is_heard("127.0.0.2", port) for port in ports] == [True, False]

    port = free_port()
    local_mode = {"WEEGWIJZER_MODE": "local", "WEEGWIJZER_DATA_DIR": str(tmp_path / "local"), "PORT": str(port)}
    async with running(read_settings(local_mode, None)):
        assert [is_heard(host, port) for host in ("127.0.0.1", "127.0.0.2")] == [True, False]
    report.say(
        "E21",
        f"{len(WRONG)} missing or wrong settings: {len(WRONG)} times one clear line and no start;"
        " without tokens on 127.0.0.1 alone",
    )
