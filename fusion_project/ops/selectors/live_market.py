"""What a live account's broker quotes and sells, for the paper executor of its twin."""

import logging
import time
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import Error, connection

from execution.models import SymbolMap
from execution.paper.terms import PaperSymbol, Quote
from execution.risk.figures import QuoteFacts
from execution.selectors.quotes import quotes_of

logger = logging.getLogger("fusion.paper")

QUOTE_AGE_MAX = timedelta(seconds=15)
LOOK_SECONDS = 0.5


class LiveQuotes:
    """Called with a broker's symbol and a moment; looks at the database twice a second at most.

    What the live executor has not told for 15 s, or what cannot be read now, is quoted by nobody.
    """

    def __init__(self, account_id: int) -> None:
        self._account_id = account_id
        self._told: dict[str, QuoteFacts] = {}
        self._looked_at = 0.0

    def __call__(self, symbol: str, at: datetime) -> Quote | None:
        if time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._look()
        told = self._told.get(symbol)
        if told is None or at - told.at > QUOTE_AGE_MAX:
            return None
        return Quote(told.bid, told.ask)

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        try:
            rows = SymbolMap.objects.filter(account_id=self._account_id)
            names = dict(rows.values_list("instrument", "broker_symbol"))
            found = quotes_of([self._account_id])
        except Error:
            logger.warning("the live account's quotes cannot be read", exc_info=True)
            connection.close()
            self._told = {}
            return
        self._told = {names[one]: facts for (_, one), facts in found.items() if one in names}


def live_symbols(account_id: int) -> list[PaperSymbol]:
    """Return what the live account trades, as its broker sells it."""
    rows = SymbolMap.objects.filter(account_id=account_id, gone_at=None).order_by("instrument")
    return [_symbol(row) for row in rows if row.confirmation_id is not None]


def _symbol(row: SymbolMap) -> PaperSymbol:
    known = (row.digits, row.contract_size, row.tick_size, row.tick_value)
    digits, contract_size, tick_size, tick_value = known
    assert digits is not None
    assert contract_size is not None
    assert tick_size is not None
    assert tick_value is not None
    fillings = tuple(one for one in row.filling_modes or () if one in ("fok", "ioc"))
    return PaperSymbol(
        symbol=row.broker_symbol,
        digits=digits,
        contract_size=contract_size,
        lot_min=row.lot_min or Decimal("0.01"),
        lot_step=row.lot_step or Decimal("0.01"),
        lot_max=row.lot_max or Decimal(100),
        fillings=fillings or ("fok", "ioc"),
        rate=tick_value / tick_size / contract_size,
    )
