"""Tables of execution: accounts and keys, orders, and the facts that executors report."""

from execution.models.accounts import (
    BrokerAccount,
    ExecutorKey,
    Subscription,
    SymbolConfirmation,
    SymbolMap,
)
from execution.models.facts import Deal, Position, Report
from execution.models.orders import Order, OrderPlace

__all__ = [
    "BrokerAccount",
    "Deal",
    "ExecutorKey",
    "Order",
    "OrderPlace",
    "Position",
    "Report",
    "Subscription",
    "SymbolConfirmation",
    "SymbolMap",
]
