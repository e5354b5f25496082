"""Positions that senders told, and when the next alert is due."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0005_edge"),
    ]

    operations = [
        migrations.CreateModel(
            name="Expectation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("trade", "Trades of a symbol"), ("test", "Canary")], max_length=8
                    ),
                ),
                ("instrument", models.CharField(blank=True, default="", max_length=64)),
                (
                    "declared_seconds",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How often a canary comes, as the strategy's owner says.",
                        null=True,
                    ),
                ),
                ("last_alert_id", models.BigIntegerField(default=0)),
                ("last_at", models.DateTimeField(blank=True, null=True)),
                ("due_by", models.DateTimeField(blank=True, null=True)),
                (
                    "strategy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expectations",
                        to="signals.strategy",
                    ),
                ),
            ],
            options={
                "ordering": ["strategy", "kind", "instrument"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_by__isnull", False)),
                        fields=["due_by"],
                        name="signals_expectation_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("strategy", "kind", "instrument"), name="signals_expectation_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("declared_seconds__isnull", True),
                                ("kind", "trade"),
                                models.Q(("instrument", ""), _negated=True),
                            ),
                            models.Q(("instrument", ""), ("kind", "test")),
                            _connector="OR",
                        ),
                        name="signals_expectation_fits_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("declared_seconds__isnull", True),
                            models.Q(
                                ("declared_seconds__gte", 30), ("declared_seconds__lte", 604800)
                            ),
                            _connector="OR",
                        ),
                        name="signals_expectation_30_s_to_7_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ToldPosition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("instrument", models.CharField(max_length=64)),
                ("received_at", models.DateTimeField()),
                ("before", models.CharField(blank=True, default="", max_length=16)),
                (
                    "before_size",
                    models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
                ),
                ("after", models.CharField(blank=True, default="", max_length=16)),
                (
                    "after_size",
                    models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
                ),
                ("gap_after", models.BigIntegerField(blank=True, null=True)),
                (
                    "alert",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told_position",
                        to="signals.alert",
                    ),
                ),
                (
                    "strategy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="signals.strategy",
                    ),
                ),
            ],
            options={
                "ordering": ["-alert_id"],
                "indexes": [
                    models.Index(
                        fields=["strategy", "instrument", "-alert"], name="signals_told_chain"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("before__regex", "^((flat|long|short)(,(flat|long|short)){0,2})?$")
                        ),
                        name="signals_told_before_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("after__regex", "^((flat|long|short)(,(flat|long|short)){0,2})?$")
                        ),
                        name="signals_told_after_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("gap_after__isnull", True),
                            models.Q(("gap_after", models.F("alert_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="signals_told_gap_has_two_ends",
                    ),
                ],
            },
        ),
    ]
