"""Run the account service's migrations."""

from alembic import context

from bot.backend.models import Base
from bot.database import Database

with Database(context.config.attributes["url"]).engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
