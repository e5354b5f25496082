"""Every heartbeat, a row: how accounts and their terminals did over time."""

from django.db import models

from execution.models.accounts import BrokerAccount
from execution.models.fields import money_field


class Heartbeat(models.Model):
    """One heartbeat, never changed, kept in monthly partitions that go by `HEARTBEAT_DAYS`.

    The table's key is (id, at); `migrations/sql/0014_heartbeat_table.sql` makes it. `quotes` is
    JSON of instrument → [bid, ask, milliseconds since 1970 in UTC], of what might be traded then.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    account = models.ForeignKey(BrokerAccount, on_delete=models.DO_NOTHING, related_name="+")
    instance = models.CharField(max_length=64)
    number = models.BigIntegerField(null=True)
    told_at = models.DateTimeField(null=True)
    balance = money_field()
    equity = money_field()
    margin = money_field()
    margin_free = money_field(null=True)
    credit = money_field(null=True)
    floating = money_field(null=True)
    positions = models.IntegerField()
    pendings = models.IntegerField(null=True)
    ping_ms = models.IntegerField(null=True)
    skew_ms = models.IntegerField(null=True)
    outbox_depth = models.IntegerField(null=True)
    may_trade = models.BooleanField(null=True)
    entries_blocked = models.CharField(max_length=1100, blank=True, default="")
    latch = models.CharField(max_length=64, blank=True, default="")
    quotes = models.TextField(blank=True, default="")

    class Meta:
        managed = False
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"heartbeat of {self.account_id} at {self.at:%Y-%m-%d %H:%M:%S}"
