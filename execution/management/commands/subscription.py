"""Shows which accounts follow which strategies, lets one follow, and ends that."""

from __future__ import annotations

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import account_named
from execution.models import BrokerAccount, Subscription
from execution.rules.sizing import SIZE_MODES
from execution.services.subscriptions import subscription_create, subscription_end
from fusion_project.admin.acting import acting_user, as_user_add
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
        "A strategy trades on the accounts that follow it, and on none without one. list shows "
        "every account and whether it follows; add again changes lots and limits."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, help="what to do")
        listing = verbs.add_parser("list", help="which accounts follow, of one strategy or all")
        listing.add_argument("slug", nargs="?", help="the strategy")
        adding = verbs.add_parser("add", help="the account follows the strategy")
        removing = verbs.add_parser("remove", help="it follows no longer; exits still do")
        for one in (adding, removing):
            one.add_argument("slug", help="the strategy")
            one.add_argument("account", metavar="LOGIN", help="login of the account")
            as_user_add(one)
        adding.add_argument(
            "--lots",
            default="0.10",
            help="lots of an entry that names neither size nor stop (default: 0.10)",
        )
        adding.add_argument(
            "--size",
            metavar="MODE=NUMBER",
            help=f"the account's own size of an entry, such as risk_pct=0.5; the smallest of all "
            f"sizes wins; modes: {', '.join(SIZE_MODES)} (default: none)",
        )
        for name, says in POINTS.items():
            adding.add_argument(f"--{name}", type=int, metavar="POINTS", help=says)

    def handle(self, **options: Any) -> None:
        try:
            if options["verb"] == "list":
                slug = options["slug"]
                rows = [strategy_get(slug=slug)] if slug else Strategy.objects.order_by("slug")
                for one in rows:
                    self._show(one)
                return
            strategy = strategy_get(slug=options["slug"])
            self._change(strategy, options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self._show(strategy)

    def _change(self, strategy: Strategy, options: dict[str, Any]) -> None:
        account, actor = account_named(options["account"]), acting_user(options["as_user"])
        if options["verb"] == "remove":
            subscription_end(strategy_id=strategy.id, account_id=account.id, actor=actor)
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
            actor=actor,
        )

    def _show(self, strategy: Strategy) -> None:
        rows = Subscription.objects.filter(strategy=strategy, is_active=True)
        following = {row.account_id: row for row in rows}
        for account in BrokerAccount.objects.order_by("id"):
            told = (strategy.slug, account.login, account.book, account.name)
            self.stdout.write("\t".join((*told, _words(following.get(account.id)))))


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
