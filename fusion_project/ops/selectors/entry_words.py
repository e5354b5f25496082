"""What an entry would order, in the words of the review page and the linter."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from execution.risk.planning import EntryPrices
from execution.risk.reasons import ADVICE
from execution.rules.sizing import SIZE_CUTS, Sized
from execution.selectors.previews import EntryPreview
from fusion_project.text.formats import grouped, percent, plain_number, price_text, ratio
from signals.intents.legs import PriceLevels, Target
from signals.intents.words import NO_STOP

# Lots as they are told: finer shares of a lot say nothing to a person.
_LOTS: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """One account's order; `refusal` and `wait` are the reason codes, `advice` is what to do."""

    account: str
    book: str
    headline: str
    refusal: str = ""
    wait: str = ""
    advice: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)


def order_preview(preview: EntryPreview) -> OrderPreview:
    """Return what a page shows of one account's judgement."""
    facts, judgement = preview.facts, preview.judgement
    headline, rows = f"{facts.side} {facts.instrument}: no order", []
    if preview.prices and preview.size and facts.symbol:
        lots = plain_number(preview.size.lots)
        headline = f"{facts.side} {lots} lots {facts.symbol.broker_symbol}"
        if not facts.leg.has_stop:
            headline = f"{headline}, {NO_STOP}"
        rows = _rows(preview, preview.prices, preview.size)
    elif preview.size:
        rows = _cut_rows(preview.size)
    return OrderPreview(
        account=preview.account.name,
        book=preview.account.book,
        headline=headline,
        refusal=judgement.refusal,
        wait=judgement.wait,
        advice=ADVICE.get(judgement.refusal or judgement.wait, ""),
        facts=rows,
    )


def _rows(preview: EntryPreview, prices: EntryPrices, size: Sized) -> list[tuple[str, str]]:
    scale = preview.facts.symbol.scale if preview.facts.symbol else None
    digits, leg = scale.digits if scale else None, preview.facts.leg
    levels = PriceLevels(prices.base, prices.sl, prices.tp)
    reward_to_risk = levels.reward_to_risk or leg.reward_to_risk(prices.base)
    return [
        ("Type", leg.order_type.replace("_", " ")),
        ("Price at alert", price_text(prices.base, digits)),
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
