"""Admin of signals, for reading, by noun; importing a module registers its classes."""

from signals.admin import alerts, decisions, deliveries, strategies

__all__ = ["alerts", "decisions", "deliveries", "strategies"]
