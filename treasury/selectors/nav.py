"""What an account of investors is worth, and who holds how many of its units."""

from decimal import Decimal

from execution.models import BrokerAccount
from treasury.models import Line, UnitSeries
from treasury.rules.distributing import UnitFigures
from treasury.rules.places import UnitBook
from treasury.rules.units import Series
from treasury.selectors.balances import account_balance, standing_sum, subtree_balance


def unit_book(account: BrokerAccount) -> UnitBook:
    """The names of its accounts."""
    return UnitBook(
        account_id=account.pk,
        server=account.server,
        login=account.login,
        money=account.currency,
        digits=account.currency_digits,
    )


def open_result(account: BrokerAccount) -> Decimal:
    """What its open positions have gained (below zero: lost) so far, as last told; 0 untold."""
    floating: Decimal | None = account.floating
    if floating is not None:
        return floating
    if account.equity is None or account.balance is None:
        return Decimal(0)
    return Decimal(account.equity - account.balance - (account.credit or Decimal(0)))


def nav_get(*, account: BrokerAccount) -> Decimal:
    """Net asset value of the units now, in the account's currency: what would be left for them.

    Cash and the result of open positions, less what is owed to holders and the house, less
    deposits for which no units were issued. The broker's credit is not in it.
    """
    names, book = unit_book(account), account.book
    cash = account_balance(book=book, code=names.cash)
    on_its_way = account_balance(book=book, code=names.transit)
    owed = subtree_balance(book=book, root=names.owed)
    return cash + on_its_way + owed + open_result(account)


def series_list(*, account: BrokerAccount) -> list[Series]:
    """Every series as it stands now."""
    names, book = unit_book(account), account.book
    return [
        Series(one.number, -account_balance(book=book, code=names.held_by(one.number)), one.mark)
        for one in UnitSeries.objects.filter(account=account).order_by("number")
    ]


def units_outstanding(*, account: BrokerAccount) -> Decimal:
    """Units that somebody holds."""
    return account_balance(book=account.book, code=unit_book(account).issued)


def unit_figures(*, account: BrokerAccount, cutoff: int, open_loss: Decimal) -> UnitFigures:
    """What a distribution of the account starts from, over entries up to `cutoff`."""
    names, book = unit_book(account), account.book
    roots = (names.cash, names.transit, names.owed)
    sums = [standing_sum(book=book, root=root, cutoff=cutoff) for root in roots]
    return UnitFigures(
        book=names,
        nav=sum(sums, open_loss),
        series=_series_at(account, names, cutoff),
        shortfall=account_balance(book=book, code=names.place.shortfall),
    )


def units_moved_after(*, currency: str, cutoff: int) -> bool:
    """Whether units of this currency were issued or cancelled by an entry after `cutoff`."""
    return Line.objects.filter(account__currency=currency, entry_id__gt=cutoff).exists()


def _series_at(account: BrokerAccount, names: UnitBook, cutoff: int) -> list[Series]:
    found = []
    for one in UnitSeries.objects.filter(account=account).order_by("number"):
        root = names.held_by(one.number)
        units = -standing_sum(book=account.book, root=root, cutoff=cutoff)
        if units > 0:
            found.append(Series(one.number, units, one.mark))
    return found
