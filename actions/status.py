"""Tell a customer the state of their application."""

import datetime

from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.lookup import Lookup
from bot.wording import RIGA, bullets, dated, read_data


class MyStatus(Lookup):
    """Say how far the application is, what is missing, and by when it should be checked."""

    topic = "ask_my_status"

    def answer(self, conversation: str, language: str, dispatcher: CollectingDispatcher) -> None:
        """Read the application and say its state."""
        application = backend.application(conversation, self.topic)
        late = application.due_on < datetime.datetime.now(RIGA).date()
        state = "late" if application.state == "received" and late else application.state
        kinds = read_data("account/words.yml")["document"]
        dispatcher.utter_message(
            response=f"utter_my_status_{state}",
            submitted=dated(application.submitted_at, language),
            due=dated(application.due_on, language),
            verified=dated(application.verified_at, language),
            activated=dated(application.activated_at, language),
            documents=bullets([kinds[kind][language] for kind in application.documents_wanted if kind in kinds]),
        )
