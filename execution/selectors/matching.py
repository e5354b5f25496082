"""Which order a told deal belongs to, by the order's number that it bears and by nothing else."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from execution.models import BrokerAccount, Order, Position, SymbolMap
from execution.rules.matching import TRADING_KINDS, Match, OrderTerms, Role, collar, match_deal
from execution.selectors.quotes import quote_is_needed, quote_worst
from execution.wire import ReportedDeal


@dataclass(frozen=True, slots=True)
class DealMatch:
    """`order` is the one it fills or whose position it keeps; the `Match` says how, or why not.

    Without a match the deal bears no order's number. `is_orphan`: it bears one that no order has.
    """

    order: Order | None = None
    match: Match | None = None
    is_orphan: bool = False

    @property
    def filled(self) -> Order | None:
        """The order that it fills."""
        fills = self.match is not None and self.match.role is Role.FILLS
        return self.order if fills else None

    @property
    def refusal(self) -> str:
        """Why it cannot be its order's; empty where it is."""
        cannot = self.match is not None and self.match.role is Role.CANNOT
        return self.match.reason if cannot and self.match else ""


def deal_match(
    *, account: BrokerAccount, deal: ReportedDeal, claimed_id: int = 0, time_is_sure: bool = True
) -> DealMatch:
    """Return whose deal it is. `claimed_id`: the order that the report names beside it."""
    if deal.kind not in TRADING_KINDS or not (deal.magic or claimed_id):
        return DealMatch()
    order_id = deal.magic or claimed_id
    # Through its account, which the order then has at hand.
    order = account.orders.filter(id=order_id).first()
    if order is None:
        return DealMatch(is_orphan=bool(deal.magic))
    if claimed_id not in (0, deal.magic):
        words = f"the report names order {claimed_id}, the deal {deal.magic or 'none'}"
        return DealMatch(match=Match(Role.CANNOT, words))
    match = match_deal(
        order=_terms(order, deal.at),
        deal=deal,
        margin_mode=account.margin_mode,
        time_is_sure=time_is_sure,
    )
    if match.role is not Role.CANNOT and _is_of_another(account, order, deal, match.role):
        match = Match(Role.CANNOT, f"position {deal.position_ticket} is not of this order")
    return DealMatch(None if match.role is Role.CANNOT else order, match)


def _is_of_another(account: BrokerAccount, order: Order, deal: ReportedDeal, role: Role) -> bool:
    """On a hedging account a position is of one entry alone.

    Where its opening deal has lost the order's number, that deal's next revision may still name it.
    """
    if order.verb != "entry" or account.margin_mode != "hedging":
        return False
    position = Position.objects.filter(
        account=account, position_ticket=deal.position_ticket
    ).first()
    if position is None or position.order_id == order.id:
        return False
    return position.order_id is not None or role is Role.KEEPS


def _terms(order: Order, deal_at: datetime) -> OrderTerms:
    low, high = _collar(order, deal_at) if order.verb == "entry" else (None, None)
    return OrderTerms(
        verb=order.verb,
        side=order.side,
        broker_symbol=order.broker_symbol,
        position_ticket=order.position_ticket,
        staged_at=order.staged_at,
        was_refused=order.is_refusal,
        low=low,
        high=high,
    )


def _collar(order: Order, deal_at: datetime) -> tuple[Decimal | None, Decimal | None]:
    points = order.deviation_points
    if points is not None:
        points += order.spread_points_max or 0
    if points is None and order.limit_price is None:
        return None, None
    symbol = SymbolMap.objects.filter(
        account_id=order.account_id, broker_symbol=order.broker_symbol
    ).first()
    digits = symbol.digits if symbol else None
    return collar(
        side=order.side,
        order_type=order.order_type,
        ref_price=_reference(order, deal_at),
        limit_price=_limit(order),
        points=points,
        point=None if digits is None else Decimal(1).scaleb(-digits),
    )


def _reference(order: Order, deal_at: datetime) -> Decimal | None:
    """The worst price that was quoted while it may have been sent.

    None where an executor that tells quotes has told none of that time. One that tells none, a
    paper account's, goes by the alert's price.
    """
    if order.order_type != "market" or order.deviation_points is None:
        return None
    if not quote_is_needed(order.account):
        reference: Decimal | None = order.ref_price
        return reference
    return quote_worst(order=order, until=deal_at)


def _limit(order: Order) -> Decimal | None:
    """The worst limit that it has had at the broker, as far as amends of it went out."""
    limits = [order.limit_price]
    if order.limit_price is not None and order.order_type != "market":
        rows = Order.objects.filter(target_order=order, verb="amend", fence__gt=0)
        limits += rows.values_list("limit_price", flat=True)
    known: list[Decimal] = [limit for limit in limits if limit is not None]
    if not known:
        return None
    return max(known) if order.side == "buy" else min(known)
