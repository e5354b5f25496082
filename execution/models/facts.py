"""What executors tell: raw reports and deals (append-only), and positions folded from deals."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from execution.models.accounts import BrokerAccount
from execution.models.fields import lots_field, money_field, price_field
from execution.models.orders import Order
from execution.wire import DEAL_ENTRIES, DEAL_KINDS, UNKNOWN_KIND

STORED_KINDS = (*DEAL_KINDS, UNKNOWN_KIND)
# Money that comes or goes without a trade; it is neither won nor lost.
PAID_IN_KINDS = ("balance", "credit", "bonus")
HELD_FOR = ("moment", "orphan")


class Report(models.Model):
    """One execution report as it came; never changed, whatever its fence."""

    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="reports")
    report_id = models.CharField(max_length=64)
    seq = models.BigIntegerField()
    instance = models.CharField(max_length=64)
    kind = models.CharField(max_length=24)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
    )
    fence = models.BigIntegerField(null=True, blank=True)
    fence_was_current = models.BooleanField(null=True, blank=True)
    retcode = models.PositiveIntegerField(null=True, blank=True)
    # The order at the broker, 0 where it was not told; of a deletion, the deal that went.
    broker_order_ticket = models.BigIntegerField(default=0)
    deal_ticket = models.BigIntegerField(null=True, blank=True)
    message = models.CharField(max_length=500, blank=True, default="")
    raw = models.TextField()
    raw_sha256 = models.CharField(max_length=64)
    trace_id = models.CharField(max_length=32)
    received_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "report_id"], name="report_once"),
        ]
        indexes = [
            models.Index(fields=["account", "instance", "seq"], name="report_by_seq"),
            models.Index(
                fields=["retcode", "received_at"],
                name="report_by_retcode",
                condition=Q(retcode__isnull=False),
            ),
            models.Index(
                fields=["account", "deal_ticket"],
                name="report_of_deletion",
                condition=Q(deal_ticket__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.report_id}"


class Deal(models.Model):
    """An MT5 deal; a restated one is a further row with the next revision."""

    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="deals", db_index=False
    )
    ticket = models.BigIntegerField()
    revision = models.PositiveIntegerField(default=1)
    position_ticket = models.BigIntegerField(default=0)
    broker_order_ticket = models.BigIntegerField(default=0)
    magic = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=32, choices={name: name for name in STORED_KINDS})
    kind_raw = models.CharField(max_length=40, blank=True, default="")
    entry = models.CharField(max_length=8, blank=True, default="")
    reason = models.CharField(max_length=24, blank=True, default="")
    symbol = models.CharField(max_length=64, blank=True, default="")
    instrument = models.CharField(max_length=64, blank=True, default="")
    volume_lots = lots_field(default=0)
    price = price_field(default=0)
    profit = money_field(default=0)
    swap = money_field(default=0)
    commission = money_field(default=0)
    fee = money_field(default=0)
    # Stop and target that stood when it was made, as the terminal told them.
    sl = price_field(null=True, blank=True)
    tp = price_field(null=True, blank=True)
    time_msc = models.BigIntegerField()
    broker_offset_seconds = models.IntegerField(default=0)
    at = models.DateTimeField()
    # Whether `at` is known to the second; else the offset of that day is a guess.
    at_is_sure = models.BooleanField(default=True)
    # Why it counts nowhere until a later revision of it does; empty where it counts.
    held_for = models.CharField(max_length=8, blank=True, default="")
    comment = models.CharField(max_length=64, blank=True, default="")
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="deals"
    )
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="deals")
    content_sha256 = models.CharField(max_length=64)
    trace_id = models.CharField(max_length=32)
    recorded_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "ticket", "revision"], name="deal_once_per_revision"
            ),
            models.CheckConstraint(condition=Q(kind__in=STORED_KINDS), name="deal_kind_known"),
            models.CheckConstraint(condition=Q(entry__in=DEAL_ENTRIES), name="deal_entry_known"),
            models.CheckConstraint(
                condition=Q(volume_lots__gte=0), name="deal_volume_not_negative"
            ),
            models.CheckConstraint(condition=Q(revision__gte=1), name="deal_revision_from_one"),
            models.CheckConstraint(
                condition=Q(held_for="") | Q(held_for__in=HELD_FOR, order__isnull=True),
                name="deal_held_counts_nowhere",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], name="deal_of_account"),
            models.Index(fields=["account", "position_ticket"], name="deal_by_position"),
            models.Index(fields=["account", "ticket"], name="deal_held", condition=~Q(held_for="")),
            models.Index(fields=["trace_id"], name="deal_by_trace"),
            models.Index(fields=["account", "-time_msc", "-ticket"], name="deal_latest"),
            models.Index(
                fields=["account", "at"], name="deal_paid_in", condition=Q(kind__in=PAID_IN_KINDS)
            ),
        ]

    def __str__(self) -> str:
        return f"deal {self.ticket}.{self.revision} {self.kind} {self.entry}"


class Position(models.Model):
    """An MT5 position as folded from its deals; `strategy` is empty for a foreign one."""

    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="positions")
    position_ticket = models.BigIntegerField()
    strategy = models.ForeignKey(
        "signals.Strategy", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision = models.ForeignKey(
        "signals.Decision", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="positions"
    )
    instrument = models.CharField(max_length=64)
    broker_symbol = models.CharField(max_length=64, blank=True, default="")
    side = models.CharField(max_length=4)
    trade_ref = models.CharField(max_length=160, blank=True, default="")
    trace_id = models.CharField(max_length=32)
    volume_open_lots = lots_field(default=0)
    volume_closed_lots = lots_field(default=0)
    # What "50 %" is a share of: what was open when something was opened last.
    volume_base_lots = lots_field(default=0)
    # Of what is open, what no order of ours has opened; and the part of the net that came of such.
    volume_foreign_lots = lots_field(default=0)
    price_open = price_field(default=0)
    price_close = price_field(null=True, blank=True)
    profit = money_field(default=0)
    swap = money_field(default=0)
    commission = money_field(default=0)
    fee = money_field(default=0)
    net = money_field(default=0)
    net_foreign = money_field(default=0)
    # Stop and target as the executor last confirmed them.
    sl = price_field(null=True, blank=True)
    tp = price_field(null=True, blank=True)
    price_requested = price_field(null=True, blank=True)
    close_price_requested = price_field(null=True, blank=True)
    risk_money = money_field(null=True, blank=True)
    ack_latency_ms = models.BigIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    fold_revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "position_ticket"], name="position_once"),
            models.CheckConstraint(
                condition=Q(side__in=["buy", "sell"]), name="position_side_known"
            ),
            models.CheckConstraint(
                condition=Q(volume_open_lots__gte=0) & Q(volume_closed_lots__gte=0),
                name="position_volumes_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(volume_open_lots=0),
                name="position_closed_is_flat",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "position_ticket"],
                name="position_open",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(fields=["strategy", "instrument", "-id"], name="position_by_strategy"),
            models.Index(fields=["trace_id"], name="position_by_trace"),
            models.Index(fields=["-closed_at"], name="position_by_close"),
            models.Index(
                fields=["account", "-closed_at"],
                name="position_closed",
                condition=Q(closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.instrument} position {self.position_ticket}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def lots_to_close(self) -> Decimal:
        """What is open; while the broker closes and opens it anew, what it then will be."""
        lots: Decimal = self.volume_open_lots or self.volume_base_lots
        return lots

    @property
    def lots_of_ours(self) -> Decimal:
        """What of it orders of ours have opened."""
        lots: Decimal = self.lots_to_close - self.volume_foreign_lots
        return lots

    @property
    def is_foreign(self) -> bool:
        """Whether no order of ours has opened any of what is open."""
        if self.volume_foreign_lots:
            return bool(self.volume_foreign_lots >= self.lots_to_close)
        return self.order_id is None

    @property
    def is_shared(self) -> bool:
        """Whether orders of ours and somebody else have each opened some of what is open."""
        return bool(self.volume_foreign_lots) and not self.is_foreign

    @property
    def net_of_ours(self) -> Decimal:
        """What our orders have made of it; on a netting account others may trade in it too."""
        net: Decimal = self.net - self.net_foreign
        return net
