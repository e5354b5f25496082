"""Shows a strategy's policy, and changes it: switches it off, sets limits, declares defaults."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import BooleanField, JSONField

from fusion_project.errors import DomainError
from signals.models import Strategy
from signals.services.strategies import POLICY, strategy_get, strategy_policy_change

_SWITCH: Final = {"on": True, "true": True, "off": False, "false": False}


class Command(BaseCommand):
    help = (
        "Show a strategy's policy. With --set change it, for example --set is_active=off or "
        """--set 'defaults={"size_unit": "risk_pct"}'."""
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the strategy")
        parser.add_argument(
            "--set", action="append", default=[], dest="changes", metavar="NAME=VALUE",
            help=f"any of {', '.join(POLICY)}; may be repeated",
        )  # fmt: skip

    def handle(self, **options: Any) -> None:
        changes = dict(_change(text) for text in options["changes"])
        try:
            strategy = strategy_get(slug=options["slug"])
            if changes:
                strategy = strategy_policy_change(
                    strategy_id=strategy.id, actor="system", **changes
                )
        except DomainError as error:
            raise CommandError(str(error)) from error
        for name in ("version", *POLICY):
            value = getattr(strategy, name)
            self.stdout.write(f"{name}\t{json.dumps(value, default=str)}")


def _change(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or name not in POLICY:
        raise CommandError(f"{text!r} is no NAME=VALUE with one of: {', '.join(POLICY)}.")
    field: Any = Strategy._meta.get_field(name)
    try:
        if isinstance(field, BooleanField):
            return name, _SWITCH[value.lower()]
        if isinstance(field, JSONField):
            return name, json.loads(value)
        return name, field.to_python(value)
    except (KeyError, ValueError, ValidationError) as error:
        raise CommandError(f"{name} cannot be {value!r}.") from error
