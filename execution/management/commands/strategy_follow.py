"""Lets an account follow a strategy, or end that; shows which accounts do."""

from __future__ import annotations

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.accounts import account_of_login
from execution.models import BrokerAccount, Subscription
from execution.rules.sizing import SIZE_MODES
from execution.services.accounts import subscription_create, subscription_end
from fusion_project.errors import DomainError
from signals.models import Strategy
from signals.services.strategies import strategy_get

LOTS_MAX = Decimal(1000)
SIZE_MAX = Decimal(10) ** 9
POINTS_MAX = 1_000_000
POINTS = {
    "deviation": "its entries fill at most so far from the price asked (default: no limit)",
    "spread-max": "its entries are sent only up to this spread (default: no limit)",
}


class Command(BaseCommand):
    help = (
        "A strategy trades on the accounts that follow it, and on none without one. Without "
        "--account the command shows every account and whether it follows."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the strategy")
        parser.add_argument("--account", metavar="LOGIN", help="login of the account that follows")
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--lots",
            default="0.10",
            help="lots of an entry that names neither size nor stop (default: 0.10)",
        )
        parser.add_argument(
            "--size",
            metavar="MODE=NUMBER",
            help=f"the account's own size of an entry, such as risk_pct=0.5; the smallest of all "
            f"sizes wins; modes: {', '.join(SIZE_MODES)} (default: none)",
        )
        for name, says in POINTS.items():
            parser.add_argument(f"--{name}", type=int, metavar="POINTS", help=says)
        how.add_argument("--end", action="store_true", help="it follows no longer; exits still do")

    def handle(self, **options: Any) -> None:
        try:
            strategy = strategy_get(slug=options["slug"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        if options["account"] is not None:
            self._change(strategy, options)
        elif options["end"]:
            raise CommandError("--end needs --account: which account follows no longer?")
        self._show(strategy)

    def _change(self, strategy: Strategy, options: dict[str, Any]) -> None:
        account = account_of_login(options["account"])
        if options["end"]:
            subscription_end(strategy_id=strategy.id, account_id=account.id)
            return
        size_mode, size_value = _size(options["size"])
        subscription_create(
            strategy_id=strategy.id,
            account_id=account.id,
            lots_default=_lots(options["lots"]),
            size_mode=size_mode,
            size_value=size_value,
            deviation_points=_points(options, "deviation"),
            spread_points_max=_points(options, "spread-max"),
        )

    def _show(self, strategy: Strategy) -> None:
        rows = Subscription.objects.filter(strategy=strategy, is_active=True)
        following = {row.account_id: row for row in rows}
        for account in BrokerAccount.objects.order_by("id"):
            follows = _words(following.get(account.id))
            self.stdout.write(f"{account.login}\t{account.book}\t{account.name}\t{follows}")


def _words(row: Subscription | None) -> str:
    if row is None:
        return "does not follow"
    words = [f"follows, {row.lots_default.normalize():f} lots"]
    if row.size_mode:
        words.append(f"size at most {row.size_mode}={row.size_value.normalize():f}")
    if row.deviation_points is not None:
        words.append(f"deviation at most {row.deviation_points} points")
    if row.spread_points_max is not None:
        words.append(f"spread at most {row.spread_points_max} points")
    return ", ".join(words)


def _points(options: dict[str, Any], name: str) -> int | None:
    points: int | None = options[name.replace("-", "_")]
    if points is not None and not 0 <= points <= POINTS_MAX:
        raise CommandError(f"--{name}: {points} is not from 0 to {POINTS_MAX}.")
    return points


def _size(text: str | None) -> tuple[str, Decimal]:
    if text is None:
        return "", Decimal(0)
    mode, _, number = text.partition("=")
    if mode not in SIZE_MODES:
        raise CommandError(f"--size: {mode!r} is none of {', '.join(SIZE_MODES)}.")
    try:
        value = Decimal(number)
    except InvalidOperation as error:
        raise CommandError(f"--size: {number!r} is not a number such as 0.5.") from error
    if not value.is_finite() or not 0 < value <= SIZE_MAX:
        raise CommandError(f"--size: {number} is not above 0 and at most {SIZE_MAX}.")
    return mode, value


def _lots(text: str) -> Decimal:
    try:
        lots = Decimal(text)
    except InvalidOperation as error:
        raise CommandError(f"--lots: {text!r} is not a number such as 0.10.") from error
    if not lots.is_finite() or not 0 < lots <= LOTS_MAX:
        raise CommandError(f"--lots: {text} is not above 0 and at most {LOTS_MAX}.")
    return lots
