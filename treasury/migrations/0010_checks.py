"""Every check of an account is stored, statements too; two people answer for what is on its way."""

import django.db.models.deletion
from django.db import migrations, models

from fusion_project.events.sql_files import append_only, keeps_rows, run_sql

_CASH_CHECKS = """
    SET CONSTRAINTS ALL IMMEDIATE;
    INSERT INTO treasury_accountcheck (account_id, kind, state, ours, theirs, difference, note,
            mismatches_in_row, heartbeat_at, since_at, checked_at)
        SELECT account_id, 'cash',
            CASE WHEN blind <> '' THEN 'blind' WHEN difference = 0 THEN 'agrees' ELSE 'differs' END,
            ledger_cash, broker_balance, difference, blind,
            CASE WHEN blind = '' AND difference = 0 THEN 0 ELSE greatest(mismatches_in_row, 1) END,
            heartbeat_at, checked_at, checked_at
        FROM treasury_cashcheck;
    SET CONSTRAINTS ALL DEFERRED;
"""

# A table made again on the way back has its guards, so that what came first can take them away.
_KEPT = keeps_rows("treasury_cashcheck")


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0030_resting_rules"),
        ("treasury", "0009_cash"),
        ("second_person", "0002_evidence"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountCheck",
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
                            ("cash", "cash"),
                            ("credit", "credit"),
                            ("equity", "equity"),
                            ("tickets", "tickets"),
                            ("transit", "transit"),
                            ("statement", "statement"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("agrees", "agrees"),
                            ("differs", "differs"),
                            ("not_told", "not_told"),
                            ("blind", "blind"),
                        ],
                        max_length=12,
                    ),
                ),
                ("ours", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ("theirs", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ("difference", models.DecimalField(decimal_places=18, max_digits=38)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("mismatches_in_row", models.PositiveIntegerField(default=0)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("since_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="treasury_checks",
                        to="execution.brokeraccount",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("deals", models.PositiveIntegerField()),
                ("differing", models.PositiveIntegerField()),
                ("first_time_msc", models.BigIntegerField()),
                ("last_time_msc", models.BigIntegerField()),
                ("imported_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="treasury_statements",
                        to="execution.brokeraccount",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StatementDifference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ticket", models.BigIntegerField()),
                ("column", models.CharField(max_length=12)),
                ("ours", models.CharField(max_length=80)),
                ("theirs", models.CharField(max_length=80)),
                (
                    "statement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="differences",
                        to="treasury.statement",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="accountcheck",
            constraint=models.UniqueConstraint(
                fields=("account", "kind"), name="treasury_check_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ("cash", "credit", "equity", "tickets", "transit", "statement"))
                ),
                name="treasury_check_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("agrees", "differs", "not_told", "blind"))),
                name="treasury_check_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "agrees"), _negated=True),
                    ("difference", 0),
                    ("kind", "equity"),
                    _connector="OR",
                ),
                name="treasury_check_agrees_without_difference",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("mismatches_in_row", 0), ("state", "agrees")),
                    models.Q(("mismatches_in_row", 0), ("state", "not_told")),
                    models.Q(("mismatches_in_row__gt", 0), ("state__in", ("differs", "blind"))),
                    _connector="OR",
                ),
                name="treasury_check_counts_mismatches",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                name="treasury_statement_hash_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("deals__gt", 0)), name="treasury_statement_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="statementdifference",
            constraint=models.UniqueConstraint(
                fields=("statement", "ticket", "column"), name="treasury_statement_difference_once"
            ),
        ),
        keeps_rows("treasury_accountcheck"),
        append_only("treasury_statement"),
        append_only("treasury_statementdifference"),
        run_sql(__file__, "0010_transit"),
        run_sql(__file__, "0010_transit_triggers"),
        migrations.RunSQL(_CASH_CHECKS, migrations.RunSQL.noop),
        migrations.RunSQL(_KEPT.reverse_sql, _KEPT.sql),
        migrations.DeleteModel(
            name="CashCheck",
        ),
    ]
