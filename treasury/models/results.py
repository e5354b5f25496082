"""What closed trades came to, kept by day, so that no report sums all trades.

Written by a trigger on `treasury_cashstep` alone (`sql/results.sql`); `ledger_check` proves it.
"""

from django.db import models

from treasury.models.ledger import Currency, money_field


class TradeDay(models.Model):
    """Trades of one strategy on one account that were closed on that day of UTC.

    `result` and `costs` (swap, commission, fee; below zero: paid) sum to `net`. `net_foreign`: the
    part of it that lots of nobody's order brought.
    """

    book = models.CharField(max_length=8)
    day = models.DateField()
    currency = models.ForeignKey(
        Currency, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    account = models.ForeignKey(
        "execution.BrokerAccount", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    strategy = models.ForeignKey(
        "signals.Strategy", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    trades = models.PositiveBigIntegerField()
    wins = models.PositiveBigIntegerField()
    result = money_field()
    costs = money_field()
    net = money_field()
    net_foreign = money_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "day", "currency", "account", "strategy"],
                nulls_distinct=False,
                name="treasury_tradeday_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.book} {self.day} {self.account_id} {self.strategy_id}"
