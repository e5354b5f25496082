"""The incident table: one open row per kind and subject."""

from django.db import models
from django.db.models import Q

from fusion_project.events.actors import actor_known
from fusion_project.incidents.kinds import KINDS, IncidentKind


class Incident(models.Model):
    """Something that needs a person, from opening to the note that closes it."""

    kind = models.TextField()
    subject = models.TextField()
    trace_id = models.TextField(blank=True, db_default="")
    note = models.TextField()
    times_seen = models.PositiveIntegerField(db_default=1)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, db_default="")
    closing_note = models.TextField(blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(closed_at=None),
                name="incidents_one_open_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(closing_note=""), name="incidents_closed_with_note"
            ),
            actor_known("closed_by", name="incidents_closed_by_form", or_empty=True),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def about(self) -> IncidentKind | None:
        """What the table says of the kind; None for one that has left it since."""
        return KINDS.get(self.kind)
