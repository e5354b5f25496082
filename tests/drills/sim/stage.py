"""Builders of the tests, as they are: they set the stage and are not typed as drills are."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

Builder = Callable[..., Any]


def _of(module: str, name: str) -> Builder:
    found: Builder = getattr(import_module(f"tests.{module}"), name)
    return found


paper_bound = _of("builders.chain", "paper_bound")
reading_of = _of("builders.chain", "reading_of")
staff_make = _of("builders.people", "staff_make")
broker_account_make = _of("builders.treasury", "broker_account_make")
account_subscribe = _of("builders.execution", "account_subscribe")
decision_make = _of("builders.execution", "decision_make")
strategy_make = _of("builders.execution", "strategy_make")
symbol_map_make = _of("factories.execution", "SymbolMapFactory")
