"""The switches: what stops entries, how strictly, and for whom. Pure.

`sql/switches.sql` asks the same scopes where an order is handed out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ACTIVE: Final = "active"
# No new entries; those that rest at the broker stay.
REDUCING: Final = "reducing"
# No new entries, and those that rest at the broker are cancelled.
HALTED: Final = "halted"
# From the loosest to the strictest.
STATES: Final = (ACTIVE, REDUCING, HALTED)

ALL, ACCOUNT, STRATEGY, INSTRUMENT = SCOPES = ("all", "account", "strategy", "instrument")


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """What one switch stops: `key` is an account's or strategy's number, or an instrument."""

    scope: str
    key: str = ""

    @property
    def text(self) -> str:
        """As addresses and forms carry it: `all`, `account:3`, `instrument:EURUSD`."""
        return f"{self.scope}:{self.key}" if self.key else self.scope

    @property
    def id(self) -> int:
        """The number of the account or strategy."""
        return int(self.key)


EVERYTHING: Final = Target(ALL)
# The number of an account, the number of a strategy, an instrument: where an entry would stand.
Spot = tuple[int, int, str]


def account_target(account_id: int) -> Target:
    return Target(ACCOUNT, str(account_id))


def strategy_target(strategy_id: int) -> Target:
    return Target(STRATEGY, str(strategy_id))


def instrument_target(instrument: str) -> Target:
    return Target(INSTRUMENT, instrument)


def targets_of(spot: Spot) -> tuple[Target, ...]:
    """The switches that an entry there passes, the widest first."""
    account_id, strategy_id, instrument = spot
    return (
        EVERYTHING,
        account_target(account_id),
        strategy_target(strategy_id),
        instrument_target(instrument),
    )


def is_stricter(state: str, than: str) -> bool:
    return STATES.index(state) > STATES.index(than)


def strictest(states: Iterable[str]) -> str:
    return max(states, key=STATES.index, default=ACTIVE)
