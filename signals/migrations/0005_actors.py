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
    dependencies = [("signals", "0004_evidence")]
    operations = [
        AddConstraintNotValid(
            "lobeweight",
            models.CheckConstraint(
                condition=models.Q(("actor__regex", _FORM)), name="signals_weight_actor_form"
            ),
        ),
        AddConstraintNotValid(
            "strategypolicy",
            models.CheckConstraint(
                condition=models.Q(("actor__regex", _FORM)), name="signals_policy_actor_form"
            ),
        ),
    ]
