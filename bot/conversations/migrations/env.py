"""Bring the conversations' database to its newest shape."""

from bot.conversations.models import Base
from bot.database import run_migrations

run_migrations(Base.metadata, "chat")
