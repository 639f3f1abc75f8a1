"""The demo: the bot and Microsoft's Agents Playground side by side, until Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bot.demo.playground import fetch_playground, playground_command, prepare_folder
from bot.errors import SettingsError
from bot.setting_values import moment

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".demo"
_START_SECONDS = 90.0
# Longer than the bot gives what it has under way (12 s).
_END_SECONDS = 15.0

_WELCOME = """
Weegwijzer runs, on this machine only.

  Open      http://127.0.0.1:{playground}
  You are   Anja de Vries, gemeentesecretaris (assessor and decider)
  Type      nieuw     to begin a weighing     (new, in English)
            help      for all that you can type
  The advice card appears in team Concernmanagementteam, channel CMT adviezen.

The Playground is Microsoft's; it was fetched under Microsoft's evaluation terms, and it listens on all
addresses of this machine. The cases are kept in {data}.
Press Ctrl-C to end both.
"""


def run_demo(env: Mapping[str, str] | None = None, now: str = "") -> None:
    """Run both until Ctrl-C or SIGTERM; raises SettingsError when one cannot start or ends by itself.

    `now` is what the bot's clock starts at.
    """
    given = dict(os.environ if env is None else env)
    if now:
        given["WEEGWIJZER_NOW"] = _moment(now)
    port, playground_port = _port(given, "PORT", 3978), _port(given, "PLAYGROUND_PORT", 56150)
    if port == playground_port:
        raise SettingsError(f"PORT and PLAYGROUND_PORT are both {port}; choose another one for one of them")
    for number, name in ((port, "PORT"), (playground_port, "PLAYGROUND_PORT")):
        _check_free(number, name)
    data = Path(given.get("WEEGWIJZER_DATA_DIR") or HOME / "data")
    node, program = fetch_playground(HOME)
    children: dict[str, subprocess.Popen[bytes]] = {}
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        children["the bot"] = _start_bot(given, port, data)
        _wait_for(f"http://127.0.0.1:{port}/readyz", "the bot", children)
        folder, endpoint = HOME / "playground", f"http://127.0.0.1:{port}/api/messages"
        command = playground_command(node, program, playground_port, endpoint)
        children["the Playground"] = _start(command, prepare_folder(folder, node), folder, quiet=True)
        _wait_for(f"http://127.0.0.1:{playground_port}", "the Playground", children)
        print(_WELCOME.format(playground=playground_port, data=data), flush=True)
        _open_browser(playground_port)
        _watch(children)
    except KeyboardInterrupt:
        print("\nEnding both.", flush=True)
    finally:
        _end(children)


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not re.fullmatch(r"\d{1,5}", text) or not 1 <= int(text) <= 65535:
        raise SettingsError(f"{name}: {text!r} is no port; give a number from 1 to 65535")
    return int(text)


def _moment(text: str) -> str:
    try:
        return moment(text.strip()).isoformat()
    except ValueError as error:
        raise SettingsError(f"--now: {error}") from None


def _check_free(port: int, name: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SettingsError(f"port {port} is taken; choose another one with {name}=...") from None


def _start_bot(env: Mapping[str, str], port: int, data: Path) -> subprocess.Popen[bytes]:
    own = {"WEEGWIJZER_MODE": "local", "PORT": str(port), "WEEGWIJZER_DATA_DIR": str(data)}
    return _start([sys.executable, "-m", "bot", "serve"], {**env, **own}, ROOT)


def _start(command: list[str], env: Mapping[str, str], folder: Path, quiet: bool = False) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches the demo alone, which then ends its children in order.
    output = subprocess.DEVNULL if quiet else None
    return subprocess.Popen(  # noqa: S603  # our own words
        command, env=dict(env), cwd=folder, stdout=output, stderr=output, start_new_session=True
    )


def _wait_for(address: str, name: str, children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        _check_alive(children)
        with suppress(URLError, OSError), urlopen(address, timeout=2):  # noqa: S310  # loopback
            return
        time.sleep(0.1)
    raise SettingsError(f"{name} did not answer within {_START_SECONDS:.0f} seconds")


def _watch(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    while True:
        _check_alive(children)
        time.sleep(0.3)


def _check_alive(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            raise SettingsError(f"{name} {_how(child.returncode)}")


def _how(code: int) -> str:
    """Tell how a child ended: one that was killed could say nothing of it itself."""
    if code < 0:
        return f"was ended by another program (signal {-code}); run the demo again, nothing is lost"
    return f"ended by itself (exit {code}); the lines above say why"


def _end(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for child in reversed(list(children.values())):
        _signal(child, signal.SIGTERM)
    for child in children.values():
        try:
            child.wait(_END_SECONDS)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            # Who presses Ctrl-C once more does not want to wait.
            _signal(child, signal.SIGKILL)
            child.wait()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _open_browser(port: int) -> None:
    if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        with suppress(webbrowser.Error):
            webbrowser.open(f"http://127.0.0.1:{port}")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
