"""What the commands do with the cases, in this process or through the running bot."""

from bot.control.client import ControlClient
from bot.control.door import CONTROL_FILE, serve_control
from bot.control.source import DossierSource, Prints, StoreSource

__all__ = ["CONTROL_FILE", "ControlClient", "DossierSource", "Prints", "StoreSource", "serve_control"]
