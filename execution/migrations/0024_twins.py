"""Paper twins of live accounts, which follow the same at each commit."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0023_matching")]
    operations = [
        migrations.CreateModel(
            name="Twin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=80)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="twins",
                        to="execution.brokeraccount",
                    ),
                ),
                (
                    "live",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper_twins",
                        to="execution.brokeraccount",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="twin",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("account",),
                name="twin_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="twin",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("live",),
                name="twin_once_per_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="twin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by", "")),
                    models.Q(
                        ("ended_at__gte", models.F("began_at")),
                        models.Q(("ended_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="twin_end_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="twin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "actor__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="twin_actor_form",
            ),
        ),
        run_sql(__file__, "0024_twins"),
        run_sql(__file__, "0024_twin_triggers"),
        keeps_rows("execution_twin"),
    ]
