"""Lists the limits of all, accounts, strategies and instruments, and sets them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.errors import LimitRaiseUnconfirmed
from execution.management.limit_words import limit_lines, limits_read
from execution.management.naming import account_named
from execution.models import RiskLimit
from execution.risk.limits import LIMITS, Scope
from execution.services.limit_requests import limits_raise_ask
from execution.services.limits import LimitScope, limits_set
from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from signals.services.strategies import strategy_get


class Command(BaseCommand):
    help = (
        "Limits bound entries, never exits; of several that hold for an entry each is held against "
        "what its own scope has, so the strictest wins. One person makes a limit stricter; a "
        "second one confirms what allows more, and the first limits of a live account. Limits: "
        + "; ".join(f"{name}, {meaning} ({unit})" for name, (unit, meaning) in LIMITS.items())
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("list", "set"), help="what to do")
        parser.add_argument("limits", nargs="*", metavar="NAME=VALUE", help="`none` lifts a limit")
        scope = parser.add_mutually_exclusive_group()
        scope.add_argument("--all", action="store_true", help="limits of every account")
        scope.add_argument("--account", metavar="LOGIN", help="limits of one account")
        scope.add_argument("--strategy", metavar="SLUG", help="limits of one strategy")
        scope.add_argument("--instrument", metavar="NAME", help="such as EURUSD")
        parser.add_argument("--note", default="", help="why, for those who read it later")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        try:
            of = _scope(options)
            if options["action"] == "set":
                self._set(of, options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        rows = RiskLimit.objects.select_related("account", "strategy")
        if of is not None:
            rows = rows.filter(
                scope=of.scope,
                account=of.account_id,
                strategy=of.strategy_id,
                instrument=of.instrument,
            )
        for line in limit_lines(rows):
            self.stdout.write(line)

    def _set(self, of: LimitScope | None, options: dict[str, Any]) -> None:
        if of is None:
            raise CommandError(
                "Say what they hold for: --all, --account, --strategy, --instrument."
            )
        values = limits_read(options["limits"])
        if not values:
            raise CommandError("Name at least one limit as NAME=VALUE.")
        actor = acting_user(options["as_user"])
        try:
            rows = limits_set(of=of, values=values, actor=actor, note=options["note"])
        except LimitRaiseUnconfirmed as needed:
            if not options["note"].strip():
                raise CommandError(
                    f"{needed} Say why with --note, and it is asked for."
                ) from needed
            request = limits_raise_ask(of=of, values=values, reason=options["note"], actor=actor)
            self.stdout.write(f"Request {request.pk} waits for a second person: {request.words}")
            return
        self.stdout.write(f"{len(rows)} of {len(values)} changed")


def _scope(options: dict[str, Any]) -> LimitScope | None:
    if options["account"]:
        account = account_named(options["account"])
        return LimitScope(Scope.ACCOUNT, account_id=account.id)
    if options["strategy"]:
        return LimitScope(Scope.STRATEGY, strategy_id=strategy_get(slug=options["strategy"]).id)
    if options["instrument"]:
        return LimitScope(Scope.INSTRUMENT, instrument=options["instrument"].upper())
    return LimitScope(Scope.ALL) if options["all"] else None
