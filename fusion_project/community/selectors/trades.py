"""Closed trades for the public: the list, and one trade with its story."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from execution.models import Position, SymbolMap
from fusion_project.community import policy
from fusion_project.community.moment import AsOf
from fusion_project.community.selectors.closed import closed_positions
from fusion_project.community.selectors.stories import Step, story_of
from fusion_project.text.formats import seconds_between
from treasury.rules.runs import CashLine


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


@dataclass(frozen=True, slots=True)
class Earlier:
    """The closed trades of one currency that came before those of the list."""

    count: int
    net: Decimal
    currency: str


def trade_list(latest: list[Position]) -> list[Trade]:
    """The latest closed trades, newest first."""
    return [_trade(one) for one in latest[: policy.TRADES_SHOWN]]


def earlier_list(*, lines: list[CashLine], shown: list[Trade]) -> list[Earlier]:
    """What the trades before the list add up to: list and rest together are the net result."""
    found = []
    for line in lines:
        of_list = [one.net for one in shown if one.currency == line.currency]
        count = line.whole.trades - len(of_list)
        if count:
            found.append(Earlier(count, line.whole.net - sum(of_list, Decimal(0)), line.currency))
    return found


def trade_get(*, position_id: int, as_of: AsOf) -> tuple[Trade, list[Step]] | None:
    """One closed trade with its story, or None while it is not public."""
    found = closed_positions(ids=[position_id], as_of=as_of)
    if not found:
        return None
    [position] = found
    digits = _digits_of(position)
    return _trade(position, digits), story_of(position, digits=digits, as_of=as_of)


def _digits_of(position: Position) -> int | None:
    """How many decimals the broker quotes the symbol in: a form of writing, no figure."""
    symbols = SymbolMap.objects.filter(account=position.account_id, instrument=position.instrument)
    return symbols.values_list("digits", flat=True).first()


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
