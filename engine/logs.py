"""Log lines of a process: one JSON object each, on standard error, with tracebacks but never with values in them."""

from __future__ import annotations

import logging  # noqa: TID251 - only to quieten a library
import sys

import orjson
import structlog

from engine import timekeeper


def configure() -> None:
    """For entry points, when they start; whoever configured before knows better."""
    if structlog.is_configured():
        return
    for shouts in ("pyhanko", "pyhanko_certvalidator"):  # a traceback for every bad file that somebody sends
        logging.getLogger(shouts).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    if not timekeeper.is_real():
        structlog.get_logger().warning("THE_CLOCK_IS_NOT_REAL", shown=timekeeper.now().isoformat(),
                                       why="LIENTHONG_CLOCK is set: for demonstrations and tests only")


def _line(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str).decode()
