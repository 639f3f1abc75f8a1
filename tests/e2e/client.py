"""A person at the real Playground in a real browser: what they press, type, see."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from playwright.async_api import Locator, Page, ViewportSize, async_playwright, expect

from bot.demo.playground import fetch_playground, playground_command, prepare_folder
from bot.demo.run import HOME

ROOT = Path(__file__).resolve().parents[2]
SHOTS = Path(__file__).with_name("shots")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# Nothing but this machine: a browser of its own accord speaks to its maker.
WINDOW: ViewportSize = {"width": 1280, "height": 1000}
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",  # small in a container
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-first-run",
    "--no-sandbox",  # there is none for root, nor in many a container; what is shown comes from this machine alone
]


def browser_program() -> str:
    """Give any installed Chrome or Chromium; loud when there is none, since a skipped test is seen by nobody."""
    found = next((path for path in map(shutil.which, PROGRAMS) if path), None)
    if found is None and MAC.exists():
        found = str(MAC)
    assert found, "no Chrome or Chromium; scripts/test installs Debian's when root, else install one"
    return found


@contextmanager
def demo(data: Path, port: int, playground_port: int) -> Iterator[str]:
    """Run `weegwijzer demo` as a person would, and give the Playground's address."""
    own = {"PORT": str(port), "PLAYGROUND_PORT": str(playground_port), "WEEGWIJZER_DATA_DIR": str(data)}
    with _running([sys.executable, "-m", "bot", "demo"], ROOT, own) as program:
        assert program.stdout is not None
        heard = ""
        while "Press Ctrl-C" not in heard:
            line = program.stdout.readline()
            assert line, f"the demo ended: {heard}"
            heard += line
        yield f"http://127.0.0.1:{playground_port}"


@contextmanager
def bot(data: Path, port: int, now: str = "") -> Iterator[None]:
    """Run the bot alone, with a clock that starts at `now`; it is killed at the end, as by a power cut."""
    own = {"WEEGWIJZER_MODE": "local", "PORT": str(port), "WEEGWIJZER_DATA_DIR": str(data), "WEEGWIJZER_NOW": now}
    with _running([sys.executable, "-m", "bot", "serve"], ROOT, own, signal.SIGKILL):
        _wait_for(f"http://127.0.0.1:{port}/readyz")
        yield


@contextmanager
def playground(port: int, bot_port: int) -> Iterator[str]:
    """Run the Playground alone and give its address."""
    node, program = fetch_playground(HOME)
    command = playground_command(node, program, port, f"http://127.0.0.1:{bot_port}/api/messages")
    folder = HOME / "playground"
    with _running(command, folder, prepare_folder(folder, node)):
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield address


@contextmanager
def _running(
    command: list[str], folder: Path, own: Mapping[str, str], end: signal.Signals = signal.SIGTERM
) -> Iterator[subprocess.Popen[str]]:
    env = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    program = subprocess.Popen(command, cwd=folder, env={**env, **own}, stdout=subprocess.PIPE, text=True)
    try:
        yield program
    finally:
        program.send_signal(end)
        program.communicate()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), urlopen(address, timeout=2):
            return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens at {address}")


class Client:
    """The Playground as Anja de Vries sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.turns = 0

    @property
    def cards(self) -> Locator:
        """All cards in the open chat, oldest first."""
        return self.page.locator(".ac-adaptiveCard")

    @property
    def card(self) -> Locator:
        """The last card."""
        return self.cards.last

    async def words(self) -> str:
        """Give what the last card says, in one line."""
        return " ".join((await self.card.inner_text()).split())

    async def type(self, text: str) -> None:
        """Type a message and wait for the card that answers it."""
        before = await self.cards.count()
        box = self.page.locator("[contenteditable=true]").first
        await box.click()
        await box.press_sequentially(text)
        await box.press("Enter")
        await self._heard(before)

    async def press(self, label: str) -> None:
        """Press a button of the last card and wait for the next card."""
        await self._press(self.card.get_by_role("button", name=label, exact=True))

    async def press_in_place(self, label: str) -> None:
        """Press a button of the last card, which is then replaced itself."""
        self.turns += 1
        await self.card.get_by_role("button", name=label, exact=True).click()

    async def choose(self, label: str) -> None:
        """Press an option of the last card: the whole row is one button."""
        await self._press(self._row(label))

    async def double_click(self, label: str) -> None:
        """Press an option twice, as people in a hurry do, and wait for the next cards."""
        before = await self.cards.count()
        await self._row(label).dblclick()
        self.turns += 2
        await expect(self.cards.nth(before + 1)).to_be_visible(timeout=15_000)

    async def tick(self, labels: list[str]) -> None:
        """Tick choices of the last card; they bear a number before their name."""
        for label in labels:
            await self.card.get_by_text(f"· {label}").click()

    async def select(self, label: str) -> None:
        """Choose from the last card's list that folds out."""
        await self.card.get_by_role("combobox").click()
        await self.page.get_by_role("option", name=label).click()

    async def open_remark(self) -> None:
        """Unfold the last card's field for a remark."""
        await self.card.get_by_text("Opmerking toevoegen").click()

    async def fill(self, text: str) -> None:
        """Fill the last card's field."""
        field = self.card.locator("input[type=text]:visible, textarea:visible").first
        await field.fill(text)

    async def says(self, text: str) -> None:
        """Wait until the last card says this."""
        await expect(self.card).to_contain_text(text, timeout=15_000)

    async def open_channel(self) -> None:
        """Go to the CMT channel."""
        await self.page.get_by_text("CMT adviezen").first.click()

    async def open_chat(self) -> None:
        """Go back to the private chat."""
        await self.page.get_by_text("Personal Chat").first.click()

    async def pictures(self, name: str) -> None:
        """Keep the last card as it looks here and 340 px wide in `tests/e2e/shots`, for people to look at."""
        SHOTS.mkdir(exist_ok=True)
        await self.page.set_viewport_size({"width": 1280, "height": 4000})
        await self.card.screenshot(path=SHOTS / f"{name}.png")
        await self.card.evaluate("card => { card.style.width = '340px' }")
        await self.card.screenshot(path=SHOTS / f"{name}-340.png")
        overflow = await self.card.evaluate("card => card.scrollWidth - card.clientWidth")
        assert overflow <= 0, f"{name} is wider than 340 px"
        await self.card.evaluate("card => { card.style.width = '' }")
        await self.page.set_viewport_size(WINDOW)

    def _row(self, label: str) -> Locator:
        return self.card.locator(".ac-selectable").filter(has=self.page.get_by_text(label, exact=True)).last

    async def _press(self, button: Locator) -> None:
        before = await self.cards.count()
        await button.click()
        await self._heard(before)

    async def _heard(self, before: int) -> None:
        self.turns += 1
        await expect(self.cards.nth(before)).to_be_visible(timeout=15_000)


@asynccontextmanager
async def client(address: str) -> AsyncIterator[Client]:
    """Open the Playground in a headless browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_program(), args=FLAGS)
        page = await browser.new_page(viewport=WINDOW)
        await page.goto(address)
        person = Client(page)
        # The bot greets whoever opens the chat; what is typed before that would seem to be answered by it.
        await expect(person.cards.first).to_be_visible(timeout=15_000)
        yield person
        await browser.close()
