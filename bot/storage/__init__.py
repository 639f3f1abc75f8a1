"""Where cases live: one contract (`bot.store.Store`), one module per kind of database."""
