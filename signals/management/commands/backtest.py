"""Walks a strategy's alerts over bars with the real engine, and says what it would have made."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.template.loader import render_to_string

from fusion_project.errors import DomainError
from fusion_project.text.curves import curve_path
from signals.management.policy_options import policy_given, policy_options_add
from signals.models import StrategyPolicy
from signals.services.backtests import Asked, backtest_run, trials_known
from signals.services.policy_rules import learning_check
from signals.services.strategies import strategy_get

_CONFIDENT = 0.95


class Command(BaseCommand):
    help = (
        "Walk the alerts of a file over the bars of another, forward: the engine decides each "
        "entry from what was known by then, and learns each outcome when it became known. Costs "
        "are in every result. Without --policy a new strategy's policy counts; any part of it can "
        "be given as an option and is not saved. With --out an HTML page and JSON are written "
        "there, and each different run is counted as a trial."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bars", type=Path, required=True, help="as OANDA_EURUSD-15.csv")
        parser.add_argument(
            "--alerts", type=Path, required=True, help="one message a line, as they were sent"
        )
        parser.add_argument("--policy", metavar="SLUG", help="the strategy whose policy counts")
        parser.add_argument("--out", type=Path, metavar="DIR", help="where to write the report")
        parser.add_argument(
            "--trials",
            type=int,
            default=1,
            help="how many variants were tried; with --out at least those that were run there",
        )
        parser.add_argument("--symbol", default="", help="by default from the file's name")
        parser.add_argument("--timeframe", default="", help="by default from the file's name")
        policy_options_add(parser)

    def handle(self, **options: Any) -> None:
        try:
            asked = _asked(options)
            if options["out"]:
                options["out"].mkdir(parents=True, exist_ok=True)
                known = trials_known(options["out"] / "trials.json", asked)
                asked = replace(asked, trials=max(asked.trials, known))
            report = backtest_run(asked=asked, progress=self._progress)
            if options["out"]:
                self._write(options["out"], report)
        except DomainError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        self._tell(report)

    def _write(self, folder: Path, report: dict[str, Any]) -> None:
        text = json.dumps(report, indent=1, ensure_ascii=False, default=str) + "\n"
        (folder / "backtest.json").write_text(text, encoding="utf-8")
        page = render_to_string("signals/backtest.html", {"report": report, **_drawn(report)})
        (folder / "backtest.html").write_text(page, encoding="utf-8")
        style = settings.BASE_DIR / "fusion_project/static/fusion/backtest.css"
        (folder / "backtest.css").write_bytes(style.read_bytes())

    def _tell(self, report: dict[str, Any]) -> None:
        bars, write = report["bars"], self.stdout.write
        write(
            f"{report['alerts']['count']} alerts with {report['entries']} entries over "
            f"{bars['count']} bars of {bars['symbol']}, {bars['first'][:16]} to "
            f"{bars['last'][:16]} UTC; {report['labels']} entries have an outcome."
        )
        write(f"Costs: {report['costs']}. Results are net of them, in R (the stop's loss).")
        if report["gates_left_out"]:
            write(f"Gates without facts here, left out: {', '.join(report['gates_left_out'])}.")
        write(f"{'':<20}{'entries':>9}{'won':>8}{'sum R':>10}{'mean R':>9}{'fall R':>9}{'bps':>9}")
        for row in report["results"]:
            share = f"{100 * row['wins'] / row['entries']:.1f} %" if row["entries"] else "-"
            write(
                f"{row['name']:<20}{row['entries']:>9}{share:>8}{row['total_r']:>10}"
                f"{row['mean_r']:>9}{row['worst_fall_r']:>9}"
                f"{Decimal(row['account_bps']).quantize(Decimal(1)):>9}"
            )
        for row in report["results"]:
            write(f"{row['name']}: {_worth(row, report['trials'])}")
        for words in _chance_words(report["chances"]):
            write(words)
        write(f"Digest {report['digest'][:16]}: the same files and policy give the same one.")

    def _progress(self, done: int, total: int) -> None:
        if done % 10_000 == 0 and sys.stderr.isatty():
            self.stderr.write(f"{done} of {total} alerts …")


def _asked(options: dict[str, Any]) -> Asked:
    given = policy_given(options)
    given.pop("name", None)
    slug, policy = "backtest", StrategyPolicy()
    if options["policy"]:
        try:
            strategy = strategy_get(slug=options["policy"])
        except DatabaseError as error:
            raise CommandError(f"--policy reads the database: {error}".strip()) from error
        slug, policy = strategy.slug, strategy.policy
    for part, value in given.items():
        setattr(policy, part, value)
    learning_check(policy, slug=slug)
    return Asked(
        bars=options["bars"],
        alerts=options["alerts"],
        slug=slug,
        policy=policy,
        trials=max(1, options["trials"]),
        now=datetime.now(UTC),
        symbol=options["symbol"],
        timeframe=options["timeframe"],
    )


def _worth(row: dict[str, Any], trials: int) -> str:
    """The deflated Sharpe ratio in words; below its mark a result is luck as likely as not."""
    if row["deflated"] is None:
        return "too few entries for a Sharpe ratio."
    told = (
        f"Sharpe {row['sharpe']:.3f} a trade, deflated {row['deflated']:.3f} "
        f"for {trials} trial{'s' if trials > 1 else ''}"
    )
    return f"{told}: {'it stands' if row['deflated'] >= _CONFIDENT else 'no proof of an edge'}."


def _chance_words(chances: dict[str, Any] | None) -> list[str]:
    if chances is None:
        return []
    base = chances["log_loss_of_share_of_wins"]
    told = (
        f"Chances: {chances['log_loss']:.4f} nats a label, the share of wins so far "
        f"{base:.4f}; Brier {chances['brier']:.4f}, {chances['brier_of_share_of_wins']:.4f}."
    )
    precision, recall = chances["precision_of_traded"], chances["recall_of_traded"]
    if precision is None or recall is None:
        return [told, "Fusion would have traded none of them."]
    kept = (
        f"Won: {100 * chances['precision_of_every_alert']:.1f} % of all, "
        f"{100 * precision:.1f} % of those traded, which are {100 * recall:.1f} % of all wins."
    )
    return [told, kept]


def _drawn(report: dict[str, Any]) -> dict[str, Any]:
    """The traded entries' running sum as a path, with its lowest and highest value."""
    values = [Decimal(0), *(Decimal(value) for _, value in report["curve"])]
    low, high = min(values), max(values)
    reach = (high - low) or Decimal(1)
    count = max(1, len(values) - 1)
    points = [(Decimal(n) / count, (one - low) / reach) for n, one in enumerate(values)]
    zero = curve_path([(Decimal(0), (0 - low) / reach), (Decimal(1), (0 - low) / reach)])
    return {
        "path": curve_path(points),
        "zero": zero,
        "low": low,
        "high": high,
        "worths": [_worth(row, report["trials"]) for row in report["results"]],
        "chance_words": _chance_words(report["chances"]),
    }
