"""What can go wrong outside a case; each class has a stable code that `wording` knows."""


class ShellError(Exception):
    """The base of everything that the shell raises on purpose."""

    code = "shell"


class NoAccess(ShellError):
    """This person may not talk to the bot."""

    code = "no_access"


class AccessUnknown(NoAccess):
    """Whether this person may talk to the bot cannot be found out now."""

    code = "access_unknown"


class ChannelUnavailable(ShellError):
    """Teams did not take a message; `retry_after` is in seconds when Teams said so."""

    code = "channel_unavailable"

    def __init__(self, status: int | None, *, retry_after: float | None = None, may_have_arrived: bool = False):
        super().__init__(f"status {status}")
        self.status = status
        self.retry_after = retry_after
        self.may_have_arrived = may_have_arrived


class PostRefused(ShellError):
    """Teams refused a message for good (4xx other than 408 and 429)."""

    code = "post_refused"

    def __init__(self, status: int):
        super().__init__(f"status {status}")
        self.status = status


class SettingsError(ShellError):
    """A setting or file at start is missing or wrong; the message says which and how to mend it."""

    code = "settings"


class StoreUnavailable(ShellError):
    """The store cannot be read or written now; nothing of this turn was kept."""

    code = "store_unavailable"


class StoreUncertain(StoreUnavailable):
    """The store cannot be reached: this turn, or an earlier delivery of it, may have been kept."""


class TranscriptConflict(ShellError):
    """Another turn appended to the same case first."""

    code = "transcript_conflict"


class NumberTaken(ShellError):
    """The number that was drawn for a new case is in use; draw another."""

    code = "number_taken"


class CaseSealed(ShellError):
    """The case is closed and sealed: only its two keepers together can open it."""

    code = "case_sealed"
