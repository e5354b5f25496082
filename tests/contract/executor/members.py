"""Which members of a request came with which minor, as docs/executor.md says; read from JSON."""

from collections.abc import Iterator
from typing import Any

_HELLO_0 = {
    *("instance", "api_minor", "boot_nonce", "server", "login", "currency", "margin_mode"),
    *("versions", "balance", "equity", "symbols"),
}
_SHEET_0 = {
    *("symbol", "digits", "tick_size", "tick_value", "contract_size", "lot_min", "lot_step"),
    *("lot_max", "stops_level_points"),
}
_HEARTBEAT_0 = {
    *("instance", "boot_nonce", "balance", "equity", "margin", "watermark", "open_tickets"),
}
_REPORT_2 = {"broker_order_ticket", "code", "deal_ticket"}
_KINDS_2 = {"notice", "deal_deleted"}
_DEAL_2 = {"sl", "tp"}
_KINDS_4 = {"step"}
TELLS_ALL = 2
TELLS_STEPS = 4


def beyond(call: str, body: Any, minor: int) -> Iterator[str]:
    """Name what a server of this minor would not know in a request."""
    if minor < TELLS_STEPS:
        for report in body["reports"] if call == "reports" else ():
            yield from sorted({report["kind"]} & _KINDS_4)
    if minor >= TELLS_ALL:
        return
    if call in ("wait", "bars"):
        yield f"the call {call}"
    if call == "hello":
        yield from sorted(hello_beyond(body))
    if call == "heartbeat":
        yield from sorted(set(body) - _HEARTBEAT_0)
    for report in body["reports"] if call == "reports" else ():
        yield from sorted(set(report) & _REPORT_2)
        yield from sorted({report["kind"]} & _KINDS_2)
        yield from sorted(set(report.get("deal", {})) & _DEAL_2)


def hello_beyond(body: Any) -> set[str]:
    """Return what a hello has beyond minor 0; the first of a run has nothing of it."""
    of_sheets = {name for sheet in body.get("symbols", ()) for name in sheet}
    return (set(body) - _HELLO_0) | (of_sheets - _SHEET_0)
