"""What an entry would order, in the words of the review page and the linter."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from execution.risk.planning import EntryPrices
from execution.risk.reasons import ADVICE
from execution.rules.sizing import SIZE_CUTS, Sized
from execution.selectors.previews import EntryPreview
from fusion_project.text.formats import (
    grouped,
    percent,
    plain_number,
    price_text,
    ratio,
    seconds_between,
    span,
)
from signals.intents.legs import PriceLevels, Target
from signals.intents.words import NO_STOP

# Lots as they are told: finer shares of a lot say nothing to a person.
_LOTS: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """One account's order; `refusal` and `wait` are the reason codes, `advice` is what to do.

    `words` name limit, value and bound of the refusal, where it has them.
    """

    account: str
    book: str
    headline: str
    refusal: str = ""
    wait: str = ""
    advice: str = ""
    words: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)


def order_preview(preview: EntryPreview, *, bound: Decimal | None = None) -> OrderPreview:
    """Return what a page shows of one account's judgement; `bound` is what approving allows."""
    facts, judgement = preview.facts, preview.judgement
    headline, rows = f"{facts.side} {facts.instrument}: no order", []
    if preview.prices and preview.size and facts.symbol:
        lots = plain_number(preview.size.lots)
        headline = f"{facts.side} {lots} lots {facts.symbol.broker_symbol}"
        if not facts.leg.has_stop:
            headline = f"{headline}, {NO_STOP}"
        rows = _rows(preview, preview.prices, preview.size)
    else:
        rows = _price_rows(preview) if facts.desk.quote else []
        rows += _cut_rows(preview.size) if preview.size else []
    if bound is not None:
        rows.append(("At most", f"{plain_number(bound)} lots: staging may order less, never more"))
    return OrderPreview(
        account=preview.account.name,
        book=preview.account.book,
        headline=headline,
        refusal="" if judgement.may_pass else judgement.refusal,
        wait=judgement.refusal if judgement.may_pass else judgement.wait,
        advice=ADVICE.get(judgement.refusal or judgement.wait, ""),
        words=judgement.words,
        facts=rows,
    )


def _rows(preview: EntryPreview, prices: EntryPrices, size: Sized) -> list[tuple[str, str]]:
    digits, leg = _digits(preview), preview.facts.leg
    levels = PriceLevels(prices.base, prices.sl, prices.tp)
    reward_to_risk = levels.reward_to_risk or leg.reward_to_risk(prices.base)
    return [
        ("Type", leg.order_type.replace("_", " ")),
        *_price_rows(preview),
        *_level_rows(preview, digits),
        ("Stop loss", _level(leg.sl, prices.sl, digits)),
        ("Take profit", _level(leg.tp, prices.tp, digits)),
        ("Reward to risk", ratio(reward_to_risk)),
        ("Loss at the stop", _risk(preview, size)),
        *_cut_rows(size),
    ]


def _level(asked: Target | None, price: Decimal | None, digits: int | None) -> str:
    """The price, or the distance where it is known from the fill on."""
    if price is not None:
        return price_text(price, digits)
    if asked is None or asked.value is None:
        return "none"
    return f"{plain_number(asked.value)} {asked.kind} from the fill"


def _price_rows(preview: EntryPreview) -> list[tuple[str, str]]:
    """The sender's price beside the market's own."""
    digits = _digits(preview)
    return [
        ("Price at alert", price_text(preview.facts.ref_price, digits)),
        ("Price now", _price_now(preview, digits)),
    ]


def _digits(preview: EntryPreview) -> int | None:
    scale = preview.facts.symbol.scale if preview.facts.symbol else None
    return scale.digits if scale else None


def _price_now(preview: EntryPreview, digits: int | None) -> str:
    """The executor's own quote, which sizes a market order, and how old it is."""
    facts = preview.facts
    quote = facts.desk.quote
    if quote is None:
        return "not told by the executor: sized by the alert's"
    age = span(seconds_between(quote.at, facts.at))
    return f"{price_text(quote.price_for(facts.side), digits)} ({age} old)"


def _level_rows(preview: EntryPreview, digits: int | None) -> list[tuple[str, str]]:
    leg = preview.facts.leg
    levels = (("Limit price", leg.limit_price), ("Stop price", leg.stop_price))
    return [(label, price_text(one, digits)) for label, one in levels if one is not None]


def _cut_rows(size: Sized) -> list[tuple[str, str]]:
    """Every bound that lowered the lots, from what was asked for down to what is ordered."""
    return [
        (
            "Size cut",
            f"{plain_number(cut.before.quantize(_LOTS))} → "
            f"{plain_number(cut.after.quantize(_LOTS))} lots: {SIZE_CUTS[cut.reason]}",
        )
        for cut in size.cuts
    ]


def _risk(preview: EntryPreview, size: Sized) -> str:
    if size.risk_money is None:
        return NO_STOP
    account = preview.account
    risk = f"{grouped(size.risk_money, places=2)} {account.currency}"
    if not account.equity:
        return risk
    share = size.risk_money / account.equity * 100
    return f"{risk} ({percent(share, places=2)} of equity)"
