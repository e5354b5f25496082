"""The watches beside drain: a thread in each web process, so that a silent drain is noticed.

Of all threads and drains one wins each look, by the job's row (`events/periodic.py`).
"""

import logging
import threading

from django.db import close_old_connections, connection

from fusion_project.events.periodic import periodic_prepare, periodic_run_due
from fusion_project.postgres.deadline import database_deadline

logger = logging.getLogger("fusion.watch")

PAUSE_SECONDS = 2.0
_DATABASE_SECONDS_MAX = 5.0


class SecondWatch:
    """Looks again and again until `stop` is set; a lost database only makes it wait."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._is_prepared = False

    def start(self) -> None:
        """Look from a thread of this process; the process does not wait for it at its end."""
        threading.Thread(target=self._look_forever, name="second-watch", daemon=True).start()

    def look(self) -> int:
        """Run the watches that are due; returns how many were ours to run."""
        with database_deadline(_DATABASE_SECONDS_MAX):
            if not self._is_prepared:
                periodic_prepare(watches_only=True)
                self._is_prepared = True
            return periodic_run_due(watches_only=True)

    def _look_forever(self) -> None:
        is_failing = False
        while not self.stop.wait(PAUSE_SECONDS):
            try:
                close_old_connections()
                self.look()
                is_failing = False
            except Exception as error:  # this thread is nobody's caller, and must not end
                if not is_failing:
                    logger.exception("watch failed", extra={"error": type(error).__name__})
                is_failing = True
                connection.close()
