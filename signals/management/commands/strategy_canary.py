"""Declares how often a strategy's canary comes, and shows when it was last seen."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fusion_project.errors import DomainError
from signals.models import Strategy
from signals.selectors.watching import path_seen_list
from signals.services.strategies import strategy_get
from signals.services.watching import canary_declare


class Command(BaseCommand):
    help = (
        "A canary is a `test` alert that comes again and again; where it stays out, an incident "
        "opens. Without an option it shows each strategy's signs of life."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="?", help="the strategy")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--every-seconds", type=int, help="how often its canary comes")
        what.add_argument("--none", action="store_true", help="it has no canary any longer")

    def handle(self, **options: Any) -> None:
        every_seconds, slug = options["every_seconds"], options["slug"]
        if every_seconds is not None or options["none"]:
            if slug is None:
                raise CommandError("Name the strategy.")
            try:
                strategy = strategy_get(slug=slug)
                canary_declare(strategy_id=strategy.id, every_seconds=every_seconds, actor="system")
            except DomainError as error:
                raise CommandError(str(error)) from error
        self._show(slug)

    def _show(self, slug: str | None) -> None:
        """One line a strategy; of one that is switched off nothing is expected."""
        watched = {seen.slug: seen for seen in path_seen_list()}
        known = Strategy.objects.order_by("slug").values_list("slug", flat=True)
        wanted = [one for one in known if slug in (None, one)]
        if not wanted:
            raise CommandError(f"There is no strategy {slug}." if slug else "No strategy yet.")
        for one in wanted:
            seen = watched.get(one)
            if seen is None:
                self.stdout.write(f"{one}\tswitched off: nothing of it is watched")
                continue
            self.stdout.write(
                f"{seen.slug}\tlast message {_ago(seen.delivery_seconds_ago)}"
                f"\tcanary {_ago(seen.canary_seconds_ago)}"
                f"\t{_declared(seen.canary_every_seconds, seen.is_canary_late)}"
            )


def _ago(seconds: int | None) -> str:
    return "never" if seconds is None else f"{seconds} s ago"


def _declared(every_seconds: int | None, is_late: bool) -> str:
    if every_seconds is None:
        return "none declared"
    return f"every {every_seconds} s{', LATE' if is_late else ''}"
