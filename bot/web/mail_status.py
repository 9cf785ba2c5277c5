"""Remember whether e-mail arrives at the mail server, to show it at the desk."""

from datetime import datetime

from bot.database import now


class MailStatus:
    """Since when e-mail has been failing, as far as this process knows."""

    def __init__(self) -> None:
        """Start without a failure."""
        self.failing_since: datetime | None = None

    def note(self, works: bool) -> None:
        """Note how the last attempt to send an e-mail went."""
        self.failing_since = None if works else self.failing_since or now()
