"""The program `weegwijzer`: one line on stderr for wrong use, findings on stdout, never a traceback."""

import logging
import sys
from importlib import import_module

import typer

from bot.cli.output import open_output
from bot.cli.refusal import Refusal, complain
from bot.uncaught import in_short, tell_uncaught

# The module of each command, in the order of the help. Only that one is loaded: `serve` starts 12% sooner, with a
# quarter less memory, than when it loads what exports dossiers and speaks to PostgreSQL.
_MODULE_OF = {
    "serve": "serve",
    "demo": "serve",
    "framework": "framework",
    "dossier": "dossier",
    "manifest": "manifest",
    "keys": "store",
    "check": "store",
    "prints": "store",
    "backup": "store",
    "db": "database",
}


def with_command(name: str) -> typer.Typer:
    """Give the program with the command of that name; with all of them when there is none, for its help."""
    app = typer.Typer(
        name="weegwijzer",
        help="Weegwijzer guides a municipality through weighing an information leak. People decide.",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for module in [_MODULE_OF[name]] if name in _MODULE_OF else dict.fromkeys(_MODULE_OF.values()):
        app.add_typer(import_module(f"bot.cli.{module}").commands)
    return app


def main() -> None:
    """Run a command; exit 0 done, 1 the check failed, 2 wrong use or unreadable input."""
    open_output()
    tell_uncaught(_complain_inside)
    # A command says in one line what went wrong; what a library would say beside it is of use to a bot's log alone.
    logging.lastResort = logging.NullHandler()
    try:
        # Not standalone: the library would print several lines for wrong use.
        given = sys.argv[1:] or ["--help"]
        code = with_command(given[0])(given, prog_name="weegwijzer", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code)
    except typer.TyperException as wrong:
        complain(_in_one_line(wrong))
        sys.exit(2)
    except Refusal as refusal:
        complain(str(refusal))
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        _complain_inside(error)
        sys.exit(2)


def _complain_inside(error: BaseException) -> None:
    """Say that the mistake is ours and where it is; an exception's words may hold content of a case."""
    complain(f"this went wrong inside: {in_short(error)}; please report it")


def _in_one_line(wrong: typer.TyperException) -> str:
    """Say what was wrong and where the right use stands."""
    context = getattr(wrong, "ctx", None)
    return f"{wrong.format_message()} (see `{context.command_path if context else 'weegwijzer'} --help`)"
