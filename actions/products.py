"""Tell a customer which of their products have no green tick, and why."""

from collections.abc import Mapping

from rasa_sdk.executor import CollectingDispatcher

from actions.lookup import Lookup
from bot.account import Account, Product, Products
from bot.wording import bullets, counted, plain, read_data

MAX_LISTED = 8  # products that are named at most


class MyProducts(Lookup):
    """Name the products without a tick, each with what is missing."""

    topic = "ask_my_products"

    def answer(
        self, account: Account, language: str, dispatcher: CollectingDispatcher, details: Mapping[str, str]
    ) -> None:
        """Say what the products need."""
        say_products(account.products, language, dispatcher)


def say_products(products: Products, language: str, dispatcher: CollectingDispatcher) -> None:
    """Name the products that have no tick, or say that there are none."""
    unticked = products.without_tick
    if not products.products:
        dispatcher.utter_message(response="utter_my_products_none")
    elif not unticked:
        points = counted("points", sum(product.points for product in products.products), language)
        dispatcher.utter_message(response="utter_my_products_ticked", points=points)
    else:
        dispatcher.utter_message(
            response="utter_my_products_missing",
            products=lines(unticked, language),
            waiting=counted("points", sum(product.points for product in unticked), language),
        )


def lines(products: list[Product], language: str) -> str:
    """List products, the ones with most points first, each with what it lacks."""
    words = read_data("account/words.yml")["line"]
    said = []
    for product in sorted(products, key=lambda one: -one.points)[:MAX_LISTED]:
        said.append(
            words["product"][language].format(
                model=plain(product.model),
                points=counted("points", product.points, language),
                missing=product.missing_named(language),
            )
        )
    if len(products) > MAX_LISTED:
        said.append(words["more"][language].format(n=counted("products", len(products) - MAX_LISTED, language)))
    return bullets(said)
