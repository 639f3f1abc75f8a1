"""(c) What one would build with botbuilder: a WaterfallDialog of twelve questions over a simple SQLite storage."""

import json
import os
import sqlite3

from aiohttp import web
from botbuilder.core import ActivityHandler, ConversationState, MessageFactory, Storage, TurnContext
from botbuilder.dialogs import (
    DialogSet,
    DialogTurnResult,
    DialogTurnStatus,
    TextPrompt,
    WaterfallDialog,
    WaterfallStepContext,
)
from botbuilder.dialogs.prompts import PromptOptions
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from jsonpickle import decode, encode

QUESTIONS = 12


class Config:
    """The sample's settings."""

    APP_ID = ""
    APP_PASSWORD = ""
    APP_TYPE = "MultiTenant"
    APP_TENANTID = ""


class SqliteStorage(Storage):
    """A row per key, as simple as it can be; the last writer wins, as in botbuilder's own storages."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE IF NOT EXISTS item (key TEXT PRIMARY KEY, value TEXT NOT NULL)")

    async def read(self, keys: list[str]) -> dict[str, object]:
        """Give what is kept under these keys."""
        found = {}
        for key in keys:
            row = self._db.execute("SELECT value FROM item WHERE key = ?", (key,)).fetchone()
            if row:
                found[key] = decode(row[0])  # noqa: S301  # as botbuilder does
        return found

    async def write(self, changes: dict[str, object]) -> None:
        """Keep these."""
        with self._db as db:
            for key, value in changes.items():
                db.execute("INSERT OR REPLACE INTO item VALUES (?, ?)", (key, encode(value)))

    async def delete(self, keys: list[str]) -> None:
        """Forget these."""
        with self._db as db:
            db.executemany("DELETE FROM item WHERE key = ?", [(key,) for key in keys])


def _step(number: int):
    async def ask(step: WaterfallStepContext) -> DialogTurnResult:
        if number:
            step.values[f"answer{number}"] = step.result
        prompt = MessageFactory.text(f"Vraag {number + 1} van {QUESTIONS}?")
        return await step.prompt("text", PromptOptions(prompt=prompt))

    return ask


async def _sum_up(step: WaterfallStepContext) -> DialogTurnResult:
    step.values[f"answer{QUESTIONS}"] = step.result
    given = [step.values[f"answer{number}"] for number in range(1, QUESTIONS + 1)]
    await step.context.send_activity(f"Klaar: {json.dumps(given)}")
    return await step.end_dialog()


class Weighing(ActivityHandler):
    """Asks twelve questions and sums up the answers."""

    def __init__(self, state: ConversationState) -> None:
        self._state = state
        self._dialogs = DialogSet(state.create_property("dialogs"))
        self._dialogs.add(TextPrompt("text"))
        self._dialogs.add(WaterfallDialog("questions", [*(_step(number) for number in range(QUESTIONS)), _sum_up]))

    async def on_turn(self, turn_context: TurnContext) -> None:
        """Take a turn, and keep what changed."""
        await super().on_turn(turn_context)
        await self._state.save_changes(turn_context)

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Go on with the questions, or begin."""
        dialogs = await self._dialogs.create_context(turn_context)
        result = await dialogs.continue_dialog()
        if result.status == DialogTurnStatus.Empty:
            await dialogs.begin_dialog("questions")


ADAPTER = CloudAdapter(ConfigurationBotFrameworkAuthentication(Config()))


async def messages(request: web.Request) -> web.Response:
    """Hand a request to the SDK."""
    answer = await ADAPTER.process(request, request.app["bot"])
    return answer if isinstance(answer, web.Response) else web.Response(status=201)


async def application() -> web.Application:
    """Give the server."""
    made = web.Application()
    made["bot"] = Weighing(ConversationState(SqliteStorage("waterfall.sqlite")))
    made.router.add_post("/api/messages", messages)
    return made


if __name__ == "__main__":
    web.run_app(application(), host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)
