"""Prints how entries were carried out, which return codes came back, and how terminals did."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution.models import BrokerAccount
from execution.rules.retcodes import WHO
from execution.selectors.heartbeats import HeartbeatFigures, heartbeat_figures
from execution.selectors.quality import hop_figures, order_times, slippage_of
from execution.selectors.retcodes import retcode_list
from fusion_project.events.clock import now

_PARTS = ("feed", "decision", "approval", "broker", "whole")


class Command(BaseCommand):
    help = (
        "Of entries that were filled lately: how long each hop took, from the alert to the stored "
        "deal, and where their price was lost, in basis points (positive is worse). Then every "
        "return code that executors told, what it means and who has to act where it comes often; "
        "and of each account's heartbeats how regularly they came and what they told."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hours", type=int, default=24, help="how far back (24)")
        parser.add_argument("--account", default="", help="the name of one account; else all")

    def handle(self, *, hours: int, account: str, **_: Any) -> None:
        since, account_id = now() - timedelta(hours=hours), _account_id(account)
        orders = order_times(since=since, account_id=account_id)
        self.stdout.write(f"{len(orders)} filled entries")
        for one in hop_figures(orders):
            self.stdout.write(
                f"{one.hop:<12} {one.count:>6}  p50 {one.p50:.3f} s  p99 {one.p99:.3f} s"
            )
        slippages = list(slippage_of(orders).values())
        for part in _PARTS:
            self.stdout.write(f"{part:<12} {_mean(getattr(one, part) for one in slippages)}")
        for seen in retcode_list(since=since, account_id=account_id):
            if seen.times:
                self.stdout.write(f"{seen.code} {seen.row.name} {seen.times} times")
                self.stdout.write(f"  {seen.row.meaning} Acts: {WHO[seen.row.who]}.")
        for told in heartbeat_figures(since=since, account_id=account_id):
            self.stdout.write(_terminal_words(told))


def _account_id(name: str) -> int | None:
    if not name:
        return None
    found = BrokerAccount.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"there is no account named {name!r}")
    return found.id


def _terminal_words(told: HeartbeatFigures) -> str:
    words = [f"{told.account}: {told.count} heartbeats"]
    if told.pause_seconds is not None:
        words.append(f"longest pause {told.pause_seconds:.1f} s")
    if told.ping_p50_ms is not None and told.ping_p99_ms is not None:
        words.append(f"ping p50 {told.ping_p50_ms:.0f} ms p99 {told.ping_p99_ms:.0f} ms")
    if told.outbox_most is not None:
        words.append(f"at most {told.outbox_most} reports untold")
    if told.blocked:
        words.append(f"{told.blocked} of them sent no entries")
    return ", ".join(words)


def _mean(told: Iterable[Decimal | None]) -> str:
    known = [one for one in told if one is not None]
    if not known:
        return "not known"
    return f"{sum(known, Decimal(0)) / len(known):.2f} bps on average of {len(known)}"
