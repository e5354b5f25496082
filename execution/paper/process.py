"""One paper executor as a process: its home, which no other may use, and its end."""

import fcntl
from pathlib import Path
from threading import Event
from typing import IO

from execution.client import ExecutorClient
from execution.paper.broker import PaperBroker
from execution.paper.executor import PaperExecutor
from execution.paper.journal import Journal
from execution.paper.terms import PaperSymbol, Quotes


class HomeInUse(Exception):
    """Another paper executor works in this home."""


def home_lock(home: Path) -> IO[str]:
    """Hold the home for this process. Raises HomeInUse."""
    home.mkdir(parents=True, exist_ok=True)
    lock = (home / "executor.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise HomeInUse(f"another paper executor works in {home}") from error
    return lock


def run(
    *,
    base_url: str,
    key: str,
    server: str,
    login: str,
    home: Path,
    quotes: Quotes,
    symbols: list[PaperSymbol],
    stop_event: Event,
    seed: str = "paper",
) -> None:
    """Run one paper executor until `stop_event` is set. Raises HomeInUse."""
    lock = home_lock(home)
    broker = PaperBroker(quotes, home, symbols=symbols, seed=seed)
    journal = Journal(home / "executor.sqlite3")
    client = ExecutorClient(base_url, key)
    try:
        PaperExecutor(
            client=client, broker=broker, journal=journal, server=server, login=login
        ).run(stop_event)
    finally:
        client.close()
        journal.close()
        broker.close()
        lock.close()
