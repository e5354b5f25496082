"""Provenance, limits and pinned dialects: columns, and the table that the limits count in."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql import run_sql
from signals.models.checks import OneOf


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0004_accept"),
    ]

    operations = [
        migrations.CreateModel(
            name="PeerWindow",
            fields=[
                ("peer", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField()),
                ("seen", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["peer"],
            },
        ),
        migrations.AddField(
            model_name="alert",
            name="grade",
            field=models.CharField(default="D", max_length=1),
        ),
        migrations.AddField(
            model_name="alert",
            name="provenance",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="strategy",
            name="dialects",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Dialects that may be sent; none listed means all.",
            ),
        ),
        migrations.AddField(
            model_name="strategy",
            name="entries_per_minute_max",
            field=models.PositiveIntegerField(
                default=60,
                help_text="Entries beyond this in a minute are refused; exits always pass.",
            ),
        ),
        migrations.AddField(
            model_name="strategy",
            name="live_grade_min",
            field=models.CharField(
                choices=[
                    ("A", "A: the sender itself is proven, and fresh"),
                    ("B", "B: secret, from a listed address, and fresh"),
                    ("C", "C: secret and fresh, or better but not fresh"),
                    ("D", "D: secret alone"),
                ],
                default="B",
                help_text="Provenance grade that an entry needs on a live account.",
                max_length=1,
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("event", "entry")),
                fields=["strategy", "created_at"],
                name="signals_decision_entries",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=OneOf("grade", ["A", "B", "C", "D"]),
                name="signals_alert_grade_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="strategy",
            constraint=models.CheckConstraint(
                condition=models.Q(("live_grade_min__in", ["A", "B", "C", "D"])),
                name="signals_strategy_live_grade_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="strategy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("entries_per_minute_max__gte", 1), ("entries_per_minute_max__lte", 10000)
                ),
                name="signals_strategy_entries_1_to_10000",
            ),
        ),
        migrations.AlterField(
            model_name="alert",
            name="strategy",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alerts",
                to="signals.strategy",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="alert",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="signals.alert",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="strategy",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="signals.strategy",
            ),
        ),
        run_sql(__file__, "0005_edge"),
    ]
