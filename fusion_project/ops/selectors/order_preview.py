"""What approving an entry would order on each account, by the same pure rules as staging.

A preview from the account's last heartbeat; staging counts again under the account's lock.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, Sum

from execution.models import BrokerAccount, Order, Position, Subscription, SymbolMap
from execution.rules import states
from execution.rules.prices import PriceRefused, PriceScale, check_sides, target_price
from execution.rules.sizing import ContractSheet, Room, Sized, SizeWanted, lots_for_entry
from fusion_project.text.formats import grouped, plain_number, price_text
from signals.intake.provenance import live_refusal
from signals.intents.legs import Leg, Target
from signals.models import Decision

_ZERO = Decimal(0)
_SHEET = ("tick_size", "tick_value", "contract_size", "lot_min", "lot_step", "lot_max")


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """One account's order; `refusal` is the reason code where it would not be sent."""

    account: str
    book: str
    headline: str
    refusal: str
    facts: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Prices:
    digits: int | None
    base: Decimal | None
    sl: Decimal | None
    tp: Decimal | None


def order_previews(
    decision: Decision, *, grade: str | None = None, env: str | None = None
) -> list[OrderPreview]:
    """One preview for each account that follows the decision's strategy, in order of names.

    `grade` and `env` are the provenance and the money to count with: by default the alert's, empty
    where none is known.
    """
    grade = decision.alert.grade if grade is None else grade
    env = decision.alert.env if env is None else env
    reason = live_refusal(env=env, grade=grade, minimum=decision.strategy.live_grade_min)
    followers = (
        Subscription.objects.filter(strategy=decision.strategy_id, is_active=True)
        .select_related("account")
        .order_by("account__name")
    )
    return [_preview(decision, one, reason) for one in followers]


def _preview(decision: Decision, follower: Subscription, live_reason: str) -> OrderPreview:
    account = follower.account
    symbol = SymbolMap.objects.filter(account=account, instrument=decision.instrument).first()
    leg = Leg.from_json(decision.leg)
    refusal = live_reason if account.book == "live" else ""
    refusal = refusal or _refusal_of_setup(account, symbol)
    if refusal or symbol is None:
        return _refused(decision, account, refusal)
    try:
        prices = _prices(decision, leg, symbol)
    except PriceRefused as refused:
        return _refused(decision, account, refused.reason)
    sized = _sized(decision, leg, follower, symbol, prices)
    if sized.reason:
        return _refused(decision, account, sized.reason)
    return OrderPreview(
        account=account.name,
        book=account.book,
        refusal="",
        headline=f"{decision.side} {plain_number(sized.lots)} lots {symbol.broker_symbol}",
        facts=_facts(leg, prices, sized, account),
    )


def _refusal_of_setup(account: BrokerAccount, symbol: SymbolMap | None) -> str:
    if account.state != "active":
        return "account_halted"
    if symbol is None:
        return "symbol_not_mapped"
    if symbol.confirmed_at is None:
        return "symbol_not_confirmed"
    if symbol.digits is None or any(getattr(symbol, name) is None for name in _SHEET):
        return "no_contract_sheet"
    return ""


def _refused(decision: Decision, account: BrokerAccount, refusal: str) -> OrderPreview:
    headline = f"{decision.side} {decision.instrument}: no order"
    return OrderPreview(account.name, account.book, headline, refusal)


def _prices(decision: Decision, leg: Leg, symbol: SymbolMap) -> _Prices:
    base = leg.limit_price or leg.stop_price or decision.ref_price
    scale = PriceScale(symbol.digits or 0, symbol.tick_size or Decimal(1))

    def price_of(target: Target | None, is_stop: bool) -> Decimal | None:
        if target is None:
            return None
        return target_price(
            kind=target.kind,
            value=target.value,
            base=base,
            side=decision.side,
            is_stop=is_stop,
            scale=scale,
        )

    prices = _Prices(symbol.digits, base, price_of(leg.sl, True), price_of(leg.tp, False))
    check_sides(side=decision.side, base=base, sl=prices.sl, tp=prices.tp)
    return prices


def _sized(
    decision: Decision, leg: Leg, follower: Subscription, symbol: SymbolMap, prices: _Prices
) -> Sized:
    wanted = SizeWanted(
        risk_bps=decision.risk_bps or 0,
        size_factor=decision.size_factor or _ZERO,
        price=prices.base,
        stop=prices.sl,
        size_mode=leg.size.mode if leg.size else "",
        size_value=leg.size.value if leg.size else _ZERO,
        lots_default=follower.lots_default,
    )
    sheet = ContractSheet(**{name: getattr(symbol, name) for name in _SHEET})
    return lots_for_entry(wanted=wanted, sheet=sheet, room=_room(follower.account))


def _room(account: BrokerAccount) -> Room:
    waiting = (
        Order.objects.filter(account=account, event="entry")
        .exclude(state__in=states.ORDER_ENDS)
        .aggregate(lots=Sum(F("volume_lots") - F("filled_lots")))["lots"]
    )
    held = Position.objects.filter(account=account, closed_at=None).aggregate(
        lots=Sum("volume_open_lots")
    )["lots"]
    left = account.open_lots_max - (waiting or _ZERO) - (held or _ZERO)
    return Room(account.equity, account.order_lots_max, left)


def _facts(
    leg: Leg, prices: _Prices, sized: Sized, account: BrokerAccount
) -> list[tuple[str, str]]:
    risk = "unknown: no stop"
    if sized.risk_money is not None:
        risk = f"{grouped(sized.risk_money, places=2)} {account.currency}"
        if account.equity:
            share = sized.risk_money / account.equity * 100
            risk += f" ({grouped(share, places=2)} % of equity)"
    return [
        ("Type", leg.order_type.replace("_", " ")),
        ("Price at alert", price_text(prices.base, prices.digits)),
        ("Stop loss", price_text(prices.sl, prices.digits) if prices.sl else "none"),
        ("Take profit", price_text(prices.tp, prices.digits) if prices.tp else "none"),
        ("Loss at the stop", risk),
    ]
