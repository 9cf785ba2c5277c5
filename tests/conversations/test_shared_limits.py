"""Rate limits that several processes count together, on both kinds of database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.conversations.models import RateLimitHit
from bot.database import Database
from bot.desk.database import update
from bot.web.shared_limits import Limit, SharedLimits


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    made = f"sqlite:///{tmp_path / 'chat.db'}"
    if request.param == "postgresql":
        made = request.getfixturevalue("new_postgresql")()
    update(made)
    return made


def counted(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(RateLimitHit))


def test_processes_count_together_however_many_hit_at_once(url):
    processes = [SharedLimits(Database(url)) for _ in range(4)]
    few, many = Limit("of one", "a", 5, 60), Limit("of all", "b", 100, 60)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda number: processes[number % 4].hit(few, many), range(24)))
    assert waits.count(0) == 5
    assert all(0 <= wait <= 60 for wait in waits)
    assert counted(Database(url)) == 10  # what was refused counts nowhere


def test_there_is_room_again_when_the_oldest_hit_expires(url):
    database = Database(url)
    shared, limit = SharedLimits(database), Limit("x", "a", 2, 600)
    assert [shared.hit(limit), shared.hit(limit)] == [0, 0]
    with database.write() as session:
        first = session.scalars(select(RateLimitHit).order_by(RateLimitHit.id)).first()
        first.expires_at -= timedelta(seconds=500)
    assert 98 <= shared.hit(limit) <= 100
    with database.write() as session:
        session.get_one(RateLimitHit, first.id).expires_at -= timedelta(seconds=200)
    assert shared.wait(limit) == 0


def test_hits_are_taken_back_and_forgotten(url):
    shared, one, other = SharedLimits(Database(url)), Limit("x", "a", 1, 600), Limit("x", "b", 1, 600)
    shared.hit(one, other)
    shared.release(one)
    assert shared.hit(one) == 0
    assert shared.hit(other) > 0
    shared.clear(one, other)
    assert shared.hit(one, other) == 0


def test_neither_addresses_nor_what_has_expired_is_kept(url):
    database = Database(url)
    shared, limit = SharedLimits(database), Limit("x", "203.0.113.9", 1, 600)
    shared.hit(limit)
    with database.read() as session:
        assert "203.0.113.9" not in str(session.execute(select(RateLimitHit.__table__)).all())
    with database.write() as session:
        session.scalars(select(RateLimitHit)).one().expires_at -= timedelta(hours=1)
    shared.drop_expired()
    assert counted(database) == 0
