"""JSON logs for the processes that run without Django: same shape, same stream."""

import logging
import os

from fusion_project.logs import JsonFormatter, TraceFilter


def logs_to_stderr() -> None:
    """Send this process's log records to stderr as JSON lines; LOG_LEVEL decides how many."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    handler.addFilter(TraceFilter())
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), handlers=[handler])
    # One line for each request of ours would drown the rest, and URLs may hold secrets.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    logging.getLogger("httpcore2").setLevel(logging.WARNING)
