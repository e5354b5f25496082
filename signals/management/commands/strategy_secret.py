"""Issues, lists and revokes webhook secrets of a strategy."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.errors import DomainError
from signals.management.webhook_address import webhook_words
from signals.models import Strategy, StrategySecret
from signals.services.strategies import (
    strategy_get,
    strategy_secret_issue,
    strategy_secret_revoke,
)


class Command(BaseCommand):
    help = (
        "Rotate webhook secrets: issue a new one, move the alerts over, revoke the old one. "
        "Without an option it lists the strategy's secrets; the secrets themselves are not stored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the strategy")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--issue", action="store_true", help="issue a further secret")
        what.add_argument("--revoke", type=int, metavar="ID", help="end the secret with this id")
        parser.add_argument("--label", default="", help="a word to tell the new secret by")
        parser.add_argument(
            "--after-seconds", type=int, default=0, help="with --revoke: end it only then"
        )

    def handle(self, **options: Any) -> None:
        try:
            strategy = strategy_get(slug=options["slug"])
            if options["issue"]:
                self._issue(strategy, options["label"])
            elif options["revoke"] is not None:
                self._revoke(strategy, options["revoke"], options["after_seconds"])
            else:
                self._list(strategy)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _issue(self, strategy: Strategy, label: str) -> None:
        issued = strategy_secret_issue(strategy_id=strategy.id, actor="system", label=label)
        self.stdout.write(f"Secret {issued.id} issued. Webhook address, shown only once:")
        self.stdout.write(webhook_words(issued.path))

    def _revoke(self, strategy: Strategy, secret_id: int, after_seconds: int) -> None:
        row = strategy_secret_revoke(
            strategy_id=strategy.id,
            secret_id=secret_id,
            actor="system",
            after_seconds=after_seconds,
        )
        self.stdout.write(f"Secret {row.id} ends at {row.valid_until:%Y-%m-%d %H:%M:%S} UTC.")

    def _list(self, strategy: Strategy) -> None:
        for row in StrategySecret.objects.filter(strategy=strategy):
            end = f"ends {row.valid_until:%Y-%m-%d %H:%M:%S} UTC" if row.valid_until else "no end"
            self.stdout.write(f"{row.id}\t{row.label or '-'}\t{end}")
