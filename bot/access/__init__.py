"""Who may talk to the bot: listed in the access file, and a member of the CMT channel now."""
