"""Reads the chains of bound tokens, each once a minute; needs no Celery."""

from __future__ import annotations

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection

from tokens.services.watching import chain_watch_due

logger = logging.getLogger("fusion.chain")


class Command(BaseCommand):
    help = (
        "Read the chain of every bound token once a minute, and judge it against the ledger; a "
        "source that fails is asked less often. A process of its own, so that a source that hangs "
        "holds up nobody. Several may run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pause-seconds", type=float, default=2.0, help="between looks")

    def handle(self, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            try:
                close_old_connections()
                chain_watch_due()
            except Error:
                logger.exception("the database could not be used")
                connection.close()
            stop.wait(options["pause_seconds"])
