"""E-mail an agent's answer to a customer who has left, once for all that was answered meanwhile."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import mail
from bot.conversations.models import Conversation, Message
from bot.conversations.words import WORDS
from bot.database import Database, now
from bot.mail import Letter
from bot.settings import Settings
from bot.web.chat_link import link_to_chat
from bot.web.mail_status import MailStatus

OLDEST = timedelta(days=1)  # older answers are not sent any more
AT_ONCE = 5  # letters a round


class AnswerMail:
    """Sends what agents have answered and customers have not seen after a while."""

    def __init__(self, settings: Settings, database: Database, mail_status: MailStatus) -> None:
        """Take the settings; without a mail server, nothing is sent."""
        self._settings, self._database, self._mail_status = settings, database, mail_status

    def send(self) -> list[str]:
        """Send what is due; return the changed conversations, as a job does: none."""
        if not self._settings.smtp_host or not self._settings.answer_mail_after:
            return []
        for conversation_id in self._due():
            with self._database.write() as session:
                conversation = session.get(Conversation, conversation_id, with_for_update=True)
                unseen = _unseen(session, conversation) if conversation else []
                if not conversation or not unseen:
                    continue
                letter, before = self._letter(conversation, unseen), conversation.mailed_id
                conversation.mailed_id = unseen[-1].id  # so that no other process sends it
            sent = mail.send(self._settings, letter)
            self._mail_status.note(works=sent)
            if not sent:
                with self._database.write() as session:
                    if again := session.get(Conversation, conversation_id):
                        again.mailed_id = before
        return []

    def _due(self) -> list[str]:
        moment = now()
        waits = select(Message.id).where(
            Message.conversation_id == Conversation.id,
            Message.author == "agent",
            Message.id > Conversation.seen_id,
            Message.id > Conversation.mailed_id,
            Message.created_at <= moment - timedelta(seconds=self._settings.answer_mail_after),
            Message.created_at > moment - OLDEST,
        )
        due = select(Conversation.id).where(
            Conversation.reply_email.is_not(None), Conversation.closed_at.is_(None), waits.exists()
        )
        with self._database.read() as session:
            return list(session.scalars(due.limit(AT_ONCE)))

    def _letter(self, conversation: Conversation, unseen: list[Message]) -> Letter:
        words, language = WORDS["answer"], conversation.language
        agent = unseen[-1].speaker or WORDS["transcript"]["agent"][language]
        parts = [words["text"][language].format(agent=agent), *(message.text for message in unseen)]
        if link := link_to_chat(self._settings, conversation.page_address):
            parts.append(words["link"][language].format(link=link))
        return Letter(
            to=conversation.reply_email or "",
            subject=words["subject"][language],
            text="\n\n".join(parts),
            language=language,
            sent_at=now(),
            reply_to=self._settings.support_email,
            id=f"answer-{unseen[-1].id}-{conversation.id}",
        )


def _unseen(session: Session, conversation: Conversation) -> list[Message]:
    last = max(conversation.seen_id, conversation.mailed_id)
    answers = select(Message).where(
        Message.conversation_id == conversation.id, Message.author == "agent", Message.id > last
    )
    return list(session.scalars(answers.order_by(Message.id)))
