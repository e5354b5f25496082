"""What is intended on a token's chain, what was seen of it, and how the supply is planned."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import append_only, keeps_rows, run_sql

# As published in 2025; a plan, by which nothing is booked.
PLAN = (
    ("Community mining", 40_000_000, "20 M in years 1 and 2, 12 M in 3 and 4, 8 M in 5 and 6"),
    ("Ecosystem", 20_000_000, "2 M at launch, the rest by milestones over 36 months"),
    ("Treasury and research", 15_000_000, "60 months, linear, can be paused"),
    ("Team", 10_000_000, "12 months cliff, then 48 months"),
    ("Investors", 7_000_000, "6 months cliff, then 36 months"),
    ("Liquidity", 5_000_000, "at launch"),
    ("Reserve", 3_000_000, "locked, 48 hours of notice"),
)


def plan_seed(apps: Any, _schema_editor: Any) -> None:
    token = apps.get_model("tokens", "Token").objects.get(code="DCT")
    item_model = apps.get_model("tokens", "SupplyPlanItem")
    for name, amount, vesting in PLAN:
        item_model.objects.get_or_create(
            token=token, name=name, defaults={"amount": amount, "vesting": vesting}
        )


class Migration(migrations.Migration):
    dependencies = [
        ("second_person", "0002_evidence"),
        ("tokens", "0006_chain"),
        ("treasury", "0008_holds"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChainTransaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("lt", models.DecimalField(decimal_places=0, max_digits=20)),
                ("at", models.DateTimeField()),
                ("way", models.CharField(max_length=4)),
                ("units", models.DecimalField(decimal_places=0, max_digits=38)),
                ("other", models.CharField(blank=True, max_length=67)),
                ("seen_at", models.DateTimeField()),
                (
                    "binding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="tokens.chainbinding",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChainIntent",
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
                        choices=[
                            ("burn", "burn"),
                            ("mint", "mint"),
                            ("payout", "payout"),
                            ("buyback", "buyback"),
                        ],
                        max_length=8,
                    ),
                ),
                ("units", models.DecimalField(decimal_places=0, max_digits=38)),
                ("other", models.CharField(blank=True, max_length=67)),
                ("deadline", models.DateTimeField()),
                ("trace_id", models.CharField(max_length=32)),
                ("opened_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("matched", "matched"),
                            ("posted", "posted"),
                            ("lapsed", "lapsed"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("told", models.CharField(blank=True, default="", max_length=64)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.CharField(blank=True, default="", max_length=300)),
                (
                    "binding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="intents",
                        to="tokens.chainbinding",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chain_intent",
                        to="treasury.entry",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chain_intent",
                        to="second_person.request",
                    ),
                ),
                (
                    "transaction",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="intent",
                        to="tokens.chaintransaction",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SupplyPlanItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("amount", models.DecimalField(decimal_places=18, max_digits=38)),
                ("vesting", models.CharField(max_length=200)),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan",
                        to="tokens.token",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="chaintransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                name="tokens_transaction_hash_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="chaintransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["burn", "in", "out"])),
                name="tokens_transaction_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="chaintransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("units__gt", 0)), name="tokens_transaction_units"
            ),
        ),
        migrations.AddIndex(
            model_name="chainintent",
            index=models.Index(
                condition=models.Q(("state__in", ("open", "matched"))),
                fields=["binding"],
                name="tokens_intent_pending",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainintent",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ("burn", "mint", "payout", "buyback"))),
                name="tokens_intent_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainintent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["open", "matched", "posted", "lapsed", "withdrawn"])
                ),
                name="tokens_intent_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainintent",
            constraint=models.CheckConstraint(
                condition=models.Q(("units__gt", 0)), name="tokens_intent_units"
            ),
        ),
        migrations.AddConstraint(
            model_name="chainintent",
            constraint=models.CheckConstraint(
                condition=models.Q(("deadline__gt", models.F("opened_at"))),
                name="tokens_intent_deadline",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainintent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["matched", "posted"]), ("transaction__isnull", False)),
                    models.Q(
                        ("transaction", None),
                        models.Q(("state__in", ["matched", "posted"]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="tokens_intent_has_its_transaction",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainintent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", False), ("state", "posted")),
                    models.Q(models.Q(("state", "posted"), _negated=True), ("entry", None)),
                    _connector="OR",
                ),
                name="tokens_intent_posted_has_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainintent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state__in", ("open", "matched"))),
                    models.Q(
                        models.Q(("state__in", ("open", "matched")), _negated=True),
                        ("ended_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="tokens_intent_ended_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="chainintent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("told", ""), ("told__regex", "^[0-9a-f]{64}$"), _connector="OR"
                ),
                name="tokens_intent_told_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="supplyplanitem",
            constraint=models.UniqueConstraint(fields=("token", "name"), name="tokens_plan_once"),
        ),
        migrations.AddConstraint(
            model_name="supplyplanitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="tokens_plan_amount"
            ),
        ),
        run_sql(__file__, "0007_intents"),
        run_sql(__file__, "0007_chain"),
        run_sql(__file__, "0007_observations"),
        run_sql(__file__, "0007_intent_triggers"),
        append_only("tokens_chaintransaction"),
        keeps_rows("tokens_chainintent"),
        append_only("tokens_supplyplanitem"),
        migrations.RunPython(plan_seed, migrations.RunPython.noop),
    ]
