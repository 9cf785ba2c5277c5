"""Bring the conversations' database to its newest shape."""

import bot.conversations.learning_models
import bot.conversations.notification_models  # noqa: F401  their tables belong to the same metadata
from bot.conversations.models import Base
from bot.database import run_migrations

run_migrations(Base.metadata, "chat")
