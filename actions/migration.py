"""Tell a customer whether the blue button is there for them, and why not."""

from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.lookup import Lookup
from bot.wording import counted


class MyMigration(Lookup):
    """Say whether products can be migrated."""

    topic = "ask_my_migration"

    def answer(self, conversation: str, language: str, dispatcher: CollectingDispatcher) -> None:
        """Read which products can be migrated and say it."""
        migration = backend.products(conversation, self.topic).migration
        waiting = counted("products", migration.waiting, language)
        dispatcher.utter_message(response=f"utter_my_migration_{migration.status}", products=waiting)
