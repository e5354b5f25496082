"""Sums that stay and marks behind which no read looks again."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import append_only, keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0005_cash_blind"),
        ("events", "0006_seal"),
        ("execution", "0025_deal_of_account"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="line", name="treasury_line_account"),
        migrations.AddIndex(
            model_name="line",
            index=models.Index(
                fields=["account", "entry"], include=["amount"], name="treasury_line_of_account"
            ),
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("debit", models.DecimalField(decimal_places=18, max_digits=38)),
                ("credit", models.DecimalField(decimal_places=18, max_digits=38)),
                ("recorded_until", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checkpoints",
                        to="treasury.ledgeraccount",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "entry"), name="treasury_checkpoint_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debit__gte", 0), ("credit__gte", 0)),
                        name="treasury_checkpoint_signs",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostedMark",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="treasury_posted_mark",
                        serialize=False,
                        to="execution.brokeraccount",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="execution.deal",
                    ),
                ),
            ],
        ),
        run_sql(__file__, "0006_checkpoints"),
        run_sql(__file__, "0006_posted_marks"),
        run_sql(__file__, "0006_posted_mark_trigger"),
        append_only("treasury_checkpoint"),
        keeps_rows("treasury_postedmark"),
    ]
