"""What a reader of a chain is: it answers one question at one block, or says why it cannot."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from tokens.chain.address import Address
from tokens.chain.answers import Moved


@dataclass(frozen=True, slots=True)
class Question:
    """One jetton and the wallet of ours; `since`: transactions from then on, None: none."""

    master: Address
    owner: Address
    is_loopback: bool
    since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What two sources agree on, at one block. Amounts in base units, hashes in hex.

    `admin`: raw, '' where nobody may mint any more. `moved`: all that moved of ours since `since`.
    """

    seqno: int
    block_at: dt.datetime
    supply: int
    balance: int
    mintable: bool
    admin: str
    wallet: str
    wallet_code: str
    since: dt.datetime | None = None
    moved: tuple[Moved, ...] = ()


class ChainReader(Protocol):
    """A chain behind one question."""

    async def read(self, question: Question) -> Reading:
        """Raises ChainUnknown, with the reason in words, wherever anything is not certain."""
        ...
