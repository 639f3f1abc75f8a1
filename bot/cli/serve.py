"""`weegwijzer serve` and `weegwijzer demo`: the bot alone, or with Microsoft's Playground beside it."""

import asyncio
import gc
from typing import Annotated

import typer

from bot.cli.refusal import Refusal
from bot.errors import SettingsError
from bot.log import configure_logs
from bot.settings import read_settings

commands = typer.Typer()


@commands.command()
def serve() -> None:
    """Run the bot; the settings come from the environment or a .env file (see README)."""
    # What a start makes stays: looking for garbage in it took a seventh of the time. The bot looks once it listens.
    gc.disable()
    try:
        settings = read_settings()
        configure_logs(readable=settings.is_local)
        # Imported here: the SDK takes a second to load, and a wrong setting is told at once without it.
        from bot.app import serve as run

        asyncio.run(run(settings))
    except SettingsError as error:
        raise Refusal(str(error)) from None
    finally:
        gc.enable()


@commands.command()
def demo(
    only_fetch: Annotated[bool, typer.Option("--only-fetch", help="Fetch the Playground and run nothing.")] = False,
    now: Annotated[
        str,
        typer.Option(
            "--now",
            metavar="MOMENT",
            help="Start the bot's clock at this moment and let it run on, to see what terms do: "
            '"2026-11-25 22:00" (time in the Netherlands) or ISO. Cases are kept: start again with a later one.',
        ),
    ] = "",
) -> None:
    """Run the bot with Microsoft's Agents Playground as the Teams client, on this machine only."""
    from bot.demo.playground import fetch_playground
    from bot.demo.run import HOME, run_demo

    try:
        if only_fetch:
            fetch_playground(HOME)
        else:
            run_demo(now=now)
    except SettingsError as error:
        raise Refusal(str(error)) from None
