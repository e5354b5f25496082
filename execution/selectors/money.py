"""An account's money as limits see it: what was told, less what was paid in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection

from execution.models import AccountMark, BrokerAccount, Deal
from execution.models.facts import PAID_IN_KINDS
from execution.risk.figures import Money
from execution.risk.limits import Breach

_ZERO = Decimal(0)
_OFFSETS = """
    SELECT asked.account_id, last.broker_offset_seconds
      FROM unnest(%s::bigint[]) AS asked (account_id)
      CROSS JOIN LATERAL (
        SELECT d.broker_offset_seconds FROM execution_deal d
         WHERE d.account_id = asked.account_id
         ORDER BY d.time_msc DESC, d.ticket DESC LIMIT 1) last
"""
_PAID_IN = """
    SELECT coalesce(sum(d.profit + d.swap + d.commission + d.fee), 0) FROM execution_deal d
     WHERE d.account_id = %s AND d.kind = ANY(%s) AND d.at > %s
       AND NOT EXISTS (SELECT FROM execution_deal later
             WHERE later.account_id = d.account_id AND later.ticket = d.ticket
               AND later.revision > d.revision)
"""


def account_marks(accounts: Sequence[int]) -> dict[int, AccountMark]:
    """Return what each account's equity is held against; none before its first heartbeat."""
    return AccountMark.objects.in_bulk(accounts)


def broker_offsets(accounts: Sequence[int]) -> dict[int, int]:
    """Return how far east of UTC each broker's clock is, as its newest deal says."""
    with connection.cursor() as cursor:
        cursor.execute(_OFFSETS, [list(accounts)])
        return dict(cursor.fetchall())


def paid_in_since(*, account_id: int, since: datetime) -> Decimal:
    """Return deposits less withdrawals after the moment, of deals as they are told now."""
    with connection.cursor() as cursor:
        cursor.execute(_PAID_IN, [account_id, list(PAID_IN_KINDS), since])
        total: Decimal = cursor.fetchone()[0]
        return total


def is_told_whole(account: BrokerAccount) -> bool:
    """Whether our last deal is the one that the heartbeat named: its equity holds no other."""
    last = Deal.objects.filter(account=account).order_by("-time_msc", "-ticket").first()
    ours = (last.time_msc, last.ticket) if last else (0, 0)
    return ours == (account.watermark_time_msc, account.watermark_ticket)


def money_of(account: BrokerAccount, mark: AccountMark | None) -> Money:
    """Return equity and losses now; of an account without a mark, losses are not known."""
    equity = account.equity
    if mark is None or equity is None:
        return Money(
            equity=equity,
            equity_at=account.heartbeat_at,
            margin=account.margin,
            margin_free=account.margin_free,
        )
    result = equity - mark.paid_in
    return Money(
        equity=equity,
        equity_at=account.heartbeat_at,
        margin=account.margin,
        margin_free=account.margin_free,
        day_first=mark.day_equity,
        day_loss=max(_ZERO, mark.day_result - result),
        highest=mark.highest_equity,
        drawdown=max(_ZERO, mark.highest_result - result),
    )


def equity_doubts(account: BrokerAccount, mark: AccountMark | None) -> tuple[Breach, ...]:
    """Return why nobody believes the account's equity yet."""
    if mark is None or mark.doubted_at is None:
        return ()
    return (Breach("equity_in_doubt", mark.doubt),)
