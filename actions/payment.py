"""Tell a customer what to pay, how and by when."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.lookup import Lookup
from bot.account import Account
from bot.calendar import today
from bot.wording import counted, dated, plain


class MyPayment(Lookup):
    """Say which invoice there is, its date and how it is paid."""

    topic = "ask_my_payment"

    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say what is to be paid."""
        membership, invoice = account.membership, account.membership.invoice
        dispatcher.utter_message(
            response=f"utter_my_payment_{membership.payment}",
            chosen=dated(membership.chosen_at, language),
            invoice=plain(invoice.number) if invoice else "",
            issued=dated(invoice.issued_at if invoice else None, language),
            due=dated(invoice.due_on if invoice else None, language),
            late=counted("days_ago", (today() - invoice.due_on).days if invoice else 0, language),
        )
