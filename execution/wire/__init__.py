"""The executor API's messages: one struct serves the wire, services, rules and executors. Pure."""

from execution.wire.deals import DEAL_COLUMNS, DEAL_ENTRIES, DEAL_KINDS, UNKNOWN_KIND, ReportedDeal
from execution.wire.reading import (
    BODY_BYTES_MAX,
    Body,
    WireError,
    body_of,
    body_read,
    report_id_guess,
    report_read,
)
from execution.wire.requests import (
    STATE_KINDS,
    ExecutionReport,
    Heartbeat,
    Hello,
    Poll,
    Reports,
    Sheet,
    Watermark,
)
from execution.wire.writing import Answer, answer_plain, body_write

__all__ = [
    "BODY_BYTES_MAX",
    "DEAL_COLUMNS",
    "DEAL_ENTRIES",
    "DEAL_KINDS",
    "STATE_KINDS",
    "UNKNOWN_KIND",
    "Answer",
    "Body",
    "ExecutionReport",
    "Heartbeat",
    "Hello",
    "Poll",
    "ReportedDeal",
    "Reports",
    "Sheet",
    "Watermark",
    "WireError",
    "answer_plain",
    "body_of",
    "body_read",
    "body_write",
    "report_id_guess",
    "report_read",
]
