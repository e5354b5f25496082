"""Checks the whole ledger from its raw lines; for people, cron and the smoke run."""

from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treasury.selectors import integrity
from treasury.selectors.integrity_of_periods import conversions_damaged, periods_damaged


class Command(BaseCommand):
    help = (
        "Check the ledger: every entry sums to zero per currency and has lines, books and "
        "currencies do not mix, kept balances, checkpoints, steps of cash, days of trades and "
        "hashes equal what the lines give, entries are as they were sealed, closed periods and "
        "conversions are what their entries and prices give, every deal has its entry, and the "
        "triggers that hold all this are on. Changes nothing. Exit code 1 when something is found."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than-seconds",
            type=int,
            default=60,
            metavar="N",
            help="leave alone deals that came in the last N seconds (default 60)",
        )
        parser.add_argument(
            "--no-hashes", action="store_true", help="skip recomputing the hash of every entry"
        )

    def handle(self, **options: Any) -> None:
        older = options["older_than_seconds"]
        checks: list[tuple[str, Callable[[], list[str]]]] = [
            ("entries sum to zero", integrity.entries_unbalanced),
            ("entries have lines", integrity.entries_too_short),
            ("books and currencies do not mix", integrity.lines_mixed),
            ("kept balances equal their lines", integrity.balances_drifted),
            ("checkpoints equal their lines", integrity.checkpoints_drifted),
            ("kept steps of cash equal what they came from", integrity.cash_drifted),
            ("kept days of trades equal their steps", integrity.trade_days_drifted),
            ("entries are as they were sealed", integrity.entries_unlike_their_seal),
            ("closed periods are what their entries give", periods_damaged),
            ("conversions are what their prices give", conversions_damaged),
            ("triggers of the ledger fire for everybody", integrity.triggers_off),
            (
                "every deal has its entry",
                partial(integrity.deals_unposted, older_than_seconds=older),
            ),
        ]
        checks += integrity.checks_of_later_apps()
        if not options["no_hashes"]:
            checks.append(("hashes match", self._hashes))
        found = sum(self._report(title, check()) for title, check in checks)
        if found:
            raise CommandError(f"{found} findings", returncode=1)
        self.stdout.write("ledger ok")

    def _report(self, title: str, findings: list[str]) -> int:
        self.stdout.write(f"{'ok  ' if not findings else 'BAD '} {title}")
        for finding in findings:
            self.stdout.write(f"       {finding}")
        return len(findings)

    def _hashes(self) -> list[str]:
        findings: list[str] = []
        for done, total, forged in integrity.leaves_forged():
            findings += forged
            if total > integrity.HASH_CHUNK:
                self.stderr.write(f"\r  {done} of {total} entries hashed", ending="")
        return findings[: integrity.FINDINGS_MAX]
