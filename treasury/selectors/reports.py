"""What a book is worth and what a month brought: figures that pages, commands and digests print.

Nothing here grows with history: sums start from checkpoints, trades are read from kept days.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from signals.models import Strategy
from treasury.rules.accounts import broker_part
from treasury.rules.drafts import EXACT
from treasury.rules.months import Month
from treasury.selectors.balances import TrialBalanceRow, trial_balance
from treasury.selectors.nav import open_result
from treasury.selectors.trade_days import TradeSums, trade_sums

_TRADING: Final = ("Income:Trading:", "Expenses:Trading:")
_REVENUE: Final = "Income:Revenue:"
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Asset:
    """What a book has of one money: `nav` = `assets` + `open_result` - `owed`.

    `open_result`: what open positions have gained so far, as brokers last told it; 0 at a moment in
    the past, which nobody tells. What a broker has lent is in neither.
    """

    unit: str
    assets: Decimal
    owed: Decimal
    open_result: Decimal

    @property
    def nav(self) -> Decimal:
        return EXACT.subtract(EXACT.add(self.assets, self.open_result), self.owed)


@dataclass(frozen=True, slots=True)
class Booked:
    """What was booked of one account or stream of revenue in a month; a gain is above zero.

    `parts`: by kind, such as Commission, all that `result` and `costs` are made of.
    """

    name: str
    currency: str
    result: Decimal
    costs: Decimal
    parts: tuple[tuple[str, Decimal], ...]

    @property
    def net(self) -> Decimal:
        return EXACT.add(self.result, self.costs)


@dataclass(frozen=True, slots=True)
class Traded:
    """Trades of one strategy on one account that were closed in a month.

    `result` and `costs` (below zero: paid) sum to `net`; `net_foreign` is the part of it that lots
    of nobody's order brought.
    """

    strategy: str
    account: str
    currency: str
    trades: int
    wins: int
    result: Decimal
    costs: Decimal
    net: Decimal
    net_foreign: Decimal


@dataclass(frozen=True, slots=True)
class Report:
    """One month of one book; `is_over`: its figures are those of its end, else of now."""

    book: str
    month: Month
    as_of: datetime
    is_over: bool
    assets: list[Asset]
    booked: list[Booked]
    traded: list[Traded]

    @property
    def is_empty(self) -> bool:
        return not (self.assets or self.booked or self.traded)


def report_get(*, book: str, month: Month) -> Report:
    """What the book is worth, what was booked in the month and which trades were closed in it.

    By when entries were recorded, and by when positions were closed. A month that is to come has
    nothing booked and no trades.
    """
    moment = now()
    is_over = month.ends_at <= moment
    accounts = list(BrokerAccount.objects.filter(book=book).order_by("name"))
    ended = trial_balance(book=book, recorded_until=month.ends_at if is_over else None)
    began = trial_balance(book=book, recorded_until=min(month.begins_at, moment))
    return Report(
        book=book,
        month=month,
        as_of=month.ends_at if is_over else moment,
        is_over=is_over,
        assets=_assets(ended, [] if is_over else accounts),
        booked=_booked(began, ended, accounts),
        traded=results_by_strategy(book=book, month=month),
    )


def results_by_strategy(*, book: str, month: Month) -> list[Traded]:
    """What trades that were closed in the month came to, by strategy and account."""
    sums = trade_sums(book=book, since=month.first_day, until=month.next.first_day)
    strategies = Strategy.objects.in_bulk({one.strategy_id for one in sums if one.strategy_id})
    accounts = BrokerAccount.objects.in_bulk({one.account_id for one in sums})
    found = [
        _traded(one, strategies.get(one.strategy_id or 0), accounts[one.account_id]) for one in sums
    ]
    return sorted(found, key=lambda one: (one.strategy, one.account))


def _assets(rows: Iterable[TrialBalanceRow], accounts: Sequence[BrokerAccount]) -> list[Asset]:
    """`accounts`: whose open positions count."""
    assets: dict[str, Decimal] = defaultdict(Decimal)
    owed: dict[str, Decimal] = defaultdict(Decimal)
    gains: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.kind == "asset" or row.code.startswith("Liabilities:Broker:"):
            assets[row.currency] = EXACT.add(assets[row.currency], row.balance)
        elif row.kind == "liability":
            owed[row.currency] = EXACT.subtract(owed[row.currency], row.balance)
    for account in accounts:
        gains[account.currency] = EXACT.add(gains[account.currency], open_result(account))
    found = [
        Asset(unit, assets[unit], owed[unit], gains[unit]) for unit in sorted({*assets, *gains})
    ]
    return [one for one in found if one.assets or one.owed or one.open_result]


def _booked(
    began: Iterable[TrialBalanceRow],
    ended: Iterable[TrialBalanceRow],
    accounts: Sequence[BrokerAccount],
) -> list[Booked]:
    """What moved between the two, by account; those that nothing was booked of are left out."""
    names = {broker_part(one.server, one.login): one.name for one in accounts}
    before = {row.account_id: row.balance for row in began}
    parts: dict[tuple[str, str], list[tuple[str, Decimal, bool]]] = defaultdict(list)
    for row in ended:
        gain = EXACT.subtract(before.get(row.account_id, _NOTHING), row.balance)
        if gain and row.code.startswith(_TRADING):
            part, kind = row.code.split(":")[2:4]
            is_cost = row.kind == "expense" or kind == "Swap"
            parts[names.get(part, part), row.currency].append((kind, gain, is_cost))
        elif gain and row.code.startswith(_REVENUE):
            stream = row.code.removeprefix(_REVENUE)
            parts[f"{stream} (revenue)", row.currency].append(("Revenue", gain, False))
    return [
        Booked(
            name=name,
            currency=currency,
            result=_sum(gain for _, gain, is_cost in found if not is_cost),
            costs=_sum(gain for _, gain, is_cost in found if is_cost),
            parts=_by_kind(found),
        )
        for (name, currency), found in sorted(parts.items())
    ]


def _by_kind(found: list[tuple[str, Decimal, bool]]) -> tuple[tuple[str, Decimal], ...]:
    """Swap stands among income or among expenses, by its sign; it is one kind."""
    kinds: dict[str, Decimal] = defaultdict(Decimal)
    for kind, gain, _ in found:
        kinds[kind] = EXACT.add(kinds[kind], gain)
    return tuple(sorted(kinds.items()))


def _traded(one: TradeSums, strategy: Strategy | None, account: BrokerAccount) -> Traded:
    return Traded(
        strategy=strategy.slug if strategy is not None else "",
        account=account.name,
        currency=one.currency,
        trades=one.trades,
        wins=one.wins,
        result=one.result,
        costs=one.costs,
        net=one.net,
        net_foreign=one.net_foreign,
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = _NOTHING
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
