"""Asks the lobes that call out, for every alert whose strategy has one; needs no Celery."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from signals.selectors.lobes_asked import status_lines
from signals.services.calling import HARD_SECONDS, SOFT_SECONDS, Caller
from signals.services.models_asked import CALLING_LOBES, clients_load

logger = logging.getLogger("fusion.lobes")

NICE = 5


class Command(BaseCommand):
    help = (
        "Ask the lobes that call out, fifty alerts at once, and decide their entries: "
        f"{SOFT_SECONDS:g} s after receipt once the quorum has spoken, {HARD_SECONDS:g} s after it "
        "in any case. Several may run. Without one, drain decides from the lobes of the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pause-seconds", type=float, default=0.1, help="between looks")
        parser.add_argument(
            "--status",
            action="store_true",
            help="print who is asked, why others sleep, and what the last day brought; then exit",
        )

    def handle(self, **options: Any) -> None:
        if options["status"]:
            for line in status_lines(CALLING_LOBES):
                self.stdout.write(line)
            return
        for lobe in CALLING_LOBES:
            told = {"lobe": lobe.name, "version": lobe.version}
            logger.info(
                "lobe sleeps" if lobe.asleep_because() else "lobe is asked",
                extra={**told, "reason": lobe.asleep_because()},
            )
        # An entry that is asked about can afford seconds, what stages exits beside it cannot.
        os.nice(NICE)
        clients_load()
        asyncio.run(_serve(options["pause_seconds"]))


async def _serve(pause_seconds: float) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await Caller().run(stop, pause_seconds=pause_seconds)
