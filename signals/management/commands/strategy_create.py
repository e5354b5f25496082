"""Creates a strategy and issues its first webhook secret."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.errors import DomainError
from signals.management.policy_options import policy_given, policy_options_add
from signals.management.webhook_address import webhook_words
from signals.services.strategies import strategy_create, strategy_secret_issue


class Command(BaseCommand):
    help = (
        "Create a strategy with its policy and print its webhook address, which is shown only "
        "once. Without --name the slug is its name."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name in the webhook path, such as ema-cross")
        parser.add_argument(
            "--drill",
            action="store_true",
            help="it sends faults on purpose: counted apart, never traded; this never changes",
        )
        policy_options_add(parser)

    def handle(self, **options: Any) -> None:
        policy = {"name": options["slug"], **policy_given(options)}
        try:
            strategy = strategy_create(
                slug=options["slug"], actor="system", is_drill=options["drill"], **policy
            )
            issued = strategy_secret_issue(strategy_id=strategy.id, actor="system", label="first")
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Strategy {strategy.slug} created. Webhook address, shown only once:")
        self.stdout.write(webhook_words(issued.path))
