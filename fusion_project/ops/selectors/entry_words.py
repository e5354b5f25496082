"""What an entry would order, in the words of the review page and the linter."""

from dataclasses import dataclass, field

from execution.risk.planning import EntryPrices
from execution.risk.reasons import ADVICE
from execution.rules.sizing import Sized
from execution.selectors.previews import EntryPreview
from fusion_project.text.formats import grouped, plain_number, price_text
from signals.intents.words import NO_STOP


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
        if not preview.prices.sl:
            headline = f"{headline}, {NO_STOP}"
        rows = _rows(preview, preview.prices, preview.size)
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
    digits = scale.digits if scale else None
    return [
        ("Type", preview.facts.leg.order_type.replace("_", " ")),
        ("Price at alert", price_text(prices.base, digits)),
        ("Stop loss", price_text(prices.sl, digits) if prices.sl else "none"),
        ("Take profit", price_text(prices.tp, digits) if prices.tp else "none"),
        ("Loss at the stop", _risk(preview, size)),
    ]


def _risk(preview: EntryPreview, size: Sized) -> str:
    if size.risk_money is None:
        return NO_STOP
    account = preview.account
    risk = f"{grouped(size.risk_money, places=2)} {account.currency}"
    if not account.equity:
        return risk
    share = size.risk_money / account.equity * 100
    return f"{risk} ({grouped(share, places=2)} % of equity)"
