"""`weegwijzer db`: the form of the database's tables, and moving a store to another database."""

import json
from typing import Annotated

import typer

from bot.cli.refusal import Refusal
from bot.cli.source import run, where
from bot.errors import SettingsError, StoreUnavailable
from bot.setting_values import database_url
from bot.settings import Whereabouts
from bot.storage.keyring import origin_of
from bot.storage.moving import Database, Forms, forms, move, upgrade_database

app = typer.Typer(help="Check or upgrade the database's tables; copy a store to another database.")
commands = typer.Typer()
commands.add_typer(app, name="db")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
From = Annotated[str, typer.Argument(metavar="FROM", help="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")]
To = Annotated[str, typer.Argument(metavar="TO", help="An empty database, written in the same way.")]


@app.command()
def check(as_json: AsJson = False) -> None:
    """Print which form the tables have and which one this version needs; exit 1 when they must be upgraded."""
    found, needed = _forms()
    if as_json:
        print(json.dumps({"found": found, "needed": needed}, indent=1))
    else:
        print(_words(found, needed))
    if found != needed:
        raise typer.Exit(1)


@app.command()
def upgrade() -> None:
    """Bring the tables to this version's form, each step whole or not at all; stop the bot first."""
    found, needed = run(upgrade_database(_database(where())))
    if found == needed:
        print(f"Nothing to do: the tables have form {needed}, which this version needs.")
    elif found == 0:
        print(_words(_forms().found, needed))
    else:
        print(f"The tables had form {found} and have form {needed} now.")


@app.command()
def copy(source: From, target: To) -> None:
    """Copy every case, key and register entry to an empty database and compare the ends of all chains; stop the bot."""
    place = where()
    moved = run(move(_database(place, _url(source)), _database(place, _url(target))))
    print(f"{moved.cases} cases with {moved.events} events and {moved.register} entries of the register were copied.")
    print("Every chain ends there as it did here. The data key is the same: keep its file, and set")
    print("WEEGWIJZER_DATABASE_URL to the new address. What was copied from is unchanged; delete it when you are sure.")


def _forms() -> Forms:
    try:
        return forms(_database(where()))
    except (SettingsError, StoreUnavailable) as error:
        raise Refusal(f"not done: {error}") from None


def _words(found: int, needed: int) -> str:
    if found == needed:
        return f"The tables have form {found}, which this version needs."
    if found == 0:
        return f"There are no tables yet; the first start makes them, in form {needed}."
    if found > needed:
        return (
            f"The tables have form {found}, of a newer Weegwijzer than this one (form {needed}): install that version."
        )
    return f"The tables have form {found}, and this version needs {needed}: run `weegwijzer db upgrade`."


def _database(place: Whereabouts, url: str | None = None) -> Database:
    address = url or place.database_url
    origin = origin_of(place.organisation[0])
    return Database(address, place.database_schema, place.data_dir, place.data_key_file, origin)


def _url(text: str) -> str:
    try:
        return database_url(text)
    except ValueError as error:
        raise Refusal(str(error)) from None
