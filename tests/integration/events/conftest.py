"""Throw-away handlers for tests of the log."""

from tests.events_probe import handler, happen

__all__ = ("handler", "happen")
