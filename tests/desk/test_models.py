"""The tables of the conversations and the desk match their migrations."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import bot.conversations.learning_models
import bot.conversations.notification_models  # noqa: F401  their tables belong to the same metadata
from bot.database import Database
from bot.desk.database import update
from bot.desk.models import Base


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
        differences = compare_metadata(ours, Base.metadata)
    if kind == "sqlite":  # SQLAlchemy does not read ON DELETE of a key that came with a column of its own
        differences = [one for one in differences if one[0] not in ("remove_fk", "add_fk")]
    assert differences == []
