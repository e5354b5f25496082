"""Realised cash as steps and runs of steps, kept so that no line sums all of history."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0008_holds"),
        ("events", "0006_seal"),
        ("execution", "0025_deal_of_account"),
    ]

    operations = [
        migrations.CreateModel(
            name="CashStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.CharField(max_length=48)),
                ("book", models.CharField(max_length=8)),
                ("at", models.DateTimeField(null=True)),
                ("change", models.DecimalField(decimal_places=18, max_digits=38)),
                ("has_cash", models.BooleanField()),
                ("is_trade", models.BooleanField()),
                ("net", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                (
                    "currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.currency",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("place", "currency"), name="treasury_cashstep_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_trade", True), ("net__isnull", False)),
                            models.Q(("is_trade", False), ("net", None)),
                            _connector="OR",
                        ),
                        name="treasury_cashstep_net_of_trades",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["book", "currency", "at"], name="treasury_cashstep_in_time"
                    ),
                    models.Index(
                        condition=models.Q(
                            ("is_trade", True), models.Q(("net", models.F("change")), _negated=True)
                        ),
                        fields=["book", "currency"],
                        name="treasury_cashstep_lacking",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CashRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("book", models.CharField(max_length=8)),
                ("level", models.SmallIntegerField()),
                ("starts", models.DateTimeField()),
                ("steps", models.PositiveBigIntegerField()),
                ("change", models.DecimalField(decimal_places=18, max_digits=38)),
                ("opening", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ("first_at", models.DateTimeField(null=True)),
                ("last_at", models.DateTimeField(null=True)),
                ("low", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ("low_at", models.DateTimeField(null=True)),
                ("high", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ("high_at", models.DateTimeField(null=True)),
                ("trades", models.PositiveBigIntegerField()),
                ("trades_posted", models.PositiveBigIntegerField()),
                ("trades_change", models.DecimalField(decimal_places=18, max_digits=38)),
                ("net", models.DecimalField(decimal_places=18, max_digits=38)),
                ("wins", models.PositiveBigIntegerField()),
                ("won", models.DecimalField(decimal_places=18, max_digits=38)),
                ("losses", models.PositiveBigIntegerField()),
                ("lost", models.DecimalField(decimal_places=18, max_digits=38)),
                (
                    "currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.currency",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("book", "currency", "level", "starts"), name="treasury_cashrun_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CashMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entry_id", models.BigIntegerField()),
                ("event_id", models.BigIntegerField()),
                ("recorded_until", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="treasury_cashmark_one"
                    ),
                ],
            },
        ),
        run_sql(__file__, "0009_cash_tables"),
        run_sql(__file__, "0009_cash"),
        keeps_rows("treasury_cashstep"),
        keeps_rows("treasury_cashrun"),
        keeps_rows("treasury_cashmark"),
    ]
