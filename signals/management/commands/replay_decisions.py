"""Re-derives stored decisions and learned states from what they were made from, byte for byte."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signals.fusion.engines.registry import UnknownEngine
from signals.fusion.replay import replay
from signals.models import Decision, FusionState
from signals.selectors.replays import decision_difference, state_differences

PROGRESS_EVERY = 1000


class Command(BaseCommand):
    help = (
        "Replay every decision that fusion made and every state that labels moved, without "
        "network, and report each that does not come out byte for byte the same. Exit code 1 if "
        "any differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--decision", type=int, metavar="ID", help="replay only this decision")
        parser.add_argument(
            "--since", type=_moment, metavar="TIME", help="from 2026-03-01 or 2026-03-01T12:00 on"
        )
        parser.add_argument(
            "--without-lobe",
            metavar="NAME",
            default="",
            help="what-if: leave this lobe out and report which verdicts would change",
        )

    def handle(self, **options: Any) -> None:
        rows = Decision.objects.filter(inputs__isnull=False).order_by("id")
        states = FusionState.objects.all()
        if options["decision"] is not None:
            rows, states = rows.filter(id=options["decision"]), states.none()
        if options["since"] is not None:
            rows = rows.filter(created_at__gte=options["since"])
            states = states.filter(created_at__gte=options["since"])
        if options["without_lobe"]:
            self._what_if(rows, options["without_lobe"])
        else:
            self._replay(rows, states)

    def _replay(self, rows: Any, states: Any) -> None:
        engines: Counter[str] = Counter()
        different = 0
        for decision in rows.iterator():
            engines[decision.author] += 1
            problem = decision_difference(decision)
            if problem:
                different += 1
                self.stdout.write(f"decision {decision.id}: {problem}")
            self._progress(engines.total(), "decisions")
        told = ", ".join(f"{count} by {name}" for name, count in sorted(engines.items()))
        self.stdout.write(
            f"{engines.total()} decisions replayed ({told or 'none'}), {different} differ."
        )
        moved = apart = 0
        for problem in state_differences(states):
            moved += 1
            if problem:
                apart += 1
                self.stdout.write(problem)
            self._progress(moved, "states")
        self.stdout.write(f"{moved} learned states replayed, {apart} differ.")
        if different or apart:
            raise CommandError("Not everything replays.", returncode=1)

    def _what_if(self, rows: Any, lobe: str) -> None:
        total = changed = 0
        for decision in rows.iterator():
            total += 1
            try:
                _, now = replay(decision.inputs, without_lobe=lobe)
                _, then = replay(decision.inputs)
            except UnknownEngine as error:
                raise CommandError(
                    f"made by an engine that this version does not have: {error}"
                ) from error
            if now.verdict != then.verdict:
                changed += 1
                self.stdout.write(f"decision {decision.id}: {then.verdict} becomes {now.verdict}")
            self._progress(total, "decisions")
        self.stdout.write(f"{total} decisions replayed without {lobe}, {changed} change.")

    def _progress(self, total: int, what: str) -> None:
        if total % PROGRESS_EVERY == 0 and sys.stderr.isatty():
            self.stderr.write(f"{total} {what} …")


def _moment(text: str) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time such as 2026-03-01T12:00") from error
    return told if told.tzinfo else told.replace(tzinfo=UTC)
