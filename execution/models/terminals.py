"""What an account's terminal said last: its positions and resting orders, its quotes.

Each heartbeat says all of it anew; what was said before is not kept here.
"""

from django.db import models

from execution.models.accounts import BrokerAccount, SymbolMap
from execution.models.fields import price_field


class Terminal(models.Model):
    """The last heartbeat of an account beyond its money; `number` goes up within one run.

    `positions` and `pendings` are JSON as `execution.wire.terminal` reads it, null where they were
    not told.
    """

    account = models.OneToOneField(
        BrokerAccount, on_delete=models.PROTECT, related_name="terminal", primary_key=True
    )
    instance = models.CharField(max_length=64)
    boot_nonce = models.CharField(max_length=64, blank=True, default="")
    number = models.BigIntegerField(null=True, blank=True)
    content_sha256 = models.CharField(max_length=64)
    told_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField()
    positions = models.TextField(null=True, blank=True)
    pendings = models.TextField(null=True, blank=True)
    ping_ms = models.PositiveIntegerField(null=True, blank=True)
    skew_ms = models.IntegerField(null=True, blank=True)
    outbox_depth = models.PositiveIntegerField(null=True, blank=True)
    flags = models.JSONField(null=True, blank=True)
    versions = models.JSONField(default=dict, blank=True)
    entries_blocked = models.JSONField(default=list, blank=True)
    latch = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.instance}, heard {self.heard_at:%Y-%m-%d %H:%M:%S}"


class Quote(models.Model):
    """The last quote of a mapped symbol; `quoted_at` is the tick's moment in UTC."""

    symbol_map = models.OneToOneField(
        SymbolMap, on_delete=models.PROTECT, related_name="quote", primary_key=True
    )
    bid = price_field()
    ask = price_field()
    quoted_at = models.DateTimeField()
    heard_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.bid} / {self.ask}"
