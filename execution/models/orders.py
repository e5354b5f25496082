"""The order: our instruction to one account, moved only along `states.ORDER_EDGES`."""

from django.db import models
from django.db.models import Q

from execution.models.accounts import BrokerAccount, ExecutorKey
from execution.models.fields import lots_field, money_field, price_field
from execution.models.requests import CloseRequest
from execution.rules.minors import SINCE_MINOR
from execution.rules.prices import DISTANCES
from execution.rules.states import ORDER_EDGES, ORDER_ENDS, REJECTED
from execution.rules.switches import Spot
from execution.rules.tif import TIF_MODES, tif_rests
from fusion_project.text.formats import plain_number

ORDER_VERBS = ("entry", "exit", "partial_exit", "amend")


_TIFS_THAT_REST = [tif for tif in TIF_MODES if tif_rests(tif)]


_TEXTS = ("tif", "plan")


def _minor_is_told() -> Q:
    """Whatever came with a minor raises what the order needs."""
    told = Q()
    for minor in sorted(set(SINCE_MINOR.values())):
        names = [name for name, since in SINCE_MINOR.items() if since == minor]
        none = Q()
        for name in names:
            none &= Q(**{name: ""} if name in _TEXTS else {f"{name}__isnull": True})
        told &= Q(needs_minor__gte=minor) | none
    return told


def _distance_has_unit(name: str) -> models.CheckConstraint:
    none = Q(**{f"{name}_distance__isnull": True, f"{name}_unit": ""})
    some = Q(**{f"{name}_distance__gt": 0, f"{name}_unit__in": DISTANCES})
    return models.CheckConstraint(condition=none | some, name=f"order_{name}_distance_has_unit")


