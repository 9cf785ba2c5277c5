"""Tell a customer whether the blue button is there for them, and why not."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.lookup import Lookup
from bot.account import Account
from bot.wording import counted


class MyMigration(Lookup):
    """Say whether products can be migrated."""

    topic = "ask_my_migration"

    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say whether the button is there."""
        migration = account.products.migration
        waiting = counted("products", migration.waiting, language)
        dispatcher.utter_message(response=f"utter_my_migration_{migration.status}", products=waiting)
