"""Limits by version and scope, marks that claims are held against, indexes of what is counted."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0020_second_road"),
        ("second_person", "0002_evidence"),
        ("signals", "0014_preview_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountMark",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="mark",
                        serialize=False,
                        to="execution.brokeraccount",
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("told_at", models.DateTimeField()),
                ("paid_in", models.DecimalField(decimal_places=18, default=0, max_digits=38)),
                ("equity", models.DecimalField(decimal_places=18, max_digits=38)),
                ("result", models.DecimalField(decimal_places=18, max_digits=38)),
                ("day", models.DateField()),
                ("day_equity", models.DecimalField(decimal_places=18, max_digits=38)),
                ("day_result", models.DecimalField(decimal_places=18, max_digits=38)),
                ("highest_equity", models.DecimalField(decimal_places=18, max_digits=38)),
                ("highest_result", models.DecimalField(decimal_places=18, max_digits=38)),
                ("doubted_at", models.DateTimeField(blank=True, null=True)),
                ("doubt", models.CharField(blank=True, default="", max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="ClaimConfirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("doubt", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("note", models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="RiskLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("all", "all"),
                            ("account", "account"),
                            ("strategy", "strategy"),
                            ("instrument", "instrument"),
                        ],
                        max_length=10,
                    ),
                ),
                ("instrument", models.CharField(blank=True, default="", max_length=64)),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("order_lots_max", "order_lots_max"),
                            ("open_lots_max", "open_lots_max"),
                            ("order_notional_max", "order_notional_max"),
                            ("leverage_max", "leverage_max"),
                            ("margin_level_pct_min", "margin_level_pct_min"),
                            ("open_risk_pct_max", "open_risk_pct_max"),
                            ("open_positions_max", "open_positions_max"),
                            ("entries_per_minute_max", "entries_per_minute_max"),
                            ("rejects_per_minute_max", "rejects_per_minute_max"),
                            ("daily_loss_pct_max", "daily_loss_pct_max"),
                            ("drawdown_pct_max", "drawdown_pct_max"),
                            ("spread_bps_max", "spread_bps_max"),
                            ("price_drift_bps_max", "price_drift_bps_max"),
                            ("quote_age_seconds_max", "quote_age_seconds_max"),
                            ("equity_age_seconds_max", "equity_age_seconds_max"),
                            ("session_from_minute_min", "session_from_minute_min"),
                            ("session_until_minute_max", "session_until_minute_max"),
                            ("weekend_minutes_min", "weekend_minutes_min"),
                            ("losses_in_row_max", "losses_in_row_max"),
                            ("cool_off_seconds_min", "cool_off_seconds_min"),
                            ("same_order_seconds_min", "same_order_seconds_min"),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "value",
                    models.DecimalField(blank=True, decimal_places=10, max_digits=28, null=True),
                ),
                ("version", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                (
                    "request",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="second_person.request",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SheetMark",
            fields=[
                (
                    "symbol_map",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="mark",
                        serialize=False,
                        to="execution.symbolmap",
                    ),
                ),
                ("money_per_price", models.DecimalField(decimal_places=18, max_digits=38)),
                ("contract_size", models.DecimalField(decimal_places=18, max_digits=38)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("doubted_at", models.DateTimeField(blank=True, null=True)),
                ("doubt", models.CharField(blank=True, default="", max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name="subscription",
            name="size_mode",
            field=models.CharField(blank=True, default="", max_length=12),
        ),
        migrations.AddField(
            model_name="subscription",
            name="size_value",
            field=models.DecimalField(decimal_places=18, default=0, max_digits=38),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                condition=models.Q(("kind__in", ("balance", "credit", "bonus"))),
                fields=["account", "at"],
                name="deal_paid_in",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("verb", "entry")),
                fields=["account", "staged_at"],
                name="order_entries",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("fence__gt", 0), ("state", "rejected"), ("verb", "entry")),
                fields=["account", "ended_at"],
                name="order_rejects",
            ),
        ),
        migrations.AddIndex(
            model_name="position",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["account", "-closed_at"],
                name="position_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("size_mode", ""), ("size_value", 0)),
                    models.Q(
                        (
                            "size_mode__in",
                            ("lots", "qty", "notional", "equity_pct", "risk_pct", "risk_money"),
                        ),
                        ("size_value__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="subscription_size_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountmark",
            constraint=models.CheckConstraint(
                condition=models.Q(("highest_result__gte", models.F("result"))),
                name="mark_highest_is_highest",
            ),
        ),
        migrations.AddField(
            model_name="claimconfirmation",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="execution.brokeraccount",
            ),
        ),
        migrations.AddField(
            model_name="claimconfirmation",
            name="symbol_map",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="execution.symbolmap",
            ),
        ),
        migrations.AddField(
            model_name="risklimit",
            name="account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="limits",
                to="execution.brokeraccount",
            ),
        ),
        migrations.AddField(
            model_name="risklimit",
            name="strategy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="signals.strategy",
            ),
        ),
        migrations.AddConstraint(
            model_name="claimconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "actor__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="claim_confirmation_actor_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="claimconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="claim_confirmation_has_note"
            ),
        ),
        migrations.AddConstraint(
            model_name="risklimit",
            constraint=models.UniqueConstraint(
                fields=("scope", "account", "strategy", "instrument", "name", "version"),
                name="limit_version_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="risklimit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("scope", "all")),
                        models.Q(
                            ("account__isnull", True),
                            ("instrument", ""),
                            ("strategy__isnull", True),
                        ),
                    ),
                    models.Q(
                        models.Q(("scope", "account")),
                        models.Q(
                            ("account__isnull", False),
                            ("instrument", ""),
                            ("strategy__isnull", True),
                        ),
                    ),
                    models.Q(
                        models.Q(("scope", "strategy")),
                        models.Q(
                            ("account__isnull", True),
                            ("instrument", ""),
                            ("strategy__isnull", False),
                        ),
                    ),
                    models.Q(
                        models.Q(("scope", "instrument")),
                        models.Q(
                            ("account__isnull", True),
                            ("strategy__isnull", True),
                            models.Q(("instrument", ""), _negated=True),
                        ),
                    ),
                    _connector="OR",
                ),
                name="limit_scope_fits_keys",
            ),
        ),
        migrations.AddConstraint(
            model_name="risklimit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "name__in",
                        [
                            "order_lots_max",
                            "open_lots_max",
                            "order_notional_max",
                            "leverage_max",
                            "margin_level_pct_min",
                            "open_risk_pct_max",
                            "open_positions_max",
                            "entries_per_minute_max",
                            "rejects_per_minute_max",
                            "daily_loss_pct_max",
                            "drawdown_pct_max",
                            "spread_bps_max",
                            "price_drift_bps_max",
                            "quote_age_seconds_max",
                            "equity_age_seconds_max",
                            "session_from_minute_min",
                            "session_until_minute_max",
                            "weekend_minutes_min",
                            "losses_in_row_max",
                            "cool_off_seconds_min",
                            "same_order_seconds_min",
                        ],
                    )
                ),
                name="limit_name_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="risklimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__gte", 0)), name="limit_value_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="risklimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="limit_version_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="risklimit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "actor__regex",
                        "^(system|user:[1-9][0-9]*|executor:[0-9a-f]{12}|handler:[a-z_]+[.][a-z0-9_]+|strategy:[-a-zA-Z0-9_]{1,64})$",
                    )
                ),
                name="limit_actor_form",
            ),
        ),
    ]
