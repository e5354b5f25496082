"""What was compared with the broker: the last check of each kind, and statements."""

from django.db import models
from django.db.models import Q

from treasury.models.ledger import money_field
from treasury.rules import checking


class AccountCheck(models.Model):
    """The last comparison of one kind for one account; each that differs is an incident.

    `ours` and `theirs` are what the ledger and the broker say (of open tickets: how many), null
    where one says nothing. `since_at`: since when the state is what it is.
    """

    account = models.ForeignKey(
        "execution.BrokerAccount",
        on_delete=models.PROTECT,
        related_name="treasury_checks",
        db_index=False,
    )
    kind = models.CharField(max_length=12, choices={one: one for one in checking.KINDS})
    state = models.CharField(max_length=12, choices={one: one for one in checking.STATES})
    ours = money_field(null=True)
    theirs = money_field(null=True)
    difference = money_field()
    note = models.CharField(max_length=500, blank=True, default="")
    mismatches_in_row = models.PositiveIntegerField(default=0)
    # The heartbeat that was compared; a statement has none.
    heartbeat_at = models.DateTimeField(null=True)
    since_at = models.DateTimeField()
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="treasury_check_once"),
            models.CheckConstraint(
                condition=Q(kind__in=checking.KINDS), name="treasury_check_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=checking.STATES), name="treasury_check_state"
            ),
            # Of equity the broker's own rounding is let pass.
            models.CheckConstraint(
                condition=~Q(state=checking.AGREES) | Q(difference=0) | Q(kind=checking.EQUITY),
                name="treasury_check_agrees_without_difference",
            ),
            models.CheckConstraint(
                condition=Q(state=checking.AGREES, mismatches_in_row=0)
                | Q(state=checking.NOT_TOLD, mismatches_in_row=0)
                | Q(state__in=(checking.DIFFERS, checking.BLIND), mismatches_in_row__gt=0),
                name="treasury_check_counts_mismatches",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind} {self.state}"

    @property
    def agrees(self) -> bool:
        return self.state == checking.AGREES


class Statement(models.Model):
    """A broker's statement that was compared deal by deal. Append-only."""

    account = models.ForeignKey(
        "execution.BrokerAccount", on_delete=models.PROTECT, related_name="treasury_statements"
    )
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    deals = models.PositiveIntegerField()
    differing = models.PositiveIntegerField()
    # The broker's clock, as in deals.
    first_time_msc = models.BigIntegerField()
    last_time_msc = models.BigIntegerField()
    imported_at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="treasury_statement_hash_form"
            ),
            models.CheckConstraint(condition=Q(deals__gt=0), name="treasury_statement_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.account_id}"


class StatementDifference(models.Model):
    """What one ticket of a statement says otherwise than our deal. Append-only.

    `column` is that of the file; `missing` where the statement lacks the deal.
    """

    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="differences", db_index=False
    )
    ticket = models.BigIntegerField()
    column = models.CharField(max_length=12)
    ours = models.CharField(max_length=80)
    theirs = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "ticket", "column"], name="treasury_statement_difference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} {self.column}: {self.ours}, not {self.theirs}"
