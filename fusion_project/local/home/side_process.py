"""The frame of the processes beside the app: command line, JSON logs, a stop set by signals."""

import argparse
import signal
import threading
from pathlib import Path
from typing import NamedTuple

from fusion_project.local.home.folder import Home
from fusion_project.local.home.side_logs import logs_to_stderr


class SideProcess(NamedTuple):
    """What such a process starts from."""

    home: Home
    base_url: str
    stop: threading.Event


def side_start(description: str) -> SideProcess:
    """Read the command line; from now on SIGTERM and SIGINT set `stop`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--home", type=Path, required=True, help="the run's FUSION_HOME")
    parser.add_argument("--base-url", required=True, help="where the web server is")
    options = parser.parse_args()
    logs_to_stderr()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return SideProcess(Home(options.home), options.base_url, stop)
