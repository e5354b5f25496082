"""Prices of currencies, and what is converted at them."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import append_only, keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("second_person", "0002_evidence"),
        ("treasury", "0012_distributions"),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceSnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "book",
                    models.CharField(choices=[("paper", "paper"), ("live", "live")], max_length=8),
                ),
                ("price", models.DecimalField(decimal_places=18, max_digits=38)),
                ("priced_at", models.DateTimeField()),
                ("source", models.CharField(max_length=180)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=80)),
                (
                    "base",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.currency",
                    ),
                ),
                (
                    "quote",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.currency",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Conversion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "book",
                    models.CharField(choices=[("paper", "paper"), ("live", "live")], max_length=8),
                ),
                ("amount", models.DecimalField(decimal_places=18, max_digits=38)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("done", "done"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("waits_for", models.CharField(blank=True, default="", max_length=300)),
                (
                    "received",
                    models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
                ),
                ("asked_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, default="", max_length=80)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversion",
                        to="treasury.entry",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversion",
                        to="second_person.request",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.ledgeraccount",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.ledgeraccount",
                    ),
                ),
                (
                    "price",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversions",
                        to="treasury.pricesnapshot",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="pricesnapshot",
            constraint=models.UniqueConstraint(
                fields=("book", "base", "quote", "priced_at", "source"), name="treasury_price_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pricesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(("book__in", ("paper", "live"))), name="treasury_price_book"
            ),
        ),
        migrations.AddConstraint(
            model_name="pricesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(("price__gt", 0)), name="treasury_price_above_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="pricesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(("base", models.F("quote")), _negated=True),
                name="treasury_price_of_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(("priced_at__lte", models.F("recorded_at"))),
                name="treasury_price_of_the_past",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__regex", "^(import|quotes|bars):[!-~][ -~]*$")),
                name="treasury_price_source_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "recorded_by__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="treasury_price_recorded_by_form",
            ),
        ),
        migrations.AddIndex(
            model_name="conversion",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["id"],
                name="treasury_conversion_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="treasury_conversion_amount"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "done", "withdrawn"])),
                name="treasury_conversion_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("entry__isnull", False),
                        ("price__isnull", False),
                        ("received__gt", 0),
                        ("state", "done"),
                    ),
                    models.Q(
                        models.Q(("state", "done"), _negated=True),
                        ("entry", None),
                        ("price", None),
                        ("received", None),
                    ),
                    _connector="OR",
                ),
                name="treasury_conversion_done_at_a_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", ""), ("state", "waiting")),
                    models.Q(
                        models.Q(("state", "waiting"), _negated=True),
                        ("ended_at__isnull", False),
                        models.Q(("ended_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="treasury_conversion_ended_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ended_by__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    ),
                    ("ended_by", ""),
                    _connector="OR",
                ),
                name="treasury_conversion_ended_by_form",
            ),
        ),
        run_sql(__file__, "0013_conversions"),
        run_sql(__file__, "0013_conversion_triggers"),
        append_only("treasury_pricesnapshot"),
        keeps_rows("treasury_conversion"),
    ]
