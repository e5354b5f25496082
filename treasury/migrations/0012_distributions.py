"""Units of investors, distributions, and the policies with their first versions."""

import datetime as dt
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.clock import now
from fusion_project.events.sql_files import append_only, keeps_rows, run_sql

SINCE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
POLICIES: list[dict[str, Any]] = [
    {
        "code": "house",
        "bps": {"burn": 2_000, "reward": 3_000, "retained": 5_000},
        "kept": ["retained"],
        "per_unit": False,
    },
    {
        "code": "investor",
        "bps": {"payout": 6_400, "reinvest": 1_600, "fee": 2_000},
        "kept": ["reinvest"],
        "per_unit": True,
    },
    {
        "code": "subscription",
        "bps": {"operations": 4_800, "invest": 3_200, "burn": 2_000},
        "kept": [],
        "per_unit": False,
    },
]


def policies_seed(apps: Any, _schema_editor: Any) -> None:
    policy_model = apps.get_model("treasury", "AllocationPolicy")
    version_model = apps.get_model("treasury", "PolicyVersion")
    for row in POLICIES:
        policy = policy_model.objects.create(
            code=row["code"], shares=list(row["bps"]), kept=row["kept"], per_unit=row["per_unit"]
        )
        version_model.objects.create(
            policy=policy, version=1, bps=row["bps"], valid_from=SINCE, recorded_at=now()
        )


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0030_resting_rules"),
        ("second_person", "0002_evidence"),
        ("treasury", "0011_policies"),
    ]

    operations = [
        run_sql(__file__, "0012_distributions"),
        migrations.CreateModel(
            name="Distribution",
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
                ("figures", models.JSONField()),
                ("made_at", models.DateTimeField()),
                (
                    "cutoff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treasury.entry",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="distribution",
                        to="treasury.entry",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="distribution",
                        to="second_person.request",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="distributions",
                        to="treasury.policyversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UnitSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("holder", models.CharField(max_length=40)),
                ("mark", models.DecimalField(decimal_places=18, max_digits=38)),
                ("issued_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="execution.brokeraccount",
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
                "verbose_name_plural": "unit series",
            },
        ),
        migrations.CreateModel(
            name="DistributionSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.CharField(max_length=120)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="treasury_distributions",
                        to="execution.brokeraccount",
                    ),
                ),
                (
                    "distribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sources",
                        to="treasury.distribution",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("distribution", "account"), name="treasury_distributionsource_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="distribution",
            constraint=models.UniqueConstraint(
                fields=("book", "period", "version"), name="treasury_distribution_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="distribution",
            constraint=models.CheckConstraint(
                condition=models.Q(("period__regex", "^\\d{4}-\\d{2}(-\\d{2})?$")),
                name="treasury_distribution_period_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitseries",
            constraint=models.UniqueConstraint(
                fields=("account", "number"), name="treasury_unitseries_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="unitseries",
            constraint=models.CheckConstraint(
                condition=models.Q(("mark__gt", 0)), name="treasury_unitseries_mark_sign"
            ),
        ),
        migrations.AddConstraint(
            model_name="unitseries",
            constraint=models.CheckConstraint(
                condition=models.Q(("holder__regex", "^[A-Za-z0-9][A-Za-z0-9._-]*$")),
                name="treasury_unitseries_holder_form",
            ),
        ),
        run_sql(__file__, "0012_distribution_triggers"),
        append_only("treasury_distribution"),
        append_only("treasury_distributionsource"),
        keeps_rows("treasury_unitseries"),
        migrations.RunPython(policies_seed, migrations.RunPython.noop),
    ]
