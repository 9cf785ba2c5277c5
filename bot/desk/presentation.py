"""Put messages and the summary of a conversation into the form that an agent reads."""

import secrets
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from bot.conversations.files import kind_of
from bot.conversations.models import Conversation
from bot.conversations.summary import Summary, text_for
from bot.desk import layout
from bot.desk.script import walkthrough
from bot.desk.told import reported, told
from bot.wording import read_data

MARKDOWN = MarkdownIt("js-default", {"html": False}).disable("image")


def helpers(language: str, reads_all: bool = False) -> dict[str, Any]:
    """Return what templates need to show messages and topics in the agent's language."""
    return {
        "formatted": formatted,
        "text_for": lambda message: text_for(message, reads_all),
        "name_of": lambda row: name_of(row.conversation, row.confirmed, language),
        "topic": lambda intent: topic(intent, language),
        "new_id": secrets.token_hex,
        "is_picture": lambda name: kind_of(name) != "pdf",
    }


def name_of(conversation: Conversation, confirmed: str | None, language: str) -> str:
    """Return how agents tell a conversation from the others: by the customer's name if confirmed, else by its id."""
    return confirmed or layout.say(language, "rail.unnamed", id=conversation.id[:4].upper())


def shown_summary(summary: Summary, language: str) -> dict[str, Any]:
    """Put a summary into words in the agent's language."""
    topics = [topic(intent, language) for intent in summary.topics]
    return {
        "summary": summary,
        "topics": topics,
        "step_reached": step_of(summary),
        "told": told(summary.details, language),
        "reported": reported(summary.problem, language),
    }


def step_of(summary: Summary) -> int | None:
    """Return the number of the step that the customer reached in the walkthrough."""
    places = walkthrough().nodes
    return places[summary.place].step if summary.place in places else None


def topic(intent: str | None, language: str) -> str:
    """Return the title of a topic that a customer asked about, or the intent's name if it has no title."""
    titles: dict[str, str] = read_data("topics.yml").get(intent or "", {}) or layout.WORDS["intents"].get(
        intent or "", {}
    )
    return titles.get(language, intent or "")


def formatted(text: str) -> Markup:
    """Render a text of the assistant as the customer sees it; HTML in it stays text."""
    return Markup(MARKDOWN.render(text))  # noqa: S704
