"""Write the audit trail."""

from sqlalchemy.orm import Session

from bot import database
from bot.backend.models import Record


def record(session: Session, who: str, what: str, why: str, account_id: int | None) -> None:
    """Add an entry to the audit trail, with the real time and without what was read or written."""
    session.add(Record(at=database.now(), who=who, what=what, why=why, account_id=account_id))
