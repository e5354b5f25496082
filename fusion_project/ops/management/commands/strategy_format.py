"""Shows and settles what members of a strategy's alerts are that no dialect knows."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.admin.acting import acting_user, as_user_add
from fusion_project.errors import DomainError
from signals.dialects.settled import CREDENTIAL, HARMLESS, MEANS
from signals.models import Strategy
from signals.services.settling import members_forget, members_settle, settled_rows
from signals.services.strategies import strategy_get

_PERMISSION = "ops.settle_member"


class Command(BaseCommand):
    help = (
        "An entry is refused as unknown_member where its message holds a member that nobody "
        "understands. Say once what it is: the policy gets a new version, with who and why. "
        "Without an option it lists what is settled."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the strategy")
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--harmless", metavar="NAMES", help="the trade is the same without these, by commas"
        )
        what.add_argument(
            "--credential", metavar="NAMES", help="these are blanked before anything is stored"
        )
        what.add_argument(
            "--means", metavar="NAME=MEMBER", help="it says what this known member says"
        )
        what.add_argument("--forget", metavar="NAMES", help="take what was settled back")
        parser.add_argument("--why", default="", help="the reason, kept with it")
        as_user_add(parser)

    def handle(self, **options: Any) -> None:
        try:
            strategy = self._changed(options) or strategy_get(slug=options["slug"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        rows = settled_rows(strategy.policy.members)
        self.stdout.write(f"{strategy.slug}, policy version {strategy.policy.version}")
        for name, what, why in rows:
            self.stdout.write(f"  {name:<24}{what:<16}{why}")
        if not rows:
            self.stdout.write("  nothing is settled")

    def _changed(self, options: dict[str, Any]) -> Strategy | None:
        asked = {name: options[name] for name in (HARMLESS, CREDENTIAL, MEANS, "forget")}
        kind, given = next(((name, text) for name, text in asked.items() if text), ("", ""))
        if not kind:
            return None
        actor = acting_user(options["as_user"], _PERMISSION)
        name, _, member = given.partition("=")
        names = [name] if kind == MEANS else given.split(",")
        if kind == "forget":
            return members_forget(slug=options["slug"], names=names, actor=actor)
        return members_settle(
            slug=options["slug"],
            names=names,
            kind=kind,
            why=options["why"],
            actor=actor,
            means=member,
        )
