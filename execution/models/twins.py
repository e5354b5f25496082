"""Paper twins: which paper account gets the same decisions as a live one, and since when."""

from django.db import models
from django.db.models import F, Q

from execution.models.accounts import BrokerAccount
from fusion_project.events.actors import actor_known


class Twin(models.Model):
    """`account`, of the paper book, follows what `live` follows, with the same lots and sizes.

    It is ended once and stays; `execution_twin_birth` and `execution_twin_follows` in
    `sql/twins.sql` hold the rest.
    """

    account = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="twins")
    live = models.ForeignKey(BrokerAccount, on_delete=models.PROTECT, related_name="paper_twins")
    began_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_at__isnull=True), name="twin_of_one"
            ),
            models.UniqueConstraint(
                fields=["live"], condition=Q(ended_at__isnull=True), name="twin_once_per_live"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="")
                | (Q(ended_at__gte=F("began_at")) & ~Q(ended_by="")),
                name="twin_end_is_whole",
            ),
            actor_known("actor", name="twin_actor_form"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}, twin of {self.live_id}"
