"""Shows a strategy's policy, and changes it: its declarations, limits and switch."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.errors import DomainError
from signals.management.policy_options import policy_given, policy_options_add, policy_shown
from signals.services.strategies import POLICY, strategy_get, strategy_policy_change


class Command(BaseCommand):
    help = (
        "Without options it shows the policy of a strategy. Each option changes one part of it: "
        "the version rises, the change is recorded, and what is decided already stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the strategy")
        policy_options_add(parser)

    def handle(self, **options: Any) -> None:
        changes = policy_given(options)
        try:
            strategy = strategy_get(slug=options["slug"])
            if changes:
                strategy = strategy_policy_change(
                    strategy_id=strategy.id, actor="system", **changes
                )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{strategy.slug}, policy version {strategy.version}")
        for name in POLICY:
            self.stdout.write(f"  {name:<24}{policy_shown(getattr(strategy, name))}")
