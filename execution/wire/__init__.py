"""The executor API's messages: one struct serves the wire, services, rules and executors. Pure."""

from execution.wire.bars import Bars, ToldBar
from execution.wire.deals import (
    DEAL_COLUMNS,
    DEAL_ENTRIES,
    DEAL_KINDS,
    DELETED_KIND,
    UNKNOWN_KIND,
    ReportedDeal,
)
from execution.wire.reading import (
    BODY_BYTES_MAX,
    TELLING_BYTES_MAX,
    Body,
    WireError,
    body_bytes_max,
    body_of,
    body_read,
    report_id_guess,
    report_read,
    sheets_read,
)
from execution.wire.requests import (
    DEAL_DELETED_KIND,
    NOTICE_KIND,
    STATE_KINDS,
    ExecutionReport,
    Heartbeat,
    Hello,
    Poll,
    Reports,
    Wait,
    Watermark,
)
from execution.wire.sheets import Session, Sheet, sheet_columns
from execution.wire.terminal import ToldPending, ToldPosition, ToldQuote, TradeFlags
from execution.wire.writing import Answer, answer_plain, body_write

__all__ = [
    "BODY_BYTES_MAX",
    "DEAL_COLUMNS",
    "DEAL_DELETED_KIND",
    "DEAL_ENTRIES",
    "DEAL_KINDS",
    "DELETED_KIND",
    "NOTICE_KIND",
    "STATE_KINDS",
    "TELLING_BYTES_MAX",
    "UNKNOWN_KIND",
    "Answer",
    "Bars",
    "Body",
    "ExecutionReport",
    "Heartbeat",
    "Hello",
    "Poll",
    "ReportedDeal",
    "Reports",
    "Session",
    "Sheet",
    "ToldBar",
    "ToldPending",
    "ToldPosition",
    "ToldQuote",
    "TradeFlags",
    "Wait",
    "Watermark",
    "WireError",
    "answer_plain",
    "body_bytes_max",
    "body_of",
    "body_read",
    "body_write",
    "report_id_guess",
    "report_read",
    "sheet_columns",
    "sheets_read",
]
