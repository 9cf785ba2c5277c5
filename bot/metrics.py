"""What is counted of the assistant's work, for Prometheus; bot/web/metrics.py serves it."""

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
# Seconds: a turn usually takes a tenth of one, and is given up after CPS_ANSWER_TIMEOUT.
BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 20, 60)

ANSWER_SECONDS = Histogram(
    "cps_answer_seconds", "Time from a message to its stored answer", buckets=BUCKETS, registry=REGISTRY
)
RASA_SECONDS = Histogram("cps_rasa_seconds", "Time of one turn in Rasa", buckets=BUCKETS, registry=REGISTRY)
RASA_FAILURES = Counter("cps_rasa_failures", "Requests that Rasa did not answer", registry=REGISTRY)
MISSES = Counter("cps_misses", "Messages that were not understood", registry=REGISTRY)
LOOKUPS = Counter("cps_lookups", "Answers from customers' accounts, given or failed", ["result"], registry=REGISTRY)
HAND_OFFS = Counter("cps_hand_offs", "Customers who were put into the queue", ["cause"], registry=REGISTRY)
DELIVERIES = Counter("cps_deliveries", "Attempts to send a letter or a webhook", ["kind", "result"], registry=REGISTRY)
for _result in ("answered", "failed"):  # so that each is there before it first happens
    LOOKUPS.labels(_result)
for _kind in ("letter", "webhook", "notification"):
    for _result in ("sent", "failed", "given_up"):
        DELIVERIES.labels(_kind, _result)
