"""Tell a customer the state of their application."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.lookup import Lookup
from bot.account import Account
from bot.calendar import today
from bot.wording import bullets, dated, read_data


class MyStatus(Lookup):
    """Say how far the application is, what is missing, and by when it should be checked."""

    topic = "ask_my_status"

    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say the state of the application."""
        application = account.application
        state = "late" if application.is_late(today()) else application.state
        kinds = read_data("account/words.yml")["document"]
        dispatcher.utter_message(
            response=f"utter_my_status_{state}",
            submitted=dated(application.submitted_at, language),
            due=dated(application.due_on, language),
            verified=dated(application.verified_at, language),
            activated=dated(application.activated_at, language),
            documents=bullets([kinds[kind][language] for kind in application.documents_wanted if kind in kinds]),
        )
