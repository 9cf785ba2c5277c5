"""The desk's tables are what its migrations make."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.database import Database, migrate
from bot.desk.agent import MIGRATIONS
from bot.desk.models import Base


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrations_make_what_the_models_say(request, tmp_path, kind):
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    if kind == "postgresql":
        url = request.getfixturevalue("new_postgresql")()
    migrate(url, MIGRATIONS)
    with Database(url).engine.connect() as connection:
        ours = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name in Base.metadata.tables,
            },
        )
        assert compare_metadata(ours, Base.metadata) == []
