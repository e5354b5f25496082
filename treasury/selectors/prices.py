"""The newest price of a pair of currencies: stored, or told by an executor's quotes or by bars."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, QuerySet

from execution.models import BrokerAccount, Quote
from signals.intents.symbols import SymbolUnreadable, instrument_of
from signals.models import Bar, BarSeries
from treasury.models import Conversion, PriceSnapshot
from treasury.rules.prices import BARS, QUOTES, PriceTold
from treasury.rules.states import WAITING

Pair = tuple[str, str]


def price_newest(*, book: str, pair: Pair, since: datetime, until: datetime) -> PriceTold | None:
    """What one of the pair costs in the other, whichever way round it is told; None for none.

    Of the book's own accounts and of imported prices and bars; a simulated market of the paper
    book prices nothing of the live one. What alerts carry prices nothing: their senders chose it.
    """
    ways = (pair, pair[::-1])
    found = [
        one
        for one in (*_stored(book, ways), *_quoted(book, ways), *_of_bars(book, ways, since))
        if since <= one.at <= until
    ]
    return max(found, key=lambda one: one.at, default=None)


def conversion_list(*, book: str) -> QuerySet[Conversion]:
    """Conversions of a book, the newest first."""
    rows = Conversion.objects.select_related("source", "target", "price")
    return rows.filter(book=book).order_by("-id")


def conversions_waiting(*, book: str | None = None) -> QuerySet[Conversion]:
    """Those that wait for a price, or for room on an account, the oldest first."""
    waiting = Conversion.objects.select_related("source", "target").filter(state=WAITING)
    return (waiting if book is None else waiting.filter(book=book)).order_by("id")


def _stored(book: str, ways: tuple[Pair, Pair]) -> Iterator[PriceTold]:
    for base, quote in ways:
        rows = PriceSnapshot.objects.filter(book=book, base=base, quote=quote)
        one = rows.order_by("-priced_at", "-id").first()
        if one is not None:
            yield PriceTold(base, quote, one.price, one.priced_at, one.source)


def _quoted(book: str, ways: tuple[Pair, Pair]) -> Iterator[PriceTold]:
    """The middle of bid and ask, of symbols that somebody has confirmed."""
    for base, quote in ways:
        rows = Quote.objects.select_related("symbol_map").filter(
            symbol_map__account__book=book,
            symbol_map__instrument=base + quote,
            symbol_map__confirmation__isnull=False,
        )
        for one in rows:
            if 0 < one.bid <= one.ask:
                at = min(one.quoted_at, one.heard_at)
                source = f"{QUOTES}:{one.symbol_map.account_id}"
                yield PriceTold(base, quote, (one.bid + one.ask) / 2, at, source)


def _of_bars(book: str, ways: tuple[Pair, Pair], since: datetime) -> Iterator[PriceTold]:
    accounts = BrokerAccount.objects.filter(book=book).values_list("id", flat=True)
    of_book = Q(feed__in=[f"executor:{one}" for one in accounts]) | Q(feed__startswith="csv:")
    pairs = {base + quote: (base, quote) for base, quote in ways}
    # A bar that opened before can have closed since.
    for series in BarSeries.objects.filter(of_book):
        pair = pairs.get(_instrument(series.symbol))
        if pair is not None:
            one = _last_bar(series)
            if one is not None and one.close_at >= since:
                source = f"{BARS}:{series.feed}/{series.symbol}"
                yield PriceTold(*pair, one.close, one.close_at, source)


def _last_bar(series: BarSeries) -> Bar | None:
    bars = Bar.objects.filter(
        feed=series.feed,
        symbol=series.symbol,
        timeframe_seconds=series.timeframe_seconds,
        open_at=series.newest_open_at,
    )
    return bars.order_by("-revision").first()


def _instrument(symbol: str) -> str:
    try:
        return instrument_of(symbol)
    except SymbolUnreadable:
        return ""
