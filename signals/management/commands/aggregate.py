"""Judges somebody's own experts, from a table, beside our mixtures, which learn as they go."""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signals.fusion.aggregating.report import LOSSES, Asked, report
from signals.fusion.aggregating.tables import Table, TableInvalid, table_read
from signals.fusion.aggregating.trading import Terms


class Command(BaseCommand):
    help = (
        "Judge your own experts: what each lost, the best of them, their plain mean, and our "
        "mixtures with what they promise. Prints JSON. No database is asked. "
        "docs/aggregate.md explains the tables and the report."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--experts",
            type=Path,
            required=True,
            metavar="P.csv",
            help="a column for each expert, a line for each forecast; an empty cell is asleep; "
            "a column `round` joins the lines of one forecast of several outcomes",
        )
        parser.add_argument(
            "--outcomes", type=Path, required=True, metavar="Y.csv", help="a column of outcomes"
        )
        parser.add_argument(
            "--loss",
            choices=LOSSES,
            required=True,
            help="log and brier: experts say chances; square: numbers",
        )
        parser.add_argument(
            "--delay",
            type=int,
            choices=range(1001),
            default=0,
            metavar="D",
            help="an outcome is known only after D further forecasts; default: 0",
        )
        parser.add_argument(
            "--clip",
            type=_between(1e-9, 0.25),
            default=0.01,
            metavar="EPS",
            help="log loss: chances no nearer to 0 and 1 than this; default: 0.01",
        )
        trading = parser.add_argument_group("what would be traded (log loss of yes or no)")
        trading.add_argument(
            "--payoff", type=_between(1e-3, 1e3), metavar="W", help="a win, in units of the loss"
        )
        trading.add_argument("--cost", type=_between(0, 1), help="of a trade; needed, may be 0")
        trading.add_argument("--margin", type=_between(0, 1), help="least edge; default: 0")
        trading.add_argument(
            "--cap", type=_between(0, 1), help="most of the capital at risk; default: 0.01"
        )
        trading.add_argument(
            "--coverage",
            type=_between(0.01, 0.99),
            help="trade only where the set of outcomes that is right this often holds a win alone",
        )

    def handle(self, **options: Any) -> None:
        asked = Asked(
            loss=options["loss"],
            delay=options["delay"],
            eps=options["clip"],
            terms=_terms(options),
        )
        try:
            told = report(asked, _table(options["experts"]), _table(options["outcomes"]))
        except TableInvalid as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False))


def _terms(options: dict[str, Any]) -> Terms | None:
    names = ("payoff", "cost", "margin", "cap", "coverage")
    given = {name: options[name] for name in names if options[name] is not None}
    if not given:
        return None
    if "payoff" not in given:
        raise CommandError(f"--{next(iter(given))} needs --payoff.")
    if "cost" not in given:
        raise CommandError("--payoff needs --cost: a result without its cost says nothing.")
    terms = Terms(**given)
    if terms.cost >= terms.payoff:
        raise CommandError("--cost takes all of --payoff: no trade could earn anything.")
    return terms


def _table(path: Path) -> Table:
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors put a mark before the text
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    return table_read(str(path), text)


def _between(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise ArgumentTypeError(f"{text!r} is not a number from {least:g} to {most:g}")
        return value

    return number
