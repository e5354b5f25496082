"""Closed trades by day, account and strategy; checkpoints are found by when they were recorded."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0014_periods"),
        ("execution", "0032_shares"),
        ("signals", "0022_callers"),
    ]

    operations = [
        migrations.CreateModel(
            name="TradeDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("book", models.CharField(max_length=8)),
                ("day", models.DateField()),
                ("trades", models.PositiveBigIntegerField()),
                ("wins", models.PositiveBigIntegerField()),
                ("result", models.DecimalField(decimal_places=18, max_digits=38)),
                ("costs", models.DecimalField(decimal_places=18, max_digits=38)),
                ("net", models.DecimalField(decimal_places=18, max_digits=38)),
                ("net_foreign", models.DecimalField(decimal_places=18, max_digits=38)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="execution.brokeraccount",
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.currency",
                    ),
                ),
                (
                    "strategy",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signals.strategy",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("book", "day", "currency", "account", "strategy"),
                        name="treasury_tradeday_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="checkpoint",
            index=models.Index(
                fields=["recorded_until", "entry"], name="treasury_checkpoint_recorded"
            ),
        ),
        run_sql(__file__, "0015_results"),
        keeps_rows("treasury_tradeday"),
    ]
