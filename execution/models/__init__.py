"""Tables of execution: accounts and keys, limits, orders, and the facts that executors report."""

from execution.models.accounts import (
    BrokerAccount,
    ExecutorKey,
    KeyNonce,
    Subscription,
    SymbolConfirmation,
    SymbolMap,
)
from execution.models.facts import Deal, Position, Report
from execution.models.heartbeats import Heartbeat
from execution.models.orders import Order, OrderPlace
from execution.models.requests import CloseRequest
from execution.models.risk import AccountMark, ClaimConfirmation, RiskLimit, SheetMark
from execution.models.switches import Switch
from execution.models.terminals import Quote, Terminal
from execution.models.twins import Twin

__all__ = [
    "AccountMark",
    "BrokerAccount",
    "ClaimConfirmation",
    "CloseRequest",
    "Deal",
    "ExecutorKey",
    "Heartbeat",
    "KeyNonce",
    "Order",
    "OrderPlace",
    "Position",
    "Quote",
    "Report",
    "RiskLimit",
    "SheetMark",
    "Subscription",
    "Switch",
    "SymbolConfirmation",
    "SymbolMap",
    "Terminal",
    "Twin",
]
