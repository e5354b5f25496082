"""The simulated trade server as its driver sees it: set up, told what to do, asked for the truth.

The server lives in the runtime (`runtime/broker/`). What it knows stands in the file `book.txt` of
its folder, which outlives every terminal: a line is a kind and `name=value` pairs between tabs.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol

from mql5.host.running import Lockstep

Value = str | int | bool | Decimal
Row = Mapping[str, str]
ALWAYS: Final = 2**63 - 1
CRASHES: Final = (
    *("OrderSend", "WebRequest", "Print", "Alert", "GlobalVariablesFlush"),
    *("FileOpen", "FileWrite", "FileFlush", "FileClose", "FileMove", "FileCopy", "FileDelete"),
)


class BrokerRefused(Exception):
    """The trade server did not do what it was told; the text says why."""


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    text = str(value)
    if any(one in text for one in "\t\r\n"):
        raise ValueError(f"no tab and no line end may stand in {text!r}")
    return text


def _line(values: Mapping[str, Value]) -> str:
    return "\t".join(f"{name}={_text(value)}" for name, value in values.items())


def _row(text: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in text.split("\t") if one)
    return {name: value for name, _, value in pairs}


@dataclass(frozen=True)
class Truth:
    """All that the trade server knows; each row maps names of the book to text."""

    account: Row
    positions: list[Row]
    orders: list[Row]  # open
    past: list[Row]  # orders that ended
    deals: list[Row]
    faults: list[Row]
    asked: list[Row]  # what programs asked, where the account's `keep_asked` says so

    @property
    def balance(self) -> Decimal:
        return Decimal(self.account["balance"])


@dataclass
class Broker:
    """One account at a simulated broker.

    While a program runs in lockstep its driver attaches it, and what is said happens at once; else
    it is written into the book and happens when the next terminal starts, each at its moment `at`
    (milliseconds, UTC).
    """

    folder: Path
    step: Lockstep | None = field(default=None, repr=False)

    @property
    def book(self) -> Path:
        return self.folder / "book.txt"

    def open(self, symbols: list[Mapping[str, Value]], **account: Value) -> None:
        """Begins anew, with these symbols and settings of the account."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [f"account\t{_line(account)}"] + [f"symbol\t{_line(one)}" for one in symbols]
        self.book.write_text("\n".join(lines) + "\n")

    def say(self, verb: str, at: int = 0, **values: Value) -> Row:
        """Tells the server something now. Raises BrokerRefused."""
        words = _line({"verb": verb, **({"at": at} if at else {}), **values})
        if self.step is None or at:
            self._write(f"command\t{_line({'verb': verb, 'at': at, **values})}")
            return {}
        said, _, rest = self.step.ask(words).partition("\t")
        if said != "ok":
            raise BrokerRefused(rest)
        return _row(rest)

    def _write(self, line: str) -> None:
        if self.step is not None and self.step.yielded is not None:
            self.step.ask("verb=look")  # so that the file holds all that is known
        with self._alone(), self.book.open("a") as file:
            file.write(line + "\n")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Programs that run by the real clock write the book at any moment."""
        with (self.folder / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    # What happens to the account without the program.

    def balance(self, amount: Decimal, kind: str = "balance", at: int = 0, **values: Value) -> None:
        """A deposit, a withdrawal, a credit, a charge, …: `kind` as in ENUM_DEAL_TYPE."""
        self.say("balance", at, amount=amount, type=kind, **values)

    def trade(self, at: int = 0, **request: Value) -> Row:
        """A request from elsewhere, by default by hand (`reason`); positions by ticket."""
        return self.say("trade", at, **request)

    def fix_price(self, symbol: str, bid: Decimal, ask: Decimal, **span: int) -> None:
        """From `from_ms` to `until_ms` it is quoted at these prices; from now on by default."""
        self.say("overlay", symbol=symbol, kind="fixed", bid=bid, ask=ask, **span)

    def shift_price(self, symbol: str, by: Decimal, **span: int) -> None:
        self.say("overlay", symbol=symbol, kind="shift", bid=by, ask=by, **span)

    def no_price(self, symbol: str, **span: int) -> None:
        self.say("overlay", symbol=symbol, kind="none", **span)

    def free_prices(self) -> None:
        self.say("forget_overlays")

    def hours(self, symbol: str, day: str, from_s: int, to_s: int) -> None:
        """Trading hours in the server's time; the first makes all others closed."""
        self.say("session", symbol=symbol, day=day, from_s=from_s, to_s=to_s)

    # Faults.

    def fault(self, on: str, at: int = 0, **values: Value) -> None:
        """A scripted fault; docs/ea-broker.md lists places and effects."""
        self.say("fault", at, on=on, **values)

    def crash(self, on: str, when: str, *, nth: int = 1, match: str = "", torn: int = 0) -> None:
        """The program dies before or after the nth call of a function whose words hold `match`."""
        if on not in CRASHES:
            raise ValueError(f"no crash point: {on}; there are {', '.join(CRASHES)}")
        self.fault(f"{on}!", when=when, skip=nth - 1, match=match, torn=torn)

    # The truth.

    def truth(self) -> Truth:
        if self.step is not None and self.step.yielded is not None:
            self.step.ask("verb=look")
        return self.book_read()

    def book_read(self) -> Truth:
        """What the file holds: all that ever changed, but for the time."""
        rows: dict[str, list[Row]] = {}
        for kind, row in self._rows():
            rows.setdefault(kind, []).append(row)
        named = ("position", "order", "past", "deal", "fault", "asked")
        return Truth(rows["account"][0], *(rows.get(one, []) for one in named))

    def _rows(self) -> Iterator[tuple[str, Row]]:
        with self._alone():
            text = self.book.read_text()
        for line in text.splitlines():
            kind, _, rest = line.partition("\t")
            yield kind, _row(rest)


class Instrument(Protocol):
    """An instrument of the sample market, as fusion_project/local/market describes it."""

    @property
    def name(self) -> str: ...
    @property
    def anchor(self) -> Decimal: ...
    @property
    def digits(self) -> int: ...
    @property
    def spread(self) -> Decimal: ...
    @property
    def swing_ppm(self) -> int: ...
    @property
    def contract_size(self) -> Decimal: ...
    @property
    def tick_size(self) -> Decimal: ...


def sample_symbol(one: Instrument, **terms: Value) -> dict[str, Value]:
    """A symbol with the prices of the sample market; `name` may differ from its own."""
    return {
        "name": one.name,
        "base": one.name,
        "anchor": one.anchor,
        "spread": one.spread,
        "swing_ppm": one.swing_ppm,
        "digits": one.digits,
        "tick_size": one.tick_size,
        "contract": one.contract_size,
        "description": f"{one.name} of the sample market",
        "currency_base": one.name[:3],
        **terms,
    }
