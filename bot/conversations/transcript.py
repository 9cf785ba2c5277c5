"""Write a conversation down for its customer, as the customer saw it."""

import re

from babel.dates import format_datetime
from sqlalchemy.orm import Session

from bot.calendar import RIGA
from bot.conversations import messages, pictures
from bot.conversations.models import Conversation, Message
from bot.conversations.words import WORDS
from bot.database import now
from bot.mail import Letter
from bot.wording import LOCALES

TIMES = {"lv": "d.MM.yyyy HH:mm", "en": "d MMMM yyyy, HH:mm"}
PLAIN = re.compile(r"\\([!-/:-@\[-`{-~])")  # an escaped character
BOLD = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*")
LINK = re.compile(r"\[([^\[\]]+)\]\((https?://[^\s()<>]+)\)")


def write(session: Session, conversation: Conversation) -> str:
    """Return the conversation as a text: time in Riga, author, message."""
    words, language = WORDS["transcript"], conversation.language
    lines = [words["title"][language], ""]
    for message, _ in messages.shown_after(session, conversation.id, 0):
        when = format_datetime(message.created_at, TIMES[language], tzinfo=RIGA, locale=LOCALES[language])
        lines += [f"{when} {_speaker(message, language)}", _text(message), ""]
    return "\n".join(lines)


def letter(session: Session, conversation: Conversation, to: str) -> Letter:
    """Put the conversation into an e-mail to its customer."""
    language = conversation.language
    subject = WORDS["transcript"]["title"][language]
    return Letter(to=to, subject=subject, text=write(session, conversation), language=language, sent_at=now())


def _text(message: Message) -> str:
    text, picture = message.text, pictures.known(message.picture)
    if message.author == "assistant":
        text = PLAIN.sub(r"\1", LINK.sub(r"\1: \2", BOLD.sub(r"\1", text)))
    return "\n".join(filter(None, (text, picture and pictures.alt(picture))))


def _speaker(message: Message, language: str) -> str:
    words: dict[str, str] = WORDS["transcript"][message.author]
    return message.speaker or words[language]
