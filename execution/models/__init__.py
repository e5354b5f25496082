"""Tables of execution: accounts and keys, orders, and the facts that executors report."""

from execution.models.accounts import (
    BrokerAccount,
    ExecutorKey,
    Subscription,
    SymbolConfirmation,
    SymbolMap,
)
from execution.models.facts import Deal, Position, Report
from execution.models.orders import Order
from execution.models.requests import CloseRequest
from execution.models.switches import Switch

__all__ = [
    "BrokerAccount",
    "CloseRequest",
    "Deal",
    "ExecutorKey",
    "Order",
    "Position",
    "Report",
    "Subscription",
    "Switch",
    "SymbolConfirmation",
    "SymbolMap",
]
