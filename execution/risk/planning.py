"""Prices and lots of an entry, from its facts. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from execution.risk.facts import EntryFacts, SymbolFacts
from execution.rules.prices import (
    FIXED_DISTANCES,
    PriceRefused,
    PriceScale,
    check_sides,
    distance_of,
    fixed_distance,
    snap_price,
    target_price,
)
from execution.rules.sizing import ContractSheet, Sized, SizeWanted, lots_for_entry
from execution.rules.terms import EntryWanted, broker_refusal
from signals.intents.legs import Leg, Target


@dataclass(frozen=True, slots=True)
class EntryPrices:
    """`base` is what distances and risk count from, `asked` what the fill is compared with.

    Each is None where there is none. Without a base a stop in points or pips is known by
    `sl_distance` alone, in the symbol's price. `level`: where it rests, None at the market.
    """

    base: Decimal | None
    sl: Decimal | None
    tp: Decimal | None
    sl_distance: Decimal | None = None
    asked: Decimal | None = None
    level: Decimal | None = None


def entry_prices(facts: EntryFacts) -> EntryPrices:
    """Return prices on the symbol's tick grid, base as asked. Raises PriceRefused."""
    scale, _ = _counted(facts.symbol)
    level = entry_level(facts, scale)
    quote = facts.desk.quote
    # The sender's price is a claim: where the executor tells one, the market's own counts.
    base = level or (quote.price_for(facts.side) if quote else facts.ref_price)

    def price_of(target: Target | None, *, is_stop: bool) -> Decimal | None:
        if target is None or (base is None and target.kind in FIXED_DISTANCES):
            return None
        return target_price(
            kind=target.kind,
            value=target.value,
            base=base,
            side=facts.side,
            is_stop=is_stop,
            scale=scale,
        )

    sl = price_of(facts.leg.sl, is_stop=True)
    tp = price_of(facts.leg.tp, is_stop=False)
    check_sides(side=facts.side, base=base, sl=sl, tp=tp)
    check_sides(side=facts.side, base=base, sl=sl, tp=_first_target(facts.leg, scale))
    return EntryPrices(
        base,
        sl,
        tp,
        sl_distance=_distance_alone(facts.leg.sl, base, scale),
        asked=level or facts.ref_price or base,
        level=level,
    )


def entry_level(facts: EntryFacts, scale: PriceScale) -> Decimal | None:
    """Return the price at which it rests: its own, or so far from the market; None at the market.

    Raises PriceRefused where the market has no price to count from.
    """
    leg, quote = facts.leg, facts.desk.quote
    away = leg.plan.entry_distance if leg.plan is not None else None
    if away is None:
        return leg.limit_price or leg.stop_price
    if quote is None:
        raise PriceRefused("no_reference_price")
    market = quote.price_for(facts.side)
    is_below = (facts.side == "buy") == (leg.order_type == "limit")
    distance = distance_of(away.kind, away.value, market, scale)
    return snap_price(market - distance if is_below else market + distance, scale)


def _first_target(leg: Leg, scale: PriceScale) -> Decimal | None:
    """The first target of the plan where it is told as a price."""
    targets = leg.plan.targets if leg.plan is not None else ()
    is_price = bool(targets) and targets[0].kind == "price"
    return snap_price(targets[0].value, scale) if is_price else None


def entry_size(facts: EntryFacts) -> Sized:
    """Return lots to order, or 0 with the reason. Raises PriceRefused as `entry_prices` does."""
    _, sheet = _counted(facts.symbol)
    prices = entry_prices(facts)
    size = facts.leg.size
    wanted = SizeWanted(
        risk_bps=facts.risk_bps,
        size_factor=facts.size_factor,
        price=prices.base,
        stop=prices.sl,
        stop_distance=prices.sl_distance,
        size_mode=size.mode if size else "",
        size_value=size.value if size else Decimal(0),
        lots_default=facts.lots_default,
        account_mode=facts.account_size[0],
        account_value=facts.account_size[1],
    )
    return lots_for_entry(wanted=wanted, sheet=sheet, room=facts.room)


def entry_foretold(facts: EntryFacts) -> str:
    """Return the broker's refusal that the sheet foretells. Raises PriceRefused."""
    scale, _ = _counted(facts.symbol)
    assert facts.symbol is not None
    prices, quote = entry_prices(facts), facts.desk.quote
    wanted = EntryWanted(
        side=facts.side,
        order_type=facts.leg.order_type,
        tif=facts.leg.tif,
        price=prices.base,
        sl=prices.sl,
        tp=prices.tp,
        point=scale.point,
        bid=quote.bid if quote else None,
        ask=quote.ask if quote else None,
        broker_time=facts.desk.broker_time,
    )
    return broker_refusal(facts.symbol.terms, wanted)


def _distance_alone(stop: Target | None, base: Decimal | None, scale: PriceScale) -> Decimal | None:
    if base is not None or stop is None or stop.kind not in FIXED_DISTANCES or stop.value is None:
        return None
    return fixed_distance(stop.kind, stop.value, scale)


def _counted(symbol: SymbolFacts | None) -> tuple[PriceScale, ContractSheet]:
    """How prices and lots are counted; the rules about the symbol are asked before."""
    if symbol is None or symbol.scale is None or symbol.sheet is None:
        raise ValueError("an entry without a contract sheet has neither prices nor a size")
    return symbol.scale, symbol.sheet
