"""Units that investors hold of an account, and what was distributed."""

from django.db import models
from django.db.models import Q

from execution.models import BrokerAccount
from treasury.models.ledger import BOOKS, Entry, money_field
from treasury.models.policies import PolicyVersion


class UnitSeries(models.Model):
    """What one holder took of an account at one time; its mark only rises.

    `holder` is a reference, never a person's name. The units themselves stand in the ledger.
    """

    subject_label = "treasury.unit_series"

    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    holder = models.CharField(max_length=40)
    mark = money_field()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "unit series"
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="treasury_unitseries_once"),
            models.CheckConstraint(condition=Q(mark__gt=0), name="treasury_unitseries_mark_sign"),
            models.CheckConstraint(
                condition=Q(holder__regex=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
                name="treasury_unitseries_holder_form",
            ),
        ]

    def __str__(self) -> str:
        return f"series {self.number} of account {self.account_id}"


class Distribution(models.Model):
    """One distribution that was made: up to which sealed entry, from what, and its entry.

    `figures`: per place what it was worked out from, as the second person saw it.
    """

    subject_label = "treasury.distribution"

    book = models.CharField(max_length=8, choices={book: book for book in BOOKS})
    period = models.CharField(max_length=10)
    version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="distributions"
    )
    cutoff = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="distribution")
    request = models.OneToOneField(
        "second_person.Request", on_delete=models.PROTECT, related_name="distribution"
    )
    figures = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["book", "period", "version"], name="treasury_distribution_once"
            ),
            models.CheckConstraint(
                condition=Q(period__regex=r"^\d{4}-\d{2}(-\d{2})?$"),
                name="treasury_distribution_period_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.book} {self.period}"


class DistributionSource(models.Model):
    """An account whose results a distribution has counted. Append-only.

    `place`: a part of ledger codes, such as `House` or `Investor:Demo-5001`.
    """

    distribution = models.ForeignKey(Distribution, on_delete=models.PROTECT, related_name="sources")
    account = models.ForeignKey(
        BrokerAccount, on_delete=models.PROTECT, related_name="treasury_distributions"
    )
    place = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["distribution", "account"], name="treasury_distributionsource_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.distribution_id}"
