"""Bring the conversations' database to its newest shape."""

from bot.chat.models import Base
from bot.database import run_migrations

run_migrations(Base.metadata, "chat")
