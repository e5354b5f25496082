"""Closed trades for the public: the list, and one trade with its story."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from execution.models import Position, SymbolMap
from fusion_project.community import policy
from fusion_project.community.selectors.figures import closed_positions
from fusion_project.community.selectors.stories import Step, story_of
from fusion_project.text.formats import seconds_between


@dataclass(frozen=True, slots=True)
class Trade:
    """One closed position, without the account it stood on."""

    id: int
    book: str
    instrument: str
    side: str
    lots: Decimal
    price_open: Decimal
    price_close: Decimal | None
    opened_at: datetime
    closed_at: datetime
    held_seconds: Decimal
    profit: Decimal
    costs: Decimal
    net: Decimal
    currency: str
    digits: int | None = None


def trade_list(*, book: str, until: datetime) -> list[Trade]:
    """The latest closed trades of a book."""
    rows = closed_positions(book=book, until=until).select_related("account")
    return [_trade(one) for one in rows.order_by("-closed_at", "-id")[: policy.TRADES_SHOWN]]


def trade_get(*, position_id: int, until: datetime) -> tuple[Trade, list[Step]] | None:
    """One closed trade with its story, or None while it is not public."""
    rows = Position.objects.select_related("account", "decision__alert", "decision__strategy")
    position = rows.filter(id=position_id, closed_at__lte=until).first()
    if position is None:
        return None
    symbol = SymbolMap.objects.filter(account=position.account_id, instrument=position.instrument)
    digits = symbol.values_list("digits", flat=True).first()
    return _trade(position, digits), story_of(position, digits=digits)


def _trade(position: Position, digits: int | None = None) -> Trade:
    assert position.closed_at is not None
    return Trade(
        id=position.pk,
        book=position.account.book,
        instrument=position.instrument,
        side=position.side,
        lots=position.volume_closed_lots,
        price_open=position.price_open,
        price_close=position.price_close,
        opened_at=position.opened_at,
        closed_at=position.closed_at,
        held_seconds=seconds_between(position.opened_at, position.closed_at),
        profit=position.profit,
        costs=position.swap + position.commission + position.fee,
        net=position.net,
        currency=position.account.currency,
        digits=digits,
    )
