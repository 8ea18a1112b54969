"""Structured logs: one JSON line an event, one id a request, and no personal data."""

import logging
import re
import sys
import uuid
from typing import TextIO

import structlog
from flask import Flask, Response, request
from structlog.typing import EventDict, WrappedLogger

# Eight digits and more, with the separators people and libraries write between them: a phone number, wherever it
# comes from. Our own ids are letters and digits in groups, times are fields of their own.
NUMBER = re.compile(r"(?:(?<![\w-])|(?<=%2B))\+?\d(?:[\s().-]{0,2}\d){7,15}(?![\w-])")
KEPT_AS_THEY_ARE = frozenset({"timestamp", "request_id", "text_id", "invitation_id"})


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """One JSON line an event on `stream` (standard error), ours and the libraries'; called once by a command."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_numbers,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared[:-1],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared[:-1],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_numbers,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("twilio", "aiohttp", "apscheduler", "waitress"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It warns whenever every thread is busy, which is what threads are for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # It warns when a round outlasts its tick, which a thousand texts at one a second do.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


def without_numbers(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The last guard: whatever a library writes, no phone number reaches a log line."""
    return {
        key: NUMBER.sub("[number]", value) if isinstance(value, str) and key not in KEPT_AS_THEY_ARE else value
        for key, value in event.items()
    }


def with_request_id(app: Flask) -> None:
    """Each request has an id, in its log lines and in the answer, to find one by the other."""

    @app.before_request
    def begin() -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=uuid.uuid4().hex, method=request.method)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = structlog.contextvars.get_contextvars().get("request_id", "")
        return response
