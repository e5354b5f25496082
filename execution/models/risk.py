"""What bounds entries: limits, and what the claims of executors are held against."""

from django.db import models
from django.db.models import Q

from execution.models.accounts import BrokerAccount, SymbolMap
from execution.models.fields import money_field
from execution.risk.limits import LIMITS, Scope
from fusion_project.events.actors import actor_known

_OF_SCOPE = {
    Scope.ALL: Q(account__isnull=True, strategy__isnull=True, instrument=""),
    Scope.ACCOUNT: Q(account__isnull=False, strategy__isnull=True, instrument=""),
    Scope.STRATEGY: Q(account__isnull=True, strategy__isnull=False, instrument=""),
    Scope.INSTRUMENT: Q(account__isnull=True, strategy__isnull=True) & ~Q(instrument=""),
}
_SCOPE_FITS = Q()
for _scope, _keys in _OF_SCOPE.items():
    _SCOPE_FITS |= Q(Q(scope=_scope.value), _keys)


class RiskLimit(models.Model):
    """One version of one limit in one scope; the newest is in force, without a value it is lifted.

    Never changed. `request` is the second person's that allowed to raise it.
    """

    subject_label = "execution.limit"

    scope = models.CharField(max_length=10, choices={one.value: one.value for one in Scope})
    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="limits"
    )
    strategy = models.ForeignKey(
        "signals.Strategy", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    instrument = models.CharField(max_length=64, blank=True, default="")
    name = models.CharField(max_length=40, choices={name: name for name in LIMITS})
    value = models.DecimalField(max_digits=28, decimal_places=10, null=True, blank=True)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True, default="")
    request = models.ForeignKey(
        "second_person.Request",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "account", "strategy", "instrument", "name", "version"],
                name="limit_version_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=_SCOPE_FITS, name="limit_scope_fits_keys"),
            models.CheckConstraint(condition=Q(name__in=list(LIMITS)), name="limit_name_known"),
            models.CheckConstraint(condition=Q(value__gte=0), name="limit_value_not_negative"),
            models.CheckConstraint(condition=Q(version__gte=1), name="limit_version_from_one"),
            actor_known("actor", name="limit_actor_form"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.scope}, version {self.version}"


class AccountMark(models.Model):
    """What an account's equity is held against: the first of its day, and the highest.

    `result` is equity less what was paid in since `began_at`; it is written by heartbeats whose
    deals are all known here. A doubted equity moves nothing until a person confirms it.
    """

    account = models.OneToOneField(
        BrokerAccount, on_delete=models.PROTECT, primary_key=True, related_name="mark"
    )
    began_at = models.DateTimeField()
    told_at = models.DateTimeField()
    paid_in = money_field(default=0)
    equity = money_field()
    result = money_field()
    day = models.DateField()
    day_equity = money_field()
    day_result = money_field()
    highest_equity = money_field()
    highest_result = money_field()
    doubted_at = models.DateTimeField(null=True, blank=True)
    doubt = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(highest_result__gte=models.F("result")), name="mark_highest_is_highest"
            ),
        ]

    def __str__(self) -> str:
        return f"marks of account {self.account_id}"


class SheetMark(models.Model):
    """The contract that a symbol's sheets are held against: the first told, or a confirmed one.

    Positions that closed before `confirmed_at` say nothing against it any more.
    """

    symbol_map = models.OneToOneField(
        SymbolMap, on_delete=models.PROTECT, primary_key=True, related_name="mark"
    )
    money_per_price = models.DecimalField(max_digits=38, decimal_places=18)
    contract_size = money_field()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    doubted_at = models.DateTimeField(null=True, blank=True)
    doubt = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"contract of symbol map {self.symbol_map_id}"


class ClaimConfirmation(models.Model):
    """A person's word that an executor's doubted claim is true, as it was shown; never changed."""

    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="+")
    # Empty where equity was doubted.
    symbol_map = models.ForeignKey(
        SymbolMap, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    doubt = models.CharField(max_length=200)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    note = models.CharField(max_length=200)

    class Meta:
        constraints = [
            actor_known("actor", name="claim_confirmation_actor_form"),
            models.CheckConstraint(condition=~Q(note=""), name="claim_confirmation_has_note"),
        ]

    def __str__(self) -> str:
        return f"{self.doubt}, confirmed by {self.actor}"
