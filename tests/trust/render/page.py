"""Cards drawn in a browser: what stands in the page then."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, async_playwright

from dialogs.values import Card
from tests.e2e.client import FLAGS, browser_program
from tests.trust.render.packages import scripts

_DRAWING = Path(__file__).with_name("drawing.js")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card in the page: its elements in order, how many of them lead or act by themselves, and words by place."""

    elements: str
    live: int
    words: Mapping[str, str]


class Renderer:
    """Draws cards in one page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def draw(self, cards: Sequence[Card]) -> list[Drawn]:
        """Give what each card is in the page."""
        return [Drawn(**found) for found in await self._page.evaluate("cards => window.draw(cards)", list(cards))]


@asynccontextmanager
async def renderer() -> AsyncIterator[Renderer]:
    """Open a page that can draw cards and reaches nothing."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_program(), args=FLAGS)
        page = await browser.new_page()
        for script in (*scripts(), _DRAWING):
            await page.add_script_tag(path=script)
        yield Renderer(page)
        await browser.close()
