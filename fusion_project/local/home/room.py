"""The room on the disk of FUSION_HOME: what is short of it waits, and somebody is told."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

# Two segments of Postgres' log: with less it cannot start.
SHORT_BYTES = 40 * 1024**2
# Going on with hardly more would end at once in the next shortage.
ENOUGH_BYTES = 80 * 1024**2
_LOOK_SECONDS = 1.0


class Room:
    """Whether there is room; says once when it runs out and once when it is back."""

    def __init__(
        self,
        path: Path,
        say: Callable[[str], None],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._say = say
        self._monotonic = monotonic
        self._looked_at = float("-inf")
        self._is_left = True

    def is_left(self) -> bool:
        """Look, once a second at most."""
        moment = self._monotonic()
        if moment - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = moment
            self._look()
        return self._is_left

    def _look(self) -> None:
        try:
            free = shutil.disk_usage(self._path).free
        except OSError:  # a disk that is away has no room
            free = 0
        was_left = self._is_left
        self._is_left = free >= (SHORT_BYTES if was_left else ENOUGH_BYTES)
        left = f"{free // 1024**2} MiB left"
        if was_left and not self._is_left:
            self._say(
                f"The disk of FUSION_HOME {self._path} is full: {left}. What cannot be stored is "
                "answered 503; nothing that was answered before is lost. Make room (about "
                f"{ENOUGH_BYTES // 1024**2} MiB at least): it goes on by itself."
            )
        elif self._is_left and not was_left:
            self._say(f"There is room again: {left}. Going on.")
