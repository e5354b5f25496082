"""Facts of an entry that every rule lets pass, for tests of the pure judgement."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from execution.risk.facts import EntryFacts, SymbolFacts
from execution.risk.figures import Desk, Figure, QuoteFacts
from execution.risk.limits import Bound, Scope
from execution.rules.prices import PriceScale
from execution.rules.sizing import ContractSheet, Room
from signals.intents.legs import Leg, Target

AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
EURUSD = SymbolFacts(
    broker_symbol="EURUSD",
    is_confirmed=True,
    scale=PriceScale(5, Decimal("0.00001")),
    sheet=ContractSheet(
        tick_size=Decimal("0.00001"),
        tick_value=Decimal(1),
        contract_size=Decimal(100_000),
        lot_min=Decimal("0.01"),
        lot_step=Decimal("0.01"),
        lot_max=Decimal(100),
    ),
)


def leg_made(**fields: Any) -> Leg:
    """A market buy with a stop at 1.09500."""
    values: dict[str, Any] = {"verb": "entry", "side": "buy", "symbol_raw": "EURUSD"}
    return Leg(**{**values, "sl": Target("price", Decimal("1.09500")), **fields})


def facts_made(**fields: Any) -> EntryFacts:
    """An entry of 0.10 lots that may go: 50 basis points of 10 000 over 50 pips."""
    values: dict[str, Any] = {
        "desk": Desk(at=AT),
        "stopped_by": "",
        "executor_is_silent": False,
        "valid_until": AT + timedelta(seconds=60),
        "instrument": "EURUSD",
        "side": "buy",
        "leg": leg_made(),
        "ref_price": Decimal("1.10000"),
        "risk_bps": 50,
        "size_factor": Decimal(1),
        "lots_default": Decimal("0.10"),
        "stop_is_required": True,
        "grade": "A",
        "env": "live",
        "waits_for_flat": False,
        "book": "live",
        "live_grade_min": "B",
        "symbol": EURUSD,
        "room": Room(Decimal(10_000), Decimal(10), Decimal(50)),
        "is_trade_closed": False,
        "is_flat": True,
    }
    return EntryFacts(**{**values, **fields})


def figure(limit: str, value: str | None, bound: str, scope: Scope = Scope.ACCOUNT) -> Figure:
    """What stands against one bound; None where that is not known."""
    return Figure(Bound(limit, scope, Decimal(bound)), None if value is None else Decimal(value))


def quoted(bid: str, ask: str, *, age: float = 0) -> Desk:
    """A desk whose executor told this quote so many seconds ago."""
    at = AT - timedelta(seconds=age)
    return Desk(at=AT, quote=QuoteFacts(Decimal(bid), Decimal(ask), at))