class Order(models.Model):
    """One instruction; its id is the MT5 magic number. A staging refusal is born `rejected`."""

    # What it comes from: a decision, or a person's word that something be closed.
    decision = models.ForeignKey(
        "signals.Decision", on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    request = models.ForeignKey(
        CloseRequest,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        db_index=False,
    )
    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="orders")
    # None where it closes a position that is not ours.
    strategy = models.ForeignKey(
        "signals.Strategy", on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    instrument = models.CharField(max_length=64)
    broker_symbol = models.CharField(max_length=64, blank=True, default="")
    trace_id = models.CharField(max_length=32)
    trade_ref = models.CharField(max_length=160, blank=True, default="")
    verb = models.CharField(max_length=16, choices={name: name for name in ORDER_VERBS})
    side = models.CharField(max_length=4)
    order_type = models.CharField(max_length=12, default="market")
    volume_lots = lots_field()
    filled_lots = lots_field(default=0)
    limit_price = price_field(null=True, blank=True)
    stop_price = price_field(null=True, blank=True)
    # Prices; where a distance is asked for, what it comes to from `ref_price`.
    sl = price_field(null=True, blank=True)
    tp = price_field(null=True, blank=True)
    # Distances from the fill, and what they are counted in.
    sl_distance = price_field(null=True, blank=True)
    sl_unit = models.CharField(max_length=8, blank=True, default="")
    tp_distance = price_field(null=True, blank=True)
    tp_unit = models.CharField(max_length=8, blank=True, default="")
    tif = models.CharField(max_length=4, blank=True, default="")
    good_until = models.DateTimeField(null=True, blank=True)
    deviation_points = models.PositiveIntegerField(null=True, blank=True)
    spread_points_max = models.PositiveIntegerField(null=True, blank=True)
    # What the executor does once it is filled, as the leg's plan says it; '' for nothing.
    plan = models.TextField(blank=True, default="", db_default="")
    # An entry that is delayed is handed to nobody before this moment.
    not_before = models.DateTimeField(null=True, blank=True)
    ref_price = price_field(null=True, blank=True)
    risk_money = money_field(null=True, blank=True)
    position_ticket = models.BigIntegerField(default=0)
    # The resting order that this one changes or takes back; none for what concerns a position.
    target_order = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Asking again is a further order: the same decision and target, the next attempt.
    attempt = models.PositiveSmallIntegerField(default=1)
    # The least minor of an executor that can read the order whole; it is handed to no other.
    needs_minor = models.PositiveSmallIntegerField(default=0)
    waits_for_flat = models.BooleanField(default=False)
    # The exit or cancel that ended this entry's trade, or the person's word that did; a position
    # that still opens is closed by it.
    closing_decision = models.ForeignKey(
        "signals.Decision", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closing_request = models.ForeignKey(
        CloseRequest,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    valid_until = models.DateTimeField(null=True, blank=True)

    state = models.CharField(
        max_length=20, default="staged", choices={name: name for name in ORDER_EDGES}
    )
    # Since when it is in this state; null for one that has never moved.
    state_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=64, blank=True, default="")
    message = models.CharField(max_length=500, blank=True, default="")
    retcode = models.PositiveIntegerField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_key = models.ForeignKey(
        ExecutorKey, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    instance = models.CharField(max_length=64, blank=True, default="")
    staged_at = models.DateTimeField(editable=False)
    leased_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "account", "position_ticket", "target_order", "attempt"],
                condition=Q(decision__isnull=False),
                nulls_distinct=False,
                name="order_once_per_target",
            ),
            models.UniqueConstraint(
                fields=["request", "account", "position_ticket", "attempt"],
                condition=Q(request__isnull=False),
                name="order_once_per_request",
            ),
            models.CheckConstraint(
                condition=Q(decision__isnull=False, request__isnull=True, strategy__isnull=False)
                | Q(
                    decision__isnull=True,
                    request__isnull=False,
                    verb__in=["exit", "partial_exit"],
                ),
                name="order_has_one_cause",
            ),
            models.CheckConstraint(condition=Q(attempt__gte=1), name="order_attempt_from_one"),
            models.CheckConstraint(
                condition=Q(state__in=list(ORDER_EDGES)), name="order_state_known"
            ),
            models.CheckConstraint(condition=Q(verb__in=ORDER_VERBS), name="order_verb_known"),
            models.CheckConstraint(
                condition=Q(side__in=["buy", "sell"]) | Q(side="any", state="rejected"),
                name="order_side_known",
            ),
            models.CheckConstraint(
                condition=Q(volume_lots__gt=0) | Q(state="rejected") | Q(verb="amend"),
                name="order_volume_positive",
            ),
            models.CheckConstraint(
                condition=Q(filled_lots__gte=0), name="order_filled_not_negative"
            ),
            models.CheckConstraint(condition=Q(tif__in=list(TIF_MODES)), name="order_tif_known"),
            models.CheckConstraint(
                condition=Q(order_type="market") | Q(tif__in=_TIFS_THAT_REST),
                name="order_tif_may_rest",
            ),
            models.CheckConstraint(
                condition=Q(tif="gtd", good_until__isnull=False)
                | (~Q(tif="gtd") & Q(good_until__isnull=True)),
                name="order_good_until_is_gtd",
            ),
            *(_distance_has_unit(name) for name in ("sl", "tp")),
            models.CheckConstraint(condition=_minor_is_told(), name="order_minor_is_told"),
            models.CheckConstraint(
                condition=Q(plan="") | Q(verb="entry"), name="order_plan_is_of_entry"
            ),
            models.CheckConstraint(
                condition=Q(not_before__isnull=True) | Q(verb="entry"),
                name="order_delay_is_of_entry",
            ),
            models.CheckConstraint(
                condition=Q(target_order__isnull=True)
                | Q(verb="amend", position_ticket=0)
                | Q(state="rejected"),
                name="order_target_is_amended",
            ),
            models.CheckConstraint(condition=Q(fence__gte=0), name="order_fence_not_negative"),
            models.CheckConstraint(
                condition=~Q(state="leased") | Q(lease_until__isnull=False, fence__gt=0),
                name="order_leased_has_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "id"],
                name="order_out_by_account",
                condition=~Q(state__in=sorted(ORDER_ENDS)),
            ),
            # Entries of the last minute, and of those the rejected ones.
            models.Index(
                fields=["account", "staged_at"], name="order_entries", condition=Q(verb="entry")
            ),
            models.Index(
                fields=["account", "ended_at"],
                name="order_rejects",
                condition=Q(verb="entry", state="rejected", fence__gt=0),
            ),
            models.Index(
                fields=["account", "position_ticket"],
                name="order_by_position",
                condition=Q(position_ticket__gt=0),
            ),
            models.Index(
                fields=["ended_at"],
                name="order_done_without_deal",
                condition=Q(state="done", filled_lots=0) & ~Q(verb="amend"),
            ),
            models.Index(fields=["trace_id"], name="order_by_trace"),
            models.Index(fields=["strategy", "instrument", "id"], name="order_by_strategy"),
            # Entries of the last minute, at every entry.
        ]

    def __str__(self) -> str:
        lots = plain_number(self.volume_lots)
        return f"{self.verb} {self.side} {lots} {self.instrument} ({self.state})"

    @property
    def has_stop(self) -> bool:
        """Whether it names a stop, as a price or as a distance from its fill."""
        return self.sl is not None or self.sl_distance is not None

    @property
    def has_ended(self) -> bool:
        return self.state in ORDER_ENDS

    @property
    def is_closed_down(self) -> bool:
        """Whether somebody ended the trade of this entry: what it still opens is closed."""
        return self.closing_decision_id is not None or self.closing_request_id is not None

    @property
    def spot(self) -> Spot:
        """Where an entry would stand; orders without a strategy only close."""
        return (self.account_id, self.strategy_id or 0, self.instrument)

    @property
    def is_refusal(self) -> bool:
        """Staging refused it: it was handed to nobody."""
        return self.state == REJECTED and self.fence == 0


class OrderPlace(models.Model):
    """Where order numbers were given: cluster, timeline, database, table; a restore makes another.

    Written by `execution_order_numbered` in `sql/numbers.sql` alone.
    """

    place = models.CharField(max_length=80, primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.place
