"""The seal: events know their server, and batches of them are hashed and chained.

Rows from before keep cluster 0: what wrote them is over, as adding the column waits for it.
"""

import django.db.models.lookups
from django.db import migrations, models

import fusion_project.events.models
from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("events", "0005_life_sign")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="cluster",
            field=models.BigIntegerField(db_default=0),
        ),
        migrations.CreateModel(
            name="SealBatch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "log", "n", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("log", models.TextField()),
                ("n", models.BigIntegerField()),
                ("sealed_at", models.DateTimeField()),
                ("count", models.IntegerField()),
                ("root", models.BinaryField()),
                ("previous", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("cluster", models.BigIntegerField()),
                ("xid", models.BigIntegerField()),
                ("seen_id", models.BigIntegerField()),
                ("floor_id", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("log", "previous"), name="events_sealbatch_no_fork"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("n__gte", 1), ("count__gte", 1)),
                        name="events_sealbatch_holds_rows",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            models.Func(
                                models.F("root"),
                                function="octet_length",
                                output_field=models.IntegerField(),
                            ),
                            32,
                        ),
                        name="events_sealbatch_root",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            models.Func(
                                models.F("previous"),
                                function="octet_length",
                                output_field=models.IntegerField(),
                            ),
                            32,
                        ),
                        name="events_sealbatch_previous",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            models.Func(
                                models.F("hash"),
                                function="octet_length",
                                output_field=models.IntegerField(),
                            ),
                            32,
                        ),
                        name="events_sealbatch_hash",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealLeaf",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "log",
                        "n",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("log", models.TextField()),
                ("n", models.BigIntegerField()),
                ("position", models.IntegerField()),
                ("row_id", models.BigIntegerField()),
                ("sha256", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("log", "row_id"), name="events_sealleaf_once"),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            models.Func(
                                models.F("sha256"),
                                function="octet_length",
                                output_field=models.IntegerField(),
                            ),
                            32,
                        ),
                        name="events_sealleaf_hash",
                    ),
                ],
            },
        ),
        run_sql(__file__, "0006_seal"),
        run_sql(__file__, "0006_log"),
        run_sql(__file__, "0006_sealable"),
        migrations.AlterField(
            model_name="event",
            name="cluster",
            field=models.BigIntegerField(db_default=fusion_project.events.models.ThisCluster()),
        ),
        append_only("events_sealbatch"),
        append_only("events_sealleaf"),
    ]
