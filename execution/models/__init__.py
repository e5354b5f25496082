"""Tables of execution: accounts and keys, orders, and the facts that executors report."""

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
from execution.models.orders import Order
from execution.models.terminals import Quote, Terminal

__all__ = [
    "BrokerAccount",
    "Deal",
    "ExecutorKey",
    "Heartbeat",
    "KeyNonce",
    "Order",
    "Position",
    "Quote",
    "Report",
    "Subscription",
    "SymbolConfirmation",
    "SymbolMap",
    "Terminal",
]
