"""`make run`: starts everything on this machine, watches it, and stops it in order.

python -m fusion_project.local.run.main --help
"""

import argparse
import errno
import os
import signal
import sys
import time
from types import FrameType

from fusion_project.local.home.folder import Home
from fusion_project.local.home.options import HELP, RunOptions, RunRefused, options_read
from fusion_project.local.run.ready import access_write, ready_text, ready_wait
from fusion_project.local.run.stack import ROOT, Stack
from fusion_project.local.servers.pg_install import PostgresUnavailable
from fusion_project.local.servers.redis import RedisUnavailable


class StopRequested(BaseException):
    """Somebody asked to stop while the start was still under way."""


class Run:
    """One run from its lock to its last stopped process."""

    def __init__(self, options: RunOptions) -> None:
        self._home = Home(options.home)
        self._stack = Stack(options, self._home, say)
        self._requests = 0
        self._is_starting = True

    def run(self) -> int:
        """Returns the exit status after an orderly stop. What it cannot do is said before that."""
        try:
            self._home.open()
        except RunRefused as refusal:
            return _refused(str(refusal))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup a closed terminal shall not stop us.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        try:
            self._stack.start()
            ready_wait(self._stack, say)
            say(ready_text(self._stack, access_write(self._stack)))
            self._is_starting = False
            while not self._requests:
                self._stack.watch()
                time.sleep(0.2)
        except (RunRefused, PostgresUnavailable, RedisUnavailable) as refusal:
            return _refused(str(refusal))
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
                raise
            return _refused(f"{error.filename or 'FUSION_HOME'}: {error.strerror}.")
        finally:
            self._is_starting = False
            self._stop()
        return 0

    def _stop(self) -> None:
        has_started = bool(self._stack.supervisor.names)
        if has_started:
            say("Stopping …")
        self._stack.stop()
        self._home.close()
        if has_started:
            say("Stopped.")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._requests += 1
        if self._requests > 1:
            self._stack.supervisor.hurry()
        elif self._is_starting:
            raise StopRequested


def say(text: str) -> None:
    """Print at once; whoever watched may have gone away."""
    try:
        print(text, flush=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            # It is kept, and comes with the next words once there is room.
            return
        # From now on into the void: stopping in order matters more than words.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def main(arguments: list[str] | None = None) -> int:
    argparse.ArgumentParser(
        prog="python -m fusion_project.local.run.main",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    try:
        return Run(options_read(os.environ, ROOT / ".local")).run()
    except RunRefused as refusal:
        return _refused(str(refusal))
    except StopRequested:
        return 130


def _refused(sentence: str) -> int:
    print(f"Cannot run: {sentence}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
