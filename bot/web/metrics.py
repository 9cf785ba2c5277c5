"""Serve what Prometheus reads, on a port of its own: what was counted, and what stands in the database now."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.conversations import queue
from bot.conversations.models import Message, Ticket, Transition, WaitAlert
from bot.conversations.presence import count_staff
from bot.database import Database, now
from bot.metrics import REGISTRY
from bot.settings import Settings
from bot.web.outbox import OLDEST
from bot.web.readiness import OFF, OK

log = structlog.get_logger()


class Current(Collector):
    """What is read anew whenever Prometheus asks."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        states: Callable[[], dict[str, str]],
        streams: Callable[[], int],
    ) -> None:
        """Take where the numbers are."""
        self._settings, self._database, self._states, self._streams = settings, database, states, streams

    def collect(self) -> Iterable[Metric]:
        """Return the numbers; those of a database that cannot be read are left out."""
        yield from REGISTRY.collect()
        up = GaugeMetricFamily("cps_up", "Whether a part of the assistant answers", labels=["part"])
        for part, state in self._states().items():
            if state != OFF:
                up.add_metric([part], state == OK)
        yield up
        yield GaugeMetricFamily("cps_streams", "Open event streams of customers", self._streams())
        models = [path.stat().st_mtime for path in self._settings.models_dir.glob("*.tar.gz")]
        trained_at = max(models, default=0)
        yield GaugeMetricFamily("cps_model_trained_timestamp_seconds", "When the newest model was made", trained_at)
        try:
            with self._database.read() as session:
                yield from self._stored(session)
        except SQLAlchemyError as error:
            log.error("metrics_incomplete", reason=type(error).__name__)

    def _stored(self, session: Session) -> Iterator[Metric]:
        waiting, seconds = queue.who_waits(session)
        yield GaugeMetricFamily("cps_queue_customers", "Customers who wait for a person", waiting)
        yield GaugeMetricFamily("cps_queue_longest_wait_seconds", "How long the first of them has waited", seconds)
        yield GaugeMetricFamily("cps_agents_here", "Agents who are at the desk and not away", count_staff(session))
        unanswered = session.scalar(select(func.count()).where(Message.rasa_state == "pending")) or 0
        yield GaugeMetricFamily("cps_open_messages", "Messages that Rasa has not answered yet", unanswered)
        unsent = GaugeMetricFamily("cps_unsent", "Letters and webhooks that have not arrived yet", labels=["kind"])
        kinds: tuple[tuple[str, list[tuple[Any, Any]], object], ...] = (
            ("letter", [(Ticket, Ticket.created_at)], self._settings.smtp_host and self._settings.support_email),
            ("webhook", [(Transition, Transition.at), (WaitAlert, WaitAlert.at)], self._settings.webhook_url),
        )
        for kind, tables, is_wanted in kinds:
            due = [
                select(func.count()).where(table.due_at.is_not(None), made_at > now() - OLDEST)
                for table, made_at in tables
            ]
            unsent.add_metric([kind], sum(session.scalar(one) or 0 for one in due) if is_wanted else 0)
        yield unsent


@contextmanager
def served(settings: Settings, current: Current) -> Iterator[None]:
    """Serve the numbers while the block runs, if the settings want it."""
    if not settings.metrics_port:
        yield
        return
    registry = CollectorRegistry()
    registry.register(current)
    server, thread = start_http_server(settings.metrics_port, settings.metrics_host, registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
