"""Prints how live accounts and their paper twins fared with the same decisions, by strategy."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.management.naming import account_named
from execution.models import Twin
from execution.selectors.twins import Divergence, twin_divergence, twins_open
from fusion_project.events.clock import now

DAYS_MAX = 3_650


class Command(BaseCommand):
    help = (
        "For each strategy: how many entries both filled, or only one and why not the other; how "
        "much worse the live fill was, in basis points; slippage of both; and closed results in "
        "money and in what was risked (R)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", metavar="LOGIN", help="one live account; else all")
        parser.add_argument("--days", type=int, default=30, help="how far back (30)")

    def handle(self, *, account: str | None, days: int, **_: Any) -> None:
        if not 1 <= days <= DAYS_MAX:
            raise CommandError(f"--days: {days} is not from 1 to {DAYS_MAX}.")
        live = account_named(account) if account else None
        twins = [one for one in twins_open() if live is None or one.live_id == live.id]
        if not twins:
            raise CommandError("No live account has a twin: ./manage.py twin begin makes one.")
        for twin in twins:
            self._show(twin, timedelta(days=days))

    def _show(self, twin: Twin, back: timedelta) -> None:
        until = now()
        self.stdout.write(f"{twin.live.name} (live) and {twin.account.name} (paper)")
        rows = twin_divergence(twin, since=until - back, until=until)
        for row in rows:
            self._strategy(row)
        if not rows:
            self.stdout.write("  no entries yet")

    def _strategy(self, row: Divergence) -> None:
        self.stdout.write(
            f"  {row.strategy}: {row.decisions} decisions, {row.both} filled by both, "
            f"{row.live_only} by live alone, {row.twin_only} by paper alone"
        )
        self.stdout.write(
            f"    fill {_bps(row.gap_bps)} worse live; "
            f"slippage {_bps(row.live_slippage_bps)} live, {_bps(row.twin_slippage_bps)} paper"
        )
        self.stdout.write(
            f"    closed by both: {row.live_net:.2f} live, {row.twin_net:.2f} paper; "
            f"{_r(row.live_r)} live, {_r(row.twin_r)} paper"
        )
        for who, reasons in (("live", row.live_refused), ("paper", row.twin_refused)):
            for reason, times in reasons.items():
                self.stdout.write(f"    not filled {who}: {reason}, {times} times")


def _bps(value: Decimal | None) -> str:
    return "unknown" if value is None else f"{value} bps"


def _r(value: Decimal | None) -> str:
    return "unknown" if value is None else f"{value} R"
