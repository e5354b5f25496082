"""Re-derives stored decisions from what they were made from, and compares byte for byte."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signals.fusion.engines.registry import UnknownEngine
from signals.fusion.replay import replay
from signals.models import Decision
from signals.selectors.replays import decision_difference

PROGRESS_EVERY = 1000


class Command(BaseCommand):
    help = (
        "Replay every decision that fusion made, without network, and report each that does not "
        "come out byte for byte the same. Exit code 1 if any differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--decision", type=int, metavar="ID", help="replay only this decision")
        parser.add_argument(
            "--without-lobe",
            metavar="NAME",
            default="",
            help="what-if: leave this lobe out and report which verdicts would change",
        )

    def handle(self, **options: Any) -> None:
        rows = Decision.objects.filter(inputs__isnull=False).order_by("id")
        if options["decision"] is not None:
            rows = rows.filter(id=options["decision"])
        try:
            if options["without_lobe"]:
                self._what_if(rows, options["without_lobe"])
            else:
                self._replay(rows)
        except UnknownEngine as error:
            raise CommandError(
                f"made by an engine that this version does not have: {error}"
            ) from error

    def _replay(self, rows: Any) -> None:
        total = different = 0
        for decision in rows.iterator():
            total += 1
            problem = decision_difference(decision)
            if problem:
                different += 1
                self.stdout.write(f"decision {decision.id}: {problem}")
            self._progress(total)
        self.stdout.write(f"{total} decisions replayed, {different} differ.")
        if different:
            raise CommandError("Some decisions do not replay.", returncode=1)

    def _what_if(self, rows: Any, lobe: str) -> None:
        total = changed = 0
        for decision in rows.iterator():
            total += 1
            _, now = replay(decision.inputs, without_lobe=lobe)
            _, then = replay(decision.inputs)
            if now.verdict != then.verdict:
                changed += 1
                self.stdout.write(f"decision {decision.id}: {then.verdict} becomes {now.verdict}")
            self._progress(total)
        self.stdout.write(f"{total} decisions replayed without {lobe}, {changed} change.")

    def _progress(self, total: int) -> None:
        if total % PROGRESS_EVERY == 0 and sys.stderr.isatty():
            self.stderr.write(f"{total} decisions …")
