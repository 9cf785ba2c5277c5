"""Tell a customer what to pay, how and by when."""

from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.lookup import Lookup
from bot.wording import dated, plain


class MyPayment(Lookup):
    """Say which invoice there is, its date and how it is paid."""

    topic = "ask_my_payment"

    def answer(self, conversation: str, language: str, dispatcher: CollectingDispatcher) -> None:
        """Read the membership and say what is to be paid."""
        membership = backend.membership(conversation, self.topic)
        invoice = membership.invoice
        state = membership.method or "card" if membership.state == "open" else membership.state
        dispatcher.utter_message(
            response=f"utter_my_payment_{state}",
            chosen=dated(membership.chosen_at, language),
            invoice=plain(invoice.number) if invoice else "",
            issued=dated(invoice.issued_at if invoice else None, language),
            due=dated(invoice.due_on if invoice else None, language),
        )
