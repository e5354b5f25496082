"""Who may trade where: broker accounts, their executor keys, subscriptions and symbols."""

from django.db import models
from django.db.models import Q

from execution.models.fields import lots_field, money_field, price_field
from execution.rules.sizing import SIZE_MODES
from execution.wire.sheets import EXECUTION_MODES, TRADE_MODES
from fusion_project.events.actors import actor_known


class BrokerAccount(models.Model):
    """One account at one broker; money facts come from hello and heartbeat only."""

    subject_label = "execution.account"
    BOOKS = {"paper": "paper", "live": "live"}
    MARGIN_MODES = {"hedging": "hedging", "netting": "netting"}

    name = models.CharField(max_length=80, unique=True)
    book = models.CharField(max_length=8, choices=BOOKS)
    server = models.CharField(max_length=64)
    login = models.CharField(max_length=32)
    currency = models.CharField(max_length=8)
    currency_digits = models.PositiveSmallIntegerField(default=2)
    margin_mode = models.CharField(max_length=8, choices=MARGIN_MODES, default="hedging")
    # What two people wanted: a live account is made by it, a paper account needs none.
    request = models.OneToOneField(
        "second_person.Request", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The zone of the broker's clock, such as Europe/Athens; empty where it is not known.
    broker_zone = models.CharField(max_length=40, blank=True, default="")

    order_lots_max = lots_field(default=10)
    open_lots_max = lots_field(default=50)
    entries_per_minute_max = models.PositiveIntegerField(default=60)

    balance = money_field(null=True, blank=True)
    equity = money_field(null=True, blank=True)
    margin = money_field(null=True, blank=True)
    # Not told by each executor. `floating`: what the open positions have gained so far.
    margin_free = money_field(null=True, blank=True)
    credit = money_field(null=True, blank=True)
    floating = money_field(null=True, blank=True)
    instance = models.CharField(max_length=64, blank=True, default="")
    # What this run of the instance said of itself; without a nonce it counts as minor 0.
    instance_nonce = models.CharField(max_length=64, blank=True, default="")
    instance_minor = models.PositiveSmallIntegerField(default=0)
    # The copy of the instance that was refused last, and since when.
    refused_nonce = models.CharField(max_length=64, blank=True, default="")
    refused_since = models.DateTimeField(null=True, blank=True)
    # Since when this run of the instance holds the account, and since when it keeps its journal.
    instance_since = models.DateTimeField(null=True, blank=True)
    journal_since = models.DateTimeField(null=True, blank=True)
    instance_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    watermark_time_msc = models.BigIntegerField(default=0)
    watermark_ticket = models.BigIntegerField(default=0)
    open_tickets = models.JSONField(default=list, blank=True)
    reconciled_heartbeat_at = models.DateTimeField(null=True, blank=True)
    # Since when the last heartbeats could not be compared with our deals.
    blind_since = models.DateTimeField(null=True, blank=True)
    mismatches_in_row = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["server", "login"], name="account_server_login_once"),
            models.CheckConstraint(
                condition=Q(book__in=["paper", "live"]), name="account_book_known"
            ),
            models.CheckConstraint(
                condition=Q(margin_mode__in=["hedging", "netting"]), name="account_margin_known"
            ),
            models.CheckConstraint(
                condition=Q(order_lots_max__gt=0) & Q(open_lots_max__gt=0),
                name="account_limits_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExecutorKey(models.Model):
    """A credential of one executor for one account; only its SHA-256 is kept."""

    subject_label = "execution.key"

    prefix = models.CharField(max_length=16, unique=True)
    sha256 = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="keys")
    label = models.CharField(max_length=80, blank=True, default="")
    # What two people wanted: a live account's key comes from it, a paper account's needs none.
    request = models.OneToOneField(
        "second_person.Request", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)
    # At most 90 days later; none in keys from before there was such a rule.
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    instance = models.CharField(max_length=64, blank=True, default="")
    # Whether each call must be signed, with the signing key that was shown with the key.
    is_signed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="executor_key_is_hashed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… for {self.account_id}"


class KeyNonce(models.Model):
    """A nonce that a signed call has used; it is forgotten once no call may bear its time."""

    key = models.ForeignKey(ExecutorKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    nonce = models.CharField(max_length=64)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "nonce"], name="key_nonce_once"),
        ]
        indexes = [models.Index(fields=["used_at"], name="key_nonce_by_time")]

    def __str__(self) -> str:
        return self.nonce


