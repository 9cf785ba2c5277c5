"""Tell a customer which of their products have no green tick, and why."""

from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.lookup import Lookup
from bot.account import Product
from bot.wording import bullets, counted, listed, plain, read_data

MAX_LISTED = 8  # products that are named at most


class MyProducts(Lookup):
    """Name the products without a tick, each with what is missing."""

    topic = "ask_my_products"

    def answer(self, conversation: str, language: str, dispatcher: CollectingDispatcher) -> None:
        """Read the products and say what they need."""
        say_products(backend.products(conversation, self.topic).products, language, dispatcher)


def say_products(products: list[Product], language: str, dispatcher: CollectingDispatcher) -> None:
    """Name the products that have no tick, or say that there are none."""
    unticked = [product for product in products if not product.has_tick]
    if not products:
        dispatcher.utter_message(response="utter_my_products_none")
    elif not unticked:
        points = counted("points", sum(product.points for product in products), language)
        dispatcher.utter_message(response="utter_my_products_ticked", points=points)
    else:
        dispatcher.utter_message(
            response="utter_my_products_missing",
            products=lines(unticked, language),
            waiting=counted("points", sum(product.points for product in unticked), language),
        )


def lines(products: list[Product], language: str) -> str:
    """List products, the ones with most points first, each with what it lacks."""
    words = read_data("account/words.yml")
    said = []
    for product in sorted(products, key=lambda one: -one.points)[:MAX_LISTED]:
        missing = [words["detail"][name][language] for name in product.missing if name in words["detail"]]
        said.append(
            words["line"]["product"][language].format(
                model=plain(product.model),
                points=counted("points", product.points, language),
                missing=listed(missing, language),
            )
        )
    if len(products) > MAX_LISTED:
        said.append(words["line"]["more"][language].format(n=counted("products", len(products) - MAX_LISTED, language)))
    return bullets(said)
