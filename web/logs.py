"""Logs: one JSON object a line on standard error, or plain lines for a person at a terminal.

`CAUCE_LOG` is `json` or `console`; by default a terminal gets lines and everything else JSON. Every line of a request
has its id, the signed-in person's user name, the route and, where the address names one, the matter; a line about a job
has the job's id, topic and matter, in fields of their own. What people typed is never logged.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
import uuid
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("web.request")

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = ("static", "health.healthz", "health.readyz", "health.metrics", "home.icon")
"""Asked for so often that their lines would hide the others; failures of them are logged all the same."""


def configure(environment: Mapping[str, str] = os.environ, stream: TextIO | None = None) -> None:
    """Set up logging for this process: ours and that of the libraries, in one shape."""
    stream = stream or sys.stderr
    wanted = environment.get("CAUCE_LOG") or ("console" if stream.isatty() else "json")
    if wanted not in ("json", "console"):
        raise ValueError(f"CAUCE_LOG is {wanted!r}; it can be json or console")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(("job", "topic", "instance", "matter", "worker", "ms")),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    # Without the values of variables: they may be about somebody.
    plain = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    last: list[Any] = (
        [structlog.processors.ExceptionRenderer(plain), structlog.processors.JSONRenderer(ensure_ascii=False)]
        if wanted == "json"
        else [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # It says two lines each time that somebody asks which revision the tables have: at every /readyz.
    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    """One line for each request, and its id on every line that is logged meanwhile."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        arguments = request.view_args or {}
        matter = arguments.get("key") or arguments.get("instance_id")
        structlog.contextvars.bind_contextvars(
            request_id=g.request_id, route=request.endpoint, **({"matter": matter} if matter else {})
        )

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        if request.endpoint in QUIET and response.status_code < 500:
            return response
        actor = g.get("actor")
        log.info(
            "request",
            method=request.method,
            status=response.status_code,
            user=actor.id if actor is not None else None,
            ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        )
        return response
