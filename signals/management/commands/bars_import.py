"""Imports bars from a chart's CSV export into a feed of their own."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from signals.errors import BarsRefused
from signals.market.csv_bars import COLUMNS, csv_name
from signals.market.timeframes import timeframe_seconds
from signals.services.bar_files import bars_import


class Command(BaseCommand):
    help = (
        f"Append the bars of a CSV file with the columns {','.join(COLUMNS)} (times in epoch "
        "seconds, oldest first) to the feed csv:NAME. Known bars are left alone, a bar that "
        "differs becomes the next revision. A file with a fault is refused whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="such as OANDA_EURUSD-15.csv")
        parser.add_argument("--name", default="history", help="of the feed (default: history)")
        parser.add_argument("--symbol", help="as OANDA:EURUSD; by default from the file's name")
        parser.add_argument("--timeframe", help="as 15, 5S or 1D; by default from the file's name")

    def handle(self, **options: Any) -> None:
        told = csv_name(options["file"].name)
        symbol = options["symbol"] or (told.symbol if told else None)
        timeframe = options["timeframe"] or (told.timeframe if told else None)
        if symbol is None or timeframe is None:
            raise CommandError(
                "The file's name does not tell symbol and timeframe: give both, as in "
                "--symbol OANDA:EURUSD --timeframe 15."
            )
        seconds = timeframe_seconds(timeframe)
        if seconds is None:
            raise CommandError(f"{timeframe!r} is no timeframe; write 15, 5S, D or 1W.")
        try:
            done = bars_import(
                path=options["file"],
                feed=f"csv:{options['name']}",
                symbol=symbol,
                timeframe_seconds=seconds,
                progress=self._progress,
            )
        except BarsRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{done.read} bars of {symbol}, {seconds} s each, in feed csv:{options['name']}: "
            f"{done.added} added, {done.revised} revised, {done.known} known."
        )
        if done.first_at and done.last_at:
            self.stdout.write(
                f"From {done.first_at:%Y-%m-%d %H:%M} to {done.last_at:%Y-%m-%d %H:%M} UTC; "
                f"{done.pauses} pauses, in which the market was closed or bars are missing."
            )

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"{done} of {total} bars …")
