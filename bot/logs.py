"""Write logs as JSON lines, with the conversation's id and never a name, e-mail address, code or text."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Log to standard error, from this level upwards."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
