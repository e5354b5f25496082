"""What is set apart on an account with a floor until its entry comes, or it is let go."""

from django.db import models
from django.db.models import F, Q

from fusion_project.events.actors import actor_known
from fusion_project.text.formats import exact_number
from treasury.models.ledger import Entry, LedgerAccount, money_field
from treasury.rules.states import HOLD_EDGES, PENDING, POSTED


class Hold(models.Model):
    """An amount that the entry named by `entry_key` may take, and nobody else until then.

    `amount` is in the account's own direction, so above zero. Rows move along `states.HOLD_EDGES`,
    once; the line trigger posts, people and time let go.
    """

    subject_label = "treasury.hold"

    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="holds")
    entry_key = models.CharField(max_length=200)
    amount = money_field()
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, default=PENDING, choices={state: state for state in HOLD_EDGES}
    )
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    ended_by = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry_key", "account"], name="treasury_hold_once_for_an_entry"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="treasury_hold_above_zero"),
            models.CheckConstraint(
                condition=Q(state__in=list(HOLD_EDGES)), name="treasury_hold_state_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="treasury_hold_has_reason"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="treasury_hold_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(state=POSTED, entry__isnull=False) | (~Q(state=POSTED) & Q(entry=None)),
                name="treasury_hold_posted_by_an_entry",
            ),
            models.CheckConstraint(
                condition=Q(state=PENDING, ended_at=None, ended_by="")
                | (~Q(state=PENDING) & Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="treasury_hold_ended_by_one",
            ),
            actor_known("made_by", name="treasury_hold_made_by_form"),
            actor_known("ended_by", name="treasury_hold_ended_by_form", or_empty=True),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state=PENDING), name="treasury_hold_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{exact_number(self.amount)} for {self.entry_key} ({self.state})"
