"""The parts of a strategy's policy as options of a command: how each is read and explained."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import models

from signals.fusion.gating.settings import STANDARD
from signals.models import Strategy, StrategyPolicy
from signals.selectors.policies import OF_STRATEGY, POLICY

_HELP: Final = {
    "name": "The name for people.",
    "defaults": 'What the alerts leave out, as JSON such as {"size_unit": "risk_pct"}.',
    "dialects": "Dialects that may be sent, apart by commas; all for every one.",
    "lobes": "Lobes that are asked, apart by commas; all for every one.",
    "gates": (
        'What makes an entry smaller or closes the door, as JSON such as {"drawdown": {"full": 500,'
        ' "closed": 1500, "absent": "0.5"}}; standard for six with round numbers, {} for none.'
    ),
    "approval": "How many people must approve an entry.",
}


def policy_options_add(parser: ArgumentParser) -> None:
    """Add one option for each part of the policy."""
    for name in POLICY:
        field = _field(name)
        choices = [value for value, _ in field.choices or ()] or None
        parser.add_argument(
            _option(name),
            dest=f"policy_{name}",
            type=_reader(name, field),
            choices=choices,
            metavar=None if choices else "VALUE",
            help=_words(name, field),
        )


def policy_parts() -> list[tuple[str, str]]:
    """Return each option with what it says, for the reference."""
    return [(f"`{_option(name)}`", _words(name, _field(name))) for name in POLICY]


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _field(name: str) -> Any:
    return (Strategy if name in OF_STRATEGY else StrategyPolicy)._meta.get_field(name)


def _words(name: str, field: Any) -> str:
    words = str(_HELP.get(name) or field.help_text)
    if field.has_default() and not isinstance(field.get_default(), dict | list):
        words = f"{words} A new strategy has {policy_shown(field.get_default())}."
    return words


def policy_given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts that were given."""
    told = {name: options[f"policy_{name}"] for name in POLICY}
    return {name: value for name, value in told.items() if value is not None}


def policy_shown(value: Any) -> str:
    """Return a value as its option takes it."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _reader(name: str, field: models.Field[Any, Any]) -> Callable[[str], Any]:
    if name in ("dialects", "lobes"):
        return _names
    if name == "gates":
        return _gates
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.DecimalField):
        return _decimal
    return int if isinstance(field, models.IntegerField) else str


def _names(text: str) -> list[str]:
    """Names apart by commas; `all` for none."""
    return [] if text == "all" else [one.strip() for one in text.split(",")]


def _gates(text: str) -> Any:
    return STANDARD if text == "standard" else _json(text)


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
