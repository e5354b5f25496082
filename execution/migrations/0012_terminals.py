"""What terminals tell since minor 2, signed calls, and every kind of deal that MT5 knows."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0011_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeyNonce",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("nonce", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                (
                    "symbol_map",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="quote",
                        serialize=False,
                        to="execution.symbolmap",
                    ),
                ),
                ("bid", models.DecimalField(decimal_places=10, max_digits=28)),
                ("ask", models.DecimalField(decimal_places=10, max_digits=28)),
                ("quoted_at", models.DateTimeField()),
                ("heard_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Terminal",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="terminal",
                        serialize=False,
                        to="execution.brokeraccount",
                    ),
                ),
                ("instance", models.CharField(max_length=64)),
                ("boot_nonce", models.CharField(blank=True, default="", max_length=64)),
                ("number", models.BigIntegerField(blank=True, null=True)),
                ("content_sha256", models.CharField(max_length=64)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("heard_at", models.DateTimeField()),
                ("positions", models.TextField(blank=True, null=True)),
                ("pendings", models.TextField(blank=True, null=True)),
                ("ping_ms", models.PositiveIntegerField(blank=True, null=True)),
                ("skew_ms", models.IntegerField(blank=True, null=True)),
                ("outbox_depth", models.PositiveIntegerField(blank=True, null=True)),
                ("flags", models.JSONField(blank=True, null=True)),
                ("versions", models.JSONField(blank=True, default=dict)),
                ("entries_blocked", models.JSONField(blank=True, default=list)),
                ("latch", models.CharField(blank=True, default="", max_length=64)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="deal",
            name="deal_kind_known",
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="credit",
            field=models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="floating",
            field=models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name="brokeraccount",
            name="margin_free",
            field=models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name="deal",
            name="sl",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="deal",
            name="tp",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="executorkey",
            name="is_signed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="report",
            name="broker_order_ticket",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="report",
            name="deal_ticket",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="execution_mode",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="expiration_modes",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="filling_modes",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="freeze_level_points",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="lots_limit",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="order_modes",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="profit_currency",
            field=models.CharField(blank=True, default="", max_length=8),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="sessions",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="swap_long",
            field=models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="swap_mode",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="swap_short",
            field=models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="swap_triple_day",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="tick_value_loss",
            field=models.DecimalField(blank=True, decimal_places=18, max_digits=38, null=True),
        ),
        migrations.AddField(
            model_name="symbolmap",
            name="trade_mode",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AlterField(
            model_name="deal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("buy", "buy"),
                    ("sell", "sell"),
                    ("balance", "balance"),
                    ("credit", "credit"),
                    ("charge", "charge"),
                    ("correction", "correction"),
                    ("bonus", "bonus"),
                    ("commission", "commission"),
                    ("commission_daily", "commission_daily"),
                    ("commission_monthly", "commission_monthly"),
                    ("commission_agent_daily", "commission_agent_daily"),
                    ("commission_agent_monthly", "commission_agent_monthly"),
                    ("interest", "interest"),
                    ("buy_canceled", "buy_canceled"),
                    ("sell_canceled", "sell_canceled"),
                    ("dividend", "dividend"),
                    ("dividend_franked", "dividend_franked"),
                    ("tax", "tax"),
                    ("deleted", "deleted"),
                    ("unknown", "unknown"),
                ],
                max_length=32,
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("retcode__isnull", False)),
                fields=["retcode", "received_at"],
                name="report_by_retcode",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("deal_ticket__isnull", False)),
                fields=["account", "deal_ticket"],
                name="report_of_deletion",
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        (
                            "buy",
                            "sell",
                            "balance",
                            "credit",
                            "charge",
                            "correction",
                            "bonus",
                            "commission",
                            "commission_daily",
                            "commission_monthly",
                            "commission_agent_daily",
                            "commission_agent_monthly",
                            "interest",
                            "buy_canceled",
                            "sell_canceled",
                            "dividend",
                            "dividend_franked",
                            "tax",
                            "deleted",
                            "unknown",
                        ),
                    )
                ),
                name="deal_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="symbolmap",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "trade_mode__in",
                        ["", "disabled", "longonly", "shortonly", "closeonly", "full"],
                    )
                ),
                name="symbol_trade_mode_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="symbolmap",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("execution_mode__in", ["", "request", "instant", "market", "exchange"])
                ),
                name="symbol_execution_mode_known",
            ),
        ),
        migrations.AddField(
            model_name="keynonce",
            name="key",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="execution.executorkey",
            ),
        ),
        migrations.AddIndex(
            model_name="keynonce",
            index=models.Index(fields=["used_at"], name="key_nonce_by_time"),
        ),
        migrations.AddConstraint(
            model_name="keynonce",
            constraint=models.UniqueConstraint(fields=("key", "nonce"), name="key_nonce_once"),
        ),
    ]
