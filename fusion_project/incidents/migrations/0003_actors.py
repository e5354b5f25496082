"""An actor has one of the forms of `fusion_project.text.actors`.

Not validated: rows never change, and a shell of 0.1.0 took any text for an actor.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

_FORM = (
    "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|"
    "handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$"
)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_evidence")]
    operations = [
        AddConstraintNotValid(
            "incident",
            models.CheckConstraint(
                condition=models.Q(("closed_by__regex", _FORM), ("closed_by", ""), _connector="OR"),
                name="incidents_closed_by_form",
            ),
        ),
    ]
