"""Bring the account service's database to its newest shape."""

from bot.backend.models import Base
from bot.database import run_migrations

run_migrations(Base.metadata, "backend")
