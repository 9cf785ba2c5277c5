"""Bring the desk's tables to their newest shape."""

from bot.database import run_migrations
from bot.desk.models import Base

run_migrations(Base.metadata, "desk")
