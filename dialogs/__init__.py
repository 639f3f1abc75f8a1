"""The conversation: what a person said becomes a command, a case becomes cards; pure and synchronous."""
