"""Child processes that never outlive us: own session, killed by the kernel when we die.

Used by everything that `make run` and the test harness start.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def child_start(
    command: Sequence[str],
    *,
    log: IO[bytes] | int,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    run_as: tuple[int, int] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own; its output goes to `log`.

    On Linux the kernel sends `death_signal` when the *thread* that called this ends, so call it
    from a thread that lives as long as the child should. `run_as` is a (user, group) to become.
    """
    user, group = run_as if run_as else (None, None)
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(env) if env is not None else None,
        cwd=cwd,
        # A terminal's Ctrl-C must reach us alone: we stop the children in order.
        start_new_session=True,
        user=user,
        group=group,
        extra_groups=[] if run_as else None,
        preexec_fn=_die_with_parent(death_signal),
    )


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Runs between fork and exec, after any change of user (which would clear the setting)."""
    if _LIBC is None:
        return None
    parent = os.getpid()

    def ask_kernel() -> None:
        assert _LIBC is not None
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel


def group_signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a child of `child_start` and to what it started itself."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        # macOS answers "not permitted" for a group that holds only zombies.
        return


def port_pick() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As servers do: without it the remains of closed connections would count as in use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
