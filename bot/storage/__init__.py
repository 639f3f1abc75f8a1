"""Where cases live: one contract (`bot.ports.Store`), one module per kind of database."""
