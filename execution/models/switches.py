"""Switches, version by version: what stops entries, for whom, who turned it, when and why."""

from django.db import models
from django.db.models import Q

from execution.rules.switches import ALL, SCOPES, STATES
from fusion_project.events.actors import actor_known


class Switch(models.Model):
    """One turn of one switch. A target's newest version counts; one without any is active.

    Append-only. What allows more than the version before comes from a request of two people
    (`execution_switch_birth` in `sql/switches.sql`).
    """

    scope = models.CharField(max_length=10, choices={scope: scope for scope in SCOPES})
    # An account's or strategy's number, an instrument, nothing for all.
    key = models.CharField(max_length=64, blank=True, default="")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices={state: state for state in STATES})
    reason = models.CharField(max_length=200)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()
    request = models.OneToOneField(
        "second_person.Request", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name_plural = "switches"
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "key", "version"], name="execution_switch_version_once"
            ),
            models.CheckConstraint(condition=Q(scope__in=SCOPES), name="execution_switch_scope"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="execution_switch_state"),
            models.CheckConstraint(
                condition=Q(scope=ALL, key="") | (~Q(scope=ALL) & ~Q(key="")),
                name="execution_switch_has_target",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="execution_switch_has_reason"),
            actor_known("actor", name="execution_switch_actor_form"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key} {self.state}".replace("  ", " ")
