"""Realised cash, kept as steps and runs of steps, so that no line sums all of history.

Written by the SQL function `treasury_cash_keep` alone; `ledger_check` proves them.
"""

from typing import Any

from django.db import models
from django.db.models import F, Q

from treasury.models.ledger import Currency, money_field


def _count() -> "models.PositiveBigIntegerField[Any, Any]":
    return models.PositiveBigIntegerField()


class CashStep(models.Model):
    """What one position, or one entry beside all positions, did to the cash of its book.

    `place`: `position:<account>:<ticket>` or `entry:<id>`. `at`: the closing of a trade, the latest
    booking otherwise; null while the position is open, which nobody is told. `net`: of a trade, as
    its deals come to; what the ledger does not hold of it yet is `net - change`.
    """

    place = models.CharField(max_length=48)
    book = models.CharField(max_length=8)
    currency = models.ForeignKey(
        Currency, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField(null=True)
    change = money_field()
    has_cash = models.BooleanField()
    is_trade = models.BooleanField()
    net = money_field(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "currency"], name="treasury_cashstep_once"),
            models.CheckConstraint(
                condition=Q(is_trade=True, net__isnull=False) | Q(is_trade=False, net=None),
                name="treasury_cashstep_net_of_trades",
            ),
        ]
        indexes = [
            models.Index(fields=["book", "currency", "at"], name="treasury_cashstep_in_time"),
            models.Index(
                fields=["book", "currency"],
                condition=Q(is_trade=True) & ~Q(net=F("change")),
                name="treasury_cashstep_lacking",
            ),
        ]

    def __str__(self) -> str:
        return self.place


class CashRun(models.Model):
    """What the steps of one stretch of time come to; 16 of a level join into one of the next.

    Balances (`opening`, `low`, `high`) count from where the run begins; null without steps.
    """

    book = models.CharField(max_length=8)
    currency = models.ForeignKey(
        Currency, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    level = models.SmallIntegerField()
    starts = models.DateTimeField()
    steps = _count()
    change = money_field()
    opening = money_field(null=True)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    low = money_field(null=True)
    low_at = models.DateTimeField(null=True)
    high = money_field(null=True)
    high_at = models.DateTimeField(null=True)
    trades = _count()
    trades_posted = _count()
    trades_change = money_field()
    net = money_field()
    wins = _count()
    won = money_field()
    losses = _count()
    lost = money_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "currency", "level", "starts"], name="treasury_cashrun_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.book} {self.currency_id} {self.level} {self.starts:%Y-%m-%d %H:%M:%S}"


class CashMark(models.Model):
    """How far steps are kept: one row. What came later changes its places for each reader."""

    entry_id = models.BigIntegerField()
    event_id = models.BigIntegerField()
    recorded_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="treasury_cashmark_one")]

    def __str__(self) -> str:
        return f"up to entry {self.entry_id}"
