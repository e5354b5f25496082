"""What closed trades came to in some days, by strategy and account, read from kept days.

Days with a trade that changed since steps of cash were kept are taken anew from positions, so the
answer is that of all positions, and grows with the days that are asked for alone (ADR 0028).
"""

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal

from django.db import connection

from fusion_project.events.clock import now
from treasury.models import CashMark, CashStep
from treasury.selectors.cash_anew import anew_read

_READINGS_MAX = 5
_DAY = timedelta(days=1)
_SUMS = """
    SELECT strategy_id, account_id, currency, sum(trades)::bigint, sum(wins)::bigint,
        coalesce(sum(result), 0), coalesce(sum(costs), 0), coalesce(sum(net), 0),
        coalesce(sum(net_foreign), 0)
    FROM (
        SELECT strategy_id, account_id, currency_id AS currency, trades, wins, result, costs, net,
            net_foreign
        FROM treasury_tradeday
        WHERE book = %(book)s AND day >= %(since)s AND day < %(until)s
            AND day <> ALL (%(anew)s::date[])
        UNION ALL
        SELECT p.strategy_id, p.account_id, a.currency, 1, (p.net > 0)::integer, p.profit,
            p.net - p.profit, p.net, p.net_foreign
        FROM unnest(%(anew)s::date[]) AS due (day)
            JOIN execution_position p ON p.closed_at >= due.day::timestamp AT TIME ZONE 'UTC'
                AND p.closed_at < (due.day + 1)::timestamp AT TIME ZONE 'UTC'
            JOIN execution_brokeraccount a ON a.id = p.account_id AND a.book = %(book)s
        WHERE p.order_id IS NOT NULL
    ) trade
    GROUP BY strategy_id, account_id, currency HAVING sum(trades) > 0"""


@dataclass(frozen=True, slots=True)
class TradeSums:
    """Trades of one strategy on one account, in its currency.

    `result` and `costs` (below zero: paid) sum to `net`; `net_foreign` is the part of it that lots
    of nobody's order brought.
    """

    strategy_id: int | None
    account_id: int
    currency: str
    trades: int
    wins: int
    result: Decimal
    costs: Decimal
    net: Decimal
    net_foreign: Decimal


def trade_sums(*, book: str, since: date, until: date) -> list[TradeSums]:
    """Of trades that were closed from the day `since` on, before the day `until`."""
    for _ in range(_READINGS_MAX):
        mark = _mark()
        found = _sums(book, since, until, _days_anew(book, since, until, mark))
        # A mark that moved meanwhile has moved days under this reading.
        if _mark() == mark:
            return found
    raise RuntimeError("days of trades are kept faster than they can be read")


def _mark() -> tuple[int, int] | None:
    return CashMark.objects.values_list("entry_id", "event_id").first()


def _days_anew(book: str, since: date, until: date, mark: tuple[int, int] | None) -> list[date]:
    """Days among those asked for that hold, or held, a trade that changed since the mark."""
    if mark is None:
        return [since + _DAY * n for n in range((until - since).days)]
    anew = anew_read(book=book, recorded_until=now(), mark=mark)
    former = CashStep.objects.filter(place__in=anew.places, is_trade=True)
    moments = [one.run.starts for one in anew.steps if one.run.trades]
    moments += [at for at in former.values_list("at", flat=True) if at is not None]
    days = {at.astimezone(UTC).date() for at in moments}
    return sorted(day for day in days if since <= day < until)


def _sums(book: str, since: date, until: date, anew: list[date]) -> list[TradeSums]:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"book": book, "since": since, "until": until, "anew": anew})
        return [TradeSums(*row) for row in cursor.fetchall()]
