"""Periods of a book that are closed, with a statement that stays."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("treasury", "0013_prices")]

    operations = [
        migrations.CreateModel(
            name="PeriodClose",
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
                ("period", models.CharField(max_length=10)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField()),
                ("sha256", models.CharField(max_length=64)),
                ("closed_at", models.DateTimeField()),
                ("closed_by", models.CharField(max_length=80)),
                (
                    "cutoff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.entry",
                    ),
                ),
                (
                    "previous",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="following",
                        to="treasury.periodclose",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PeriodAdjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustment",
                        to="treasury.entry",
                    ),
                ),
                (
                    "belongs_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjusted_by",
                        to="treasury.periodclose",
                    ),
                ),
                (
                    "close",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="treasury.periodclose",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PeriodFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opening", models.DecimalField(decimal_places=18, max_digits=38)),
                ("debit", models.DecimalField(decimal_places=18, max_digits=38)),
                ("credit", models.DecimalField(decimal_places=18, max_digits=38)),
                ("adjusted", models.DecimalField(decimal_places=18, max_digits=38)),
                ("closing", models.DecimalField(decimal_places=18, max_digits=38)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="treasury.ledgeraccount",
                    ),
                ),
                (
                    "close",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="figures",
                        to="treasury.periodclose",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="periodclose",
            constraint=models.UniqueConstraint(
                fields=("book", "period"), name="treasury_period_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="periodclose",
            constraint=models.UniqueConstraint(
                fields=("book", "ends_at"), name="treasury_period_ends_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="periodclose",
            constraint=models.CheckConstraint(
                condition=models.Q(("book__in", ("paper", "live"))), name="treasury_period_book"
            ),
        ),
        migrations.AddConstraint(
            model_name="periodclose",
            constraint=models.CheckConstraint(
                condition=models.Q(("period__regex", "^\\d{4}-\\d{2}(-\\d{2})?$")),
                name="treasury_period_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodclose",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("previous", None), ("starts_at", None)),
                    models.Q(("previous__isnull", False), ("starts_at__lt", models.F("ends_at"))),
                    _connector="OR",
                ),
                name="treasury_period_follows",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodclose",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_at__gte", models.F("ends_at"))),
                name="treasury_period_is_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodclose",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                name="treasury_period_hash_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodclose",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "closed_by__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="treasury_period_closed_by_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodadjustment",
            constraint=models.UniqueConstraint(
                fields=("close", "entry"), name="treasury_adjustment_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="periodfigure",
            constraint=models.UniqueConstraint(
                fields=("close", "account"), name="treasury_figure_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="periodfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credit__gte", 0),
                    ("debit__gte", 0),
                    (
                        "closing",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("opening"), "+", models.F("debit")
                            ),
                            "-",
                            models.F("credit"),
                        ),
                    ),
                ),
                name="treasury_figure_adds_up",
            ),
        ),
        run_sql(__file__, "0014_periods"),
        run_sql(__file__, "0014_entries"),
        run_sql(__file__, "0014_period_triggers"),
        append_only("treasury_periodclose"),
        append_only("treasury_periodfigure"),
        append_only("treasury_periodadjustment"),
    ]
