"""`weegwijzer serve` and `weegwijzer demo`: the bot alone, or with Microsoft's Playground beside it."""

import asyncio

from bot.cli.refusal import Refusal
from bot.errors import SettingsError
from bot.log import configure_logs
from bot.settings import read_settings


def serve() -> None:
    """Run the bot; the settings come from the environment or a .env file (see README)."""
    # Imported here: the SDK takes a second to load, and no other command needs it.
    from bot.app import serve as run

    try:
        settings = read_settings()
        configure_logs(readable=settings.is_local)
        asyncio.run(run(settings))
    except SettingsError as error:
        raise Refusal(str(error)) from None


def demo() -> None:
    """Run the bot with Microsoft's Agents Playground as the Teams client, on this machine only."""
    from bot.demo.run import run_demo

    try:
        run_demo()
    except SettingsError as error:
        raise Refusal(str(error)) from None
