"""Shows a strategy's policy with its history, and changes it: declarations and limits."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.errors import DomainError
from signals.management.policy_options import policy_given, policy_options_add, policy_shown
from signals.models import Strategy
from signals.selectors.policies import POLICY, PolicyStep, policy_history, policy_value
from signals.services.strategies import strategy_get, strategy_policy_change


class Command(BaseCommand):
    help = (
        "Without options it shows the policy of a strategy, and each version of it: when it "
        "began, who made it, what it changed. Each option changes one part: a new version is "
        "appended, the change is recorded, and what is decided already stays. The name is no part "
        "of a version; a strategy is switched on and off by manage.py switch."
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
        self._show(strategy)

    def _show(self, strategy: Strategy) -> None:
        self.stdout.write(f"{strategy.slug}, policy version {strategy.policy.version}")
        for part in POLICY:
            self.stdout.write(f"  {part:<24}{policy_shown(policy_value(strategy, part))}")
        self.stdout.write("versions:")
        for step in policy_history(strategy):
            policy = step.policy
            began = f"{policy.valid_from:%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(f"  {policy.version}\t{began}\t{policy.actor}\t{_changed(step)}")


def _changed(step: PolicyStep) -> str:
    changes = (
        f"{part} {policy_shown(old)} -> {policy_shown(new)}" for part, old, new in step.changes
    )
    return ", ".join(changes) or "created"
