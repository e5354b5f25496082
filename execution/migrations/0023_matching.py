"""Deals matched to orders, what lowers risk asked again, numbers that a restore does not repeat."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0022_limit_rules"),
        ("signals", "0010_strategies"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderPlace",
            fields=[
                ("place", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="broker_zone",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="instance_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="journal_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="blind_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="gone_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="attempt",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="order",
            name="target_order",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="execution.order",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="state_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="deal",
            name="at_is_sure",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="deal",
            name="held_for",
            field=models.CharField(blank=True, default="", max_length=8),
        ),
        migrations.AddField(
            model_name="position",
            name="volume_base_lots",
            field=models.DecimalField(decimal_places=10, default=0, max_digits=28),
        ),
        migrations.RemoveConstraint(model_name="order", name="order_once_per_target"),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision__isnull", False)),
                fields=("decision", "account", "position_ticket", "target_order", "attempt"),
                name="order_once_per_target",
                nulls_distinct=False,
            ),
        ),
        migrations.RemoveConstraint(model_name="order", name="order_once_per_request"),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("request__isnull", False)),
                fields=("request", "account", "position_ticket", "attempt"),
                name="order_once_per_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("attempt__gte", 1)), name="order_attempt_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("held_for", ""),
                    models.Q(("held_for__in", ("moment", "orphan")), ("order__isnull", True)),
                    _connector="OR",
                ),
                name="deal_held_counts_nowhere",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("position_ticket__gt", 0)),
                fields=["account", "position_ticket"],
                name="order_by_position",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("filled_lots", 0),
                    ("state", "done"),
                    models.Q(("verb", "amend"), _negated=True),
                ),
                fields=["ended_at"],
                name="order_done_without_deal",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                condition=models.Q(("held_for", ""), _negated=True),
                fields=["account", "ticket"],
                name="deal_held",
            ),
        ),
        run_sql(__file__, "0023_matching"),
        run_sql(__file__, "0023_orders"),
        run_sql(__file__, "0023_closing"),
        run_sql(__file__, "0023_positions"),
        run_sql(__file__, "0023_folds"),
        run_sql(__file__, "0023_volumes"),
        run_sql(__file__, "0023_numbers"),
        run_sql(__file__, "0023_numbers_trigger"),
        append_only("execution_orderplace"),
    ]
