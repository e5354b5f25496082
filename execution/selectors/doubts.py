"""What executors told that nobody believes yet, for the people who compare it with the broker."""

from collections.abc import Iterator
from dataclasses import dataclass

from execution.models import AccountMark, BrokerAccount, SymbolMap
from execution.selectors.standing import OnAccounts
from execution.selectors.symbols import sheet_doubts
from fusion_project.events.clock import now


@dataclass(frozen=True, slots=True)
class Doubt:
    """One doubted claim; `symbol` is None where it is the account's equity."""

    account: BrokerAccount
    symbol: SymbolMap | None
    words: str


def doubt_list() -> list[Doubt]:
    """Return every claim that stops entries, by account."""
    marks = AccountMark.objects.filter(doubted_at__isnull=False).select_related("account")
    equities = [Doubt(mark.account, None, mark.doubt) for mark in marks]
    return sorted([*equities, *_sheets()], key=lambda one: (one.account.name, one.words))


def sheet_doubt_words(row: SymbolMap) -> str:
    """Return what is doubted of one symbol's contract, '' for nothing."""
    on = OnAccounts.read([row.account_id], [row.instrument], at=now(), reach=0)
    found = sheet_doubts(row, on.closed_trade(row))
    return found[0].words if found else ""


def _sheets() -> Iterator[Doubt]:
    rows = SymbolMap.objects.filter(confirmation__isnull=False).select_related("mark", "account")
    confirmed = list(rows)
    accounts = sorted({row.account_id for row in confirmed})
    on = OnAccounts.read(accounts, [], at=now(), reach=0)
    for row in confirmed:
        for found in sheet_doubts(row, on.closed_trade(row)):
            yield Doubt(row.account, row, found.words)
