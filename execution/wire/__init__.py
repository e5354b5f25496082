"""The executor API's requests: one struct serves the wire, the services and the rules. Pure."""

from execution.wire.deals import DEAL_COLUMNS, DEAL_ENTRIES, DEAL_KINDS, UNKNOWN_KIND, ReportedDeal
from execution.wire.reading import (
    BODY_BYTES_MAX,
    Body,
    WireError,
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

__all__ = [
    "BODY_BYTES_MAX",
    "DEAL_COLUMNS",
    "DEAL_ENTRIES",
    "DEAL_KINDS",
    "STATE_KINDS",
    "UNKNOWN_KIND",
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
    "body_read",
    "report_id_guess",
    "report_read",
]
