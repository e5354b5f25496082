"""What each strategy can trade just now, kept by execution."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0003_policy_stop")]

    operations = [
        migrations.CreateModel(
            name="Tradable",
            fields=[
                (
                    "strategy",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="tradable",
                        serialize=False,
                        to="signals.strategy",
                    ),
                ),
                ("reasons", models.JSONField(blank=True, default=dict)),
                ("otherwise", models.CharField(blank=True, default="", max_length=64)),
                ("updated_at", models.DateTimeField()),
            ],
            options={"verbose_name_plural": "tradable", "ordering": ["strategy"]},
        ),
    ]
