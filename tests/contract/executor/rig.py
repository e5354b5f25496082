"""What a case drives, whichever executor it is: its time, its market, its broker, its life."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from execution.wire.fields import API_MINOR, MomentText
from tests.contract.executor.server import Server

START: Final = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday
BROKER_SERVER, LOGIN = "Sim-Demo", "5001"
BID: Final = Decimal("1.10000")
POINT: Final = Decimal("0.00001")
SPREAD: Final = 10 * POINT
# A run of 15 s of silence is gone.
SILENCE_SECONDS: Final = 16


@dataclass(frozen=True)
class Held:
    """An open position at the broker; `id` is its POSITION_IDENTIFIER."""

    id: str
    side: str
    lots: Decimal
    price: Decimal
    sl: Decimal | None
    tp: Decimal | None


@dataclass(frozen=True)
class Resting:
    """An order that rests at the broker."""

    magic: str
    kind: str
    price: Decimal
    sl: Decimal | None
    tp: Decimal | None


@dataclass(frozen=True)
class Deal:
    """A deal of the broker's."""

    ticket: str
    magic: str
    kind: str
    entry: str
    lots: Decimal
    price: Decimal
    position: str


@dataclass(frozen=True)
class Setup:
    """What an executor begins with, beside its account."""

    minor: int = API_MINOR
    margin_mode: str = "hedging"
    fillings: tuple[str, ...] = ("fok", "ioc")
    signing_key: str = ""
    start: datetime = START


class Rig(ABC):
    """One executor, one broker, one scripted server, in one time.

    Broker requests are named `open`, `pending`, `close`, `stops` (of a position), `amend` (of what
    rests) and `remove`.
    """

    warm_up: float

    def __init__(self, home: Path, setup: Setup) -> None:
        self.home = home
        self.setup = setup
        self.now = setup.start
        self.server = Server(lambda: self.now)
        self.server.minor = setup.minor
        self.server.margin_mode = setup.margin_mode

    # Its life.

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def kill(self) -> None:
        """As a power cut: what is not on disk is lost."""

    @abstractmethod
    def die_at(self, point: str, when: str) -> None:
        """Die `before` or `after` the next request to the broker (`send`), or the next call to the
        server that tells this word.
        """

    @property
    @abstractmethod
    def journal(self) -> Path:
        """The folder of what the executor has written, and nothing else."""

    def journal_lose(self) -> None:
        """Take what a dead executor had written away."""
        shutil.rmtree(self.journal)

    def journal_keep(self) -> None:
        """Copy what a dead executor had written, as a backup would."""
        shutil.copytree(self.journal, self.home / "backup")

    def journal_restore(self) -> None:
        """Put that copy in the place of what a dead executor has written since."""
        self.journal_lose()
        shutil.copytree(self.home / "backup", self.journal)

    @abstractmethod
    def end(self) -> None: ...

    @property
    @abstractmethod
    def is_alive(self) -> bool: ...

    def restart(self, *, without_journal: bool = False) -> None:
        """End it, be silent for as long as a run is remembered, and start it anew."""
        if self.is_alive:
            self.kill()
        if without_journal:
            self.journal_lose()
        self.seconds(SILENCE_SECONDS)
        self.start()
        self.seconds(self.warm_up)

    # Time.

    @abstractmethod
    def seconds(self, count: float) -> None:
        """Let everybody live for so long."""

    def until(self, holds: Callable[[], object], seconds: float = 60) -> None:
        """Live until something holds. Fails after so many seconds of this time."""
        end = self.now + timedelta(seconds=seconds)
        while not holds():
            assert self.now < end, f"it did not come to hold within {seconds} s"
            self.seconds(1)

    @abstractmethod
    def fall_behind(self, seconds: int) -> None:
        """Let the clock of the executor's machine be so far behind the server's."""

    @abstractmethod
    def slow(self, call: str, seconds: float) -> None:
        """Let the next answer of such a call take so long."""

    @abstractmethod
    def silence(self, call: str, body: str) -> None:
        """Say nothing to the next such call until its caller has gone; then this body."""

    # The market and the broker.

    @abstractmethod
    def price(self, bid: str, spread_points: int = 10) -> None: ...

    @abstractmethod
    def refuse(self, request: str, retcode: int, times: int = 1) -> None: ...

    @abstractmethod
    def leave_unsure(self, request: str, retcode: int) -> None:
        """Do the next such request, and answer as if nobody knew."""

    @abstractmethod
    def hide_history(self, seconds: float) -> None:
        """Show nothing of what was done, for so long."""

    @abstractmethod
    def by_hand(self, side: str, lots: str) -> None: ...

    @abstractmethod
    def money(self, kind: str, amount: str) -> None: ...

    @abstractmethod
    def positions(self) -> list[Held]: ...

    @abstractmethod
    def resting(self) -> list[Resting]: ...

    @abstractmethod
    def deals(self) -> list[Deal]: ...

    def moment(self, seconds: float) -> MomentText:
        """A moment so many seconds from now, by the server's clock."""
        return MomentText.of(self.now + self.server.skew + timedelta(seconds=seconds))

    def fills(self, magic: int) -> list[Deal]:
        """The deals that opened something under an order's number."""
        return [one for one in self.deals() if one.magic == str(magic) and one.entry == "in"]
