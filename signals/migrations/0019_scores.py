"""Running scores, one row for each learned state."""

from django.db import migrations, models
from django.db.models.deletion import PROTECT

from fusion_project.events.sql_files import append_only


class Migration(migrations.Migration):
    dependencies = [("signals", "0018_gates")]
    operations = [
        migrations.CreateModel(
            name="FusionScore",
            fields=[
                (
                    "state",
                    models.OneToOneField(
                        on_delete=PROTECT,
                        primary_key=True,
                        related_name="score",
                        serialize=False,
                        to="signals.fusionstate",
                    ),
                ),
                ("value", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={"ordering": ["-state"]},
        ),
        append_only("signals_fusionscore"),
    ]
