"""Many open chats for some time: nothing fails, every chat is answered, and no process grows without end."""

import asyncio

from tests.load.soak import soak

CHATS, SECONDS, PAUSE = 20, 15.0, 2.0
GROWTH = 100  # MiB that a process may take for caches


def test_twenty_chats_side_by_side_are_all_answered(stack):
    report = asyncio.run(soak(stack, CHATS, SECONDS, PAUSE))
    print(report)
    assert not report.failed, report
    assert len(report.took) >= CHATS, report
    for part, size in report.at_start.items():
        assert 0 < report.at_end[part] < size + GROWTH, report
