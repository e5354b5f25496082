"""Creates a strategy and issues its first webhook secret."""

from __future__ import annotations

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.errors import DomainError
from signals.models import Strategy
from signals.services.strategies import strategy_create, strategy_secret_issue

DECIMALS = ("prior_p", "prior_strength", "payoff_r", "cost_r", "margin_r")
INTEGERS = ("risk_bps", "review_seconds", "entry_seconds", "stale_seconds")


class Command(BaseCommand):
    help = "Create a strategy with its policy and print its webhook path, which is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name in the webhook path, such as ema-cross")
        parser.add_argument("--name", default="", help="name for people; default: the slug")
        parser.add_argument(
            "--approval",
            choices=Strategy.Approval.values,
            help="how many people must approve an entry; default: one",
        )
        for name in INTEGERS + DECIMALS:
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                type=int if name in INTEGERS else _decimal,
                help=_help(name),
            )

    def handle(self, **options: Any) -> None:
        policy = {
            name: options[name]
            for name in (*INTEGERS, *DECIMALS, "approval")
            if options[name] is not None
        }
        try:
            strategy = strategy_create(
                slug=options["slug"], name=options["name"] or options["slug"], actor="system",
                **policy,
            )  # fmt: skip
            issued = strategy_secret_issue(strategy_id=strategy.id, actor="system", label="first")
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Strategy {strategy.slug} created. Webhook path, shown only once:")
        self.stdout.write(issued.path)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not a decimal number") from error


def _help(name: str) -> str:
    field: Any = Strategy._meta.get_field(name)
    return f"{field.help_text} Default: {field.get_default()}"
