"""Books whose periods can be closed: accounts that are green, and positions that stand open."""

import datetime as dt
from decimal import Decimal

from execution.models import BrokerAccount, Deal, Heartbeat
from execution.selectors.positions import position_open_tickets
from fusion_project.events.clock import now
from treasury.models import AccountCheck, PeriodClose, PeriodFigure
from treasury.rules.accounts import broker_cash
from treasury.selectors.balances import account_balance
from treasury.services.control import account_check
from treasury.services.deals import deals_post


def deals_posted() -> None:
    deals_post(deal_ids=list(Deal.objects.values_list("id", flat=True)))


def green(account: BrokerAccount, *, floating: str = "0", at: dt.datetime | None = None) -> None:
    """A heartbeat of now that agrees with the ledger in everything, compared with it."""
    newest = Deal.objects.filter(account=account).order_by("-time_msc", "-ticket").first()
    balance = account_balance(book=account.book, code=broker_cash(account.server, account.login))
    BrokerAccount.objects.filter(id=account.pk).update(
        balance=balance,
        equity=balance + Decimal(floating),
        floating=Decimal(floating),
        open_tickets=list(position_open_tickets(account_id=account.pk)),
        heartbeat_at=at or now(),
        watermark_time_msc=newest.time_msc if newest else 0,
        watermark_ticket=newest.ticket if newest else 0,
    )
    AccountCheck.objects.filter(account=account).update(heartbeat_at=None)
    account_check(account_id=account.pk)


def heartbeat_kept(
    account: BrokerAccount, *, at: dt.datetime, floating: str | None, equity: str = "1000"
) -> None:
    """One row of what the terminal told over time."""
    Heartbeat.objects.create(
        at=at,
        account=account,
        instance="test",
        balance=Decimal(1_000),
        equity=Decimal(equity),
        margin=Decimal(0),
        floating=None if floating is None else Decimal(floating),
        positions=1,
    )


def figures(close: PeriodClose) -> dict[str, tuple[Decimal, ...]]:
    """By account code: opening, debit, credit, of these for earlier periods, closing."""
    rows = PeriodFigure.objects.filter(close=close).select_related("account")
    return {
        row.account.code: (row.opening, row.debit, row.credit, row.adjusted, row.closing)
        for row in rows
    }
