"""What the website side adds to the assistant's answers about personal data: facts from the settings, and requests.

Rasa knows neither the settings nor anybody's e-mail address.
"""

from sqlalchemy.orm import Session

from bot.conversations.data_requests import RequestKind, record_request
from bot.conversations.identity import ask_identity
from bot.conversations.models import Conversation
from bot.conversations.notices import add_notice
from bot.conversations.words import notice
from bot.settings import Settings

COMMANDS: dict[str, RequestKind] = {"request_export": "export", "request_erasure": "erasure"}
# The notice that follows a response, and the buttons under it.
ADDED = {
    "utter_data_privacy": ("data_privacy", "request_export", "request_erasure"),
    "utter_privacy_what": ("data_privacy", "request_export", "request_erasure"),
    "utter_privacy_which": ("data_privacy", "request_export", "request_erasure"),
    "utter_privacy_how_long": ("data_privacy",),
    "utter_privacy_may_delete": ("data_erasure", "request_erasure"),
}


class Privacy:
    """Tells customers who controls their data and how long it is kept, and offers what they may ask for."""

    def __init__(self, settings: Settings) -> None:
        """Take the facts from the settings."""
        self._controller = settings.controller
        self._days = {"attended": settings.keep_conversations_days, "unattended": settings.keep_unattended_days}

    def add_to(self, session: Session, conversation: Conversation, response: str) -> None:
        """Add the notice that follows a response, in any of its wordings."""
        for name, (added, *commands) in ADDED.items():
            if response in (name, f"{name}_again", f"{name}_stated"):
                add_notice(session, conversation, added, *commands, **self._days, controller=self._named(conversation))

    def _named(self, conversation: Conversation) -> str:
        if not self._controller:
            return ""
        return notice("data_controller", conversation.language, controller=self._controller) + " "


def make_request(session: Session, conversation: Conversation, command: str, email: str | None) -> None:
    """Record what a customer asks about their data; have who is not confirmed confirm who they are first."""
    if email is None:
        ask_identity(conversation, f"!{command}")
        add_notice(session, conversation, "data_request_confirm")
        return
    kind = COMMANDS[command]
    is_new = record_request(session, conversation, kind, email)
    add_notice(session, conversation, f"data_{kind}_requested" if is_new else "data_request_known")
