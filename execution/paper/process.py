"""One paper executor as a process: its home, which no other may use, and its end."""

import fcntl
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import IO

from execution.client import ExecutorClient
from execution.paper.broker import PaperBroker
from execution.paper.executor import PaperExecutor
from execution.paper.journal import Journal
from execution.paper.manners import Manners
from execution.paper.numbers import DEPOSIT
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


@dataclass(frozen=True, slots=True)
class PaperAccount:
    """The account that the key is for; `deposit` is what its simulated broker begins with."""

    server: str
    login: str
    currency: str = "USD"
    margin_mode: str = "hedging"
    deposit: Decimal = DEPOSIT


def run(
    *,
    base_url: str,
    key: str,
    account: PaperAccount,
    home: Path,
    quotes: Quotes,
    symbols: list[PaperSymbol],
    stop_event: Event,
    signing_key: str = "",
    manners: Manners | None = None,
) -> None:
    """Run one paper executor until `stop_event` is set. Raises HomeInUse."""
    lock = home_lock(home)
    broker = PaperBroker(
        quotes,
        home,
        symbols=symbols,
        manners=manners,
        margin_mode=account.margin_mode,
        deposit=account.deposit,
    )
    journal = Journal(home / "executor.sqlite3")
    client = ExecutorClient(base_url, key, signing_key=signing_key)
    try:
        PaperExecutor(
            client=client,
            broker=broker,
            journal=journal,
            server=account.server,
            login=account.login,
            currency=account.currency,
        ).run(stop_event)
    finally:
        client.close()
        journal.close()
        broker.close()
        lock.close()
