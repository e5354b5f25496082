"""Shows a strategy's policy, and changes it: its declarations, limits and switch."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import models

from fusion_project.errors import DomainError
from signals.models import Strategy
from signals.services.strategies import POLICY, strategy_get, strategy_policy_change

_SWITCH: Final = {"on": True, "off": False}


class Command(BaseCommand):
    help = (
        "Without options it shows the policy of a strategy. Each option changes one part of it: "
        "the version rises, the change is recorded, and what is decided already stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the strategy")
        for name in POLICY:
            field: Any = Strategy._meta.get_field(name)
            words = field.help_text or _HELP.get(name, "")
            option = f"--{name.replace('_', '-')}"
            reader = _reader(name, field)
            parser.add_argument(option, dest=f"policy_{name}", type=reader, help=words)

    def handle(self, **options: Any) -> None:
        told = {name: options[f"policy_{name}"] for name in POLICY}
        changes = {name: value for name, value in told.items() if value is not None}
        try:
            strategy = strategy_get(slug=options["slug"])
            if changes:
                strategy = strategy_policy_change(
                    strategy_id=strategy.id, actor="system", **changes
                )  # fmt: skip
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{strategy.slug}, policy version {strategy.version}")
        for name in POLICY:
            self.stdout.write(f"  {name:<24}{_shown(getattr(strategy, name))}")


_HELP: Final = {
    "name": "The name for people.",
    "is_active": "on or off; off refuses entries, exits pass.",
    "defaults": 'What the alerts leave out, as JSON such as {"size_unit": "risk_pct"}.',
    "approval": "How many people must approve an entry: automatic, one or two.",
}


def _reader(name: str, field: models.Field[Any, Any]) -> Callable[[str], Any]:
    if name == "dialects":
        return _names
    if isinstance(field, models.BooleanField):
        return _switch
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.DecimalField):
        return _decimal
    return int if isinstance(field, models.IntegerField) else str


def _names(text: str) -> list[str]:
    """Names apart by commas; `all` for none."""
    return [] if text == "all" else [one.strip() for one in text.split(",")]


def _switch(text: str) -> bool:
    if text not in _SWITCH:
        raise ArgumentTypeError(f"{text!r} is neither on nor off")
    return _SWITCH[text]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not JSON: {error}") from error


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ArgumentTypeError(f"{text!r} is not a decimal number") from error


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
