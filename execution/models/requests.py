"""What a person asks to be closed at once: a position, an account, or everything."""

from django.db import models
from django.db.models import Q

from execution.models.accounts import BrokerAccount
from fusion_project.events.actors import actor_known

EVERYTHING, ACCOUNT, POSITION = CLOSE_SCOPES = ("all", "account", "position")


class CloseRequest(models.Model):
    """A person's word that positions be closed; its orders come from it and from no decision.

    It lowers risk, so one person is enough. Append-only. `with_foreign`: positions that none of
    our orders opened are meant too.
    """

    subject_label = "execution.close_request"

    scope = models.CharField(max_length=8, choices={scope: scope for scope in CLOSE_SCOPES})
    account = models.ForeignKey(
        BrokerAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    position_ticket = models.BigIntegerField(default=0)
    with_foreign = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()
    trace_id = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope=EVERYTHING, account__isnull=True, position_ticket=0)
                | Q(scope=ACCOUNT, account__isnull=False, position_ticket=0)
                | Q(scope=POSITION, account__isnull=False, position_ticket__gt=0),
                name="close_request_has_target",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="close_request_has_reason"),
            actor_known("actor", name="close_request_actor_form"),
        ]

    def __str__(self) -> str:
        return f"close {self.scope} {self.position_ticket or ''}".strip()
