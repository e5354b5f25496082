"""A policy says whether an entry must name a stop; those that stand ask for one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0002_sql")]

    operations = [
        migrations.AddField(
            model_name="strategypolicy",
            name="stop",
            field=models.CharField(
                choices=[
                    ("required", "Required"),
                    ("optional", "Optional: without one the loss is not limited"),
                ],
                default="required",
                help_text="Whether an entry must name a stop. Where it is optional and missing, "
                "the alert's size counts, or lots_default of the subscription, and the loss is "
                "not limited.",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="strategypolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("stop__in", ["required", "optional"])),
                name="signals_policy_stop_known",
            ),
        ),
    ]
