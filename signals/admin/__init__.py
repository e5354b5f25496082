"""Admin of signals, for reading, by noun; importing a module registers its classes."""

from signals.admin import alerts, decisions, deliveries, market, strategies

__all__ = ["alerts", "decisions", "deliveries", "market", "strategies"]
