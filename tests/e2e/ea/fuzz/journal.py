"""The Expert Advisor's journal as a test reads it: each order's stage, what is still untold."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final

RECEIVED, INTENT, SENT, LOOKUP, CLOSED = "0", "1", "2", "3", "4"
_SUM: Final = 16


@dataclass
class Journal:
    """What its whole lines say; magics and numbers of reports are text, as they stand there."""

    stages: dict[str, str] = field(default_factory=dict)
    filled: dict[str, Decimal] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)

    def take(self, record: str) -> None:
        kind, *parts = record.split("\t")
        if kind == "S":
            self.stages[parts[0]], self.filled[parts[0]] = parts[2], Decimal(parts[5])
        elif kind == "R":
            self.untold.add(parts[0])
        elif kind == "A":
            self.untold.discard(parts[0])


@lru_cache(maxsize=50_000)
def checksum(body: bytes) -> bytes:
    """FNV-1a, 64 bits, as the program writes it before each line."""
    value = 0xCBF29CE484222325
    for byte in body:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}".encode()


def journal_read(folder: Path) -> Journal:
    """Of the terminal's data folder; an empty one where there is no file."""
    read = Journal()
    found = sorted(folder.glob("MQL5/Files/Fusion/*/journal.txt"))
    found = found or sorted(folder.glob("MQL5/Files/Fusion/*/journal.txt.next"))
    lines = found[0].read_bytes().split(b"\n")[:-1] if found else []
    for line in lines:
        body = line[_SUM + 1 :]
        if line[:_SUM] == checksum(body):
            for record in body.decode().split("\x1e"):
                read.take(record)
    return read
