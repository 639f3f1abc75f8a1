"""`python -m bot` is `weegwijzer`."""

from bot.cli import main

main()
