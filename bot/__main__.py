"""`python -m bot` is `weegwijzer`."""

from bot.cli.program import main

main()
