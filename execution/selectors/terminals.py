"""What an account's terminal said last: positions, resting orders, quotes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from execution.models import Quote, Terminal
from execution.wire import ToldPending, ToldPosition
from execution.wire.fields import text_convert
from fusion_project.events.clock import now

# Heartbeats come every ten seconds at least.
TELLS_WITHIN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class TerminalBooks:
    """Positions by identifier and resting orders by ticket; None where they were not told."""

    heard_at: datetime
    positions: Mapping[int, ToldPosition] | None
    pendings: Mapping[int, ToldPending] | None


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """The last quote of an instrument on an account; both moments in UTC.

    `quoted_at` is the broker's tick as the executor put it into UTC, `heard_at` our own clock.
    """

    bid: Decimal
    ask: Decimal
    quoted_at: datetime
    heard_at: datetime


def terminal_books(*, account_id: int) -> TerminalBooks | None:
    """Return what the last heartbeat said is open and rests, or None before the first."""
    row = Terminal.objects.filter(account_id=account_id).first()
    if row is None:
        return None
    positions: list[ToldPosition] | None = _read(row.positions, list[ToldPosition])
    pendings: list[ToldPending] | None = _read(row.pendings, list[ToldPending])
    return TerminalBooks(
        heard_at=row.heard_at,
        positions=None if positions is None else {one.position_ticket: one for one in positions},
        pendings=None if pendings is None else {one.broker_order_ticket: one for one in pendings},
    )


def terminal_tells_stops(*, account_id: int) -> bool:
    """Whether the heartbeats say where the stops of open positions are."""
    lately = now() - timedelta(seconds=TELLS_WITHIN_SECONDS)
    return Terminal.objects.filter(
        account_id=account_id, positions__isnull=False, heard_at__gt=lately
    ).exists()


def quote_facts(*, account_id: int, instrument: str) -> QuoteFacts | None:
    """Return the last quote of a mapped instrument; how old it may be is the caller's rule."""
    rows = Quote.objects.filter(
        symbol_map__account_id=account_id, symbol_map__instrument=instrument
    )
    found = rows.values_list("bid", "ask", "quoted_at", "heard_at").first()
    return None if found is None else QuoteFacts(*found)


def _read(text: str | None, kind: Any) -> Any:
    if text is None:
        return None
    return msgspec.json.decode(text, type=kind, dec_hook=text_convert)
