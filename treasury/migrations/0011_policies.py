"""Policies of who gets what, and what is under them."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import append_only, keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0030_resting_rules"),
        ("second_person", "0002_evidence"),
        ("treasury", "0010_checks"),
    ]

    operations = [
        run_sql(__file__, "0011_policies"),
        migrations.CreateModel(
            name="AllocationPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=16, unique=True)),
                ("shares", models.JSONField()),
                ("kept", models.JSONField(default=list)),
                ("per_unit", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name_plural": "allocation policies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__in", ("house", "investor", "subscription"))),
                        name="treasury_allocationpolicy_code",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("bps", models.JSONField()),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(default="system", max_length=80)),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="treasury.allocationpolicy",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policy_version",
                        to="second_person.request",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RevenueStream",
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
                ("name", models.CharField(max_length=40)),
                ("digits", models.PositiveSmallIntegerField(default=2)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=80)),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.currency",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PolicyBinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField(blank=True, null=True)),
                ("recorded_by", models.CharField(max_length=80)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="treasury_policies",
                        to="execution.brokeraccount",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bindings",
                        to="treasury.allocationpolicy",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policy_binding",
                        to="second_person.request",
                    ),
                ),
                (
                    "stream",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="policies",
                        to="treasury.revenuestream",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.UniqueConstraint(
                fields=("policy", "version"), name="treasury_policyversion_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(
                        models.F("bps"),
                        function="treasury_bps_sum",
                        output_field=models.IntegerField(),
                    ),
                    10000,
                ),
                name="treasury_policyversion_sum",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until", None),
                    ("valid_until__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="treasury_policyversion_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "recorded_by__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="treasury_policyversion_recorded_by_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="revenuestream",
            constraint=models.UniqueConstraint(
                fields=("book", "name"), name="treasury_revenuestream_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="revenuestream",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "^[A-Z0-9][A-Za-z0-9-]*$")),
                name="treasury_revenuestream_name_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="revenuestream",
            constraint=models.CheckConstraint(
                condition=models.Q(("book__in", ("paper", "live"))),
                name="treasury_revenuestream_book",
            ),
        ),
        migrations.AddConstraint(
            model_name="revenuestream",
            constraint=models.CheckConstraint(
                condition=models.Q(("digits__lte", 18)), name="treasury_revenuestream_digits"
            ),
        ),
        migrations.AddConstraint(
            model_name="revenuestream",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "created_by__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="treasury_revenuestream_created_by_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="policybinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account__isnull", False), ("stream", None)),
                    models.Q(("account", None), ("stream__isnull", False)),
                    _connector="OR",
                ),
                name="treasury_policybinding_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="policybinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until", None),
                    ("valid_until__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="treasury_policybinding_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="policybinding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "recorded_by__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="treasury_policybinding_recorded_by_form",
            ),
        ),
        run_sql(__file__, "0011_policy_tables"),
        append_only("treasury_allocationpolicy"),
        append_only("treasury_revenuestream"),
        keeps_rows("treasury_policyversion"),
        keeps_rows("treasury_policybinding"),
    ]
