"""Waiting for processes without sleeping through it."""

import os
import select
import time
from collections.abc import Callable


def wait_gone(pid: int, seconds: float = 20.0) -> bool:
    """Whether the process has ended (a zombie counts) within this time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def wait_until(is_so: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Ask again and again, a little apart, until it is so or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        select.select([], [], [], 0.05)
    return is_so()
