"""The tables of conversations and desk are what their migrations make."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import select

from bot.conversations.models import Agent
from bot.database import Database, now
from bot.desk.database import update
from bot.desk.models import Base
from bot.settings import ROOT


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrations_make_what_the_models_say(request, tmp_path, kind):
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    if kind == "postgresql":
        url = request.getfixturevalue("new_postgresql")()
    update(url)
    with Database(url).engine.connect() as connection:
        ours = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name in Base.metadata.tables,
            },
        )
        assert compare_metadata(ours, Base.metadata) == []


def test_an_older_database_in_which_the_desk_made_the_agents_keeps_them(tmp_path):
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    config = Config()
    config.set_main_option("script_location", str(ROOT / "bot/conversations/migrations"))
    config.attributes["url"] = url
    command.upgrade(config, "0006")
    older = Database(url)
    Agent.__table__.create(older.engine)
    with older.write() as session:
        session.add(Agent(email="anna@example.com", name="Anna", created_at=now()))
    update(url)
    with older.read() as session:
        assert session.scalars(select(Agent.email)).all() == ["anna@example.com"]
