"""Runs what is overdue and the periodic jobs; needs neither Celery nor Redis."""

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection

from fusion_project.events.life import Seldom, drain_note
from fusion_project.events.periodic import periodic_prepare, periodic_run_due
from fusion_project.events.registry import handler_list
from fusion_project.events.work import handler_work_off

logger = logging.getLogger("fusion.drain")

TURN_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Run handlers whose work is overdue, and periodic jobs, from their rows in Postgres. "
        "Several drains may run. Without Redis (REDIS_URL=off) this alone does all the work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--overdue-seconds",
            type=float,
            default=2.0 if settings.REDIS_URL else 0.0,
            help="leave to Celery what is due for less than this (default: 2, without Redis 0)",
        )
        parser.add_argument("--pause-seconds", type=float, default=0.2, help="between rounds")
        parser.add_argument("--once", action="store_true", help="one round, then exit")

    def handle(self, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        prepared = False
        self._is_at_work = Seldom(drain_note)
        while not stop.is_set():
            try:
                close_old_connections()
                if not prepared:
                    periodic_prepare()
                    prepared = True
                self._round(options["overdue_seconds"])
            except DatabaseError as error:
                logger.error("database unavailable", extra={"error": type(error).__name__})
                connection.close()
                stop.wait(1)
            if options["once"]:
                return
            stop.wait(options["pause_seconds"])

    def _round(self, overdue_seconds: float) -> None:
        periodic_run_due()
        self._is_at_work()
        for handler in handler_list():
            # Short turns: no handler's backlog keeps the others or the periodic jobs waiting.
            left_seconds = max(overdue_seconds, handler.left_seconds)
            tried, _ = handler_work_off(
                handler.name, overdue_seconds=left_seconds, seconds_max=TURN_SECONDS
            )
            if tried:
                periodic_run_due()
            self._is_at_work()
