"""The demo: the bot and Microsoft's Agents Playground on one machine."""