class Subscription(models.Model):
    """One account follows one strategy; `lots_default` serves entries without size or stop."""

    strategy = models.ForeignKey(
        "signals.Strategy", on_delete=models.PROTECT, related_name="subscriptions"
    )
    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="subscriptions"
    )
    lots_default = lots_field(default="0.10")
    # The account's own size of its entries, '' for none; the smallest of all sizes wins.
    size_mode = models.CharField(max_length=12, blank=True, default="")
    size_value = money_field(default=0)
    # What its entries may cost beyond the price, in points of the symbol; none where there is none.
    deviation_points = models.PositiveIntegerField(null=True, blank=True)
    spread_points_max = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    # What two people wanted, where the account is live.
    request = models.ForeignKey(
        "second_person.Request", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["strategy", "account"], name="subscription_once"),
            models.CheckConstraint(
                condition=Q(lots_default__gt=0), name="subscription_lots_positive"
            ),
            models.CheckConstraint(
                condition=Q(size_mode="", size_value=0)
                | Q(size_mode__in=SIZE_MODES, size_value__gt=0),
                name="subscription_size_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.strategy_id} on {self.account_id}"


# What a contract sheet says of a symbol; a map is confirmed with all of it before one's eyes.
SHEET_COLUMNS = (
    "digits",
    "tick_size",
    "tick_value",
    "contract_size",
    "lot_min",
    "lot_step",
    "lot_max",
)


class SymbolMap(models.Model):
    """Instrument to broker symbol on one account; used only once a person confirmed it.

    The contract sheet (digits … swap_triple_day) is what the executor's last hello said.
    """

    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="symbols")
    instrument = models.CharField(max_length=64)
    broker_symbol = models.CharField(max_length=64)
    # What is in force: none while it waits for a person, and none once it was revoked. It confirms
    # this instrument and broker symbol: `symbol_map_as_confirmed` in `migrations/sql`.
    confirmation = models.ForeignKey(
        "execution.SymbolConfirmation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    digits = models.PositiveSmallIntegerField(null=True, blank=True)
    tick_size = price_field(null=True, blank=True)
    tick_value = money_field(null=True, blank=True)
    contract_size = money_field(null=True, blank=True)
    lot_min = lots_field(null=True, blank=True)
    lot_step = lots_field(null=True, blank=True)
    lot_max = lots_field(null=True, blank=True)
    stops_level_points = models.PositiveIntegerField(default=0)
    # Null or empty is what was not told; words are those of `execution.wire.sheets`.
    tick_value_loss = money_field(null=True, blank=True)
    freeze_level_points = models.PositiveIntegerField(null=True, blank=True)
    lots_limit = lots_field(null=True, blank=True)
    trade_mode = models.CharField(max_length=16, blank=True, default="")
    execution_mode = models.CharField(max_length=16, blank=True, default="")
    filling_modes = models.JSONField(null=True, blank=True)
    expiration_modes = models.JSONField(null=True, blank=True)
    order_modes = models.JSONField(null=True, blank=True)
    sessions = models.JSONField(null=True, blank=True)
    profit_currency = models.CharField(max_length=8, blank=True, default="")
    swap_mode = models.CharField(max_length=20, blank=True, default="")
    swap_long = money_field(null=True, blank=True)
    swap_short = money_field(null=True, blank=True)
    swap_triple_day = models.PositiveSmallIntegerField(null=True, blank=True)
    sheet_at = models.DateTimeField(null=True, blank=True)
    # Since when hello lists the symbol no longer: the sheet values what is open and opens nothing.
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "instrument"], name="symbol_map_once"),
            models.UniqueConstraint(
                fields=["account", "broker_symbol"], name="broker_symbol_mapped_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmation__isnull=True)
                | Q(**{f"{name}__isnull": False for name in SHEET_COLUMNS}),
                name="symbol_map_confirmed_with_sheet",
            ),
            models.CheckConstraint(
                condition=Q(trade_mode__in=["", *TRADE_MODES]), name="symbol_trade_mode_known"
            ),
            models.CheckConstraint(
                condition=Q(execution_mode__in=["", *EXECUTION_MODES]),
                name="symbol_execution_mode_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} = {self.broker_symbol}"

    @property
    def has_sheet(self) -> bool:
        """Whether the executor has told the contract."""
        return all(getattr(self, name) is not None for name in SHEET_COLUMNS)

    @property
    def is_confirmed(self) -> bool:
        """Whether entries may go through it."""
        return self.confirmation_id is not None


class SymbolConfirmation(models.Model):
    """A person's word that an instrument is this broker symbol, as it was shown; never changed.

    Revoking takes it out of force and is an event of its own; confirming again is another row.
    """

    symbol_map = models.ForeignKey(
        SymbolMap, on_delete=models.PROTECT, related_name="confirmations"
    )
    instrument = models.CharField(max_length=64)
    broker_symbol = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [actor_known("actor", name="symbol_confirmation_actor_form")]

    def __str__(self) -> str:
        return f"{self.instrument} = {self.broker_symbol}, by {self.actor}"
