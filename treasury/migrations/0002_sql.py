"""Snapshot 1 of the ledger's functions, and the triggers that keep it balanced and for ever."""

from django.db import migrations

from fusion_project.events.sql_files import append_only, run_sql

FACTS = (
    "treasury_currency",
    "treasury_ledgeraccount",
    "treasury_entry",
    "treasury_line",
    "treasury_leaf",
)


class Migration(migrations.Migration):
    dependencies = [("treasury", "0001_initial"), ("execution", "0002_sql")]
    operations = [
        run_sql(__file__, "0002_types"),
        run_sql(__file__, "0002_balances"),
        run_sql(__file__, "0002_canonical"),
        run_sql(__file__, "0002_deal_postings"),
        run_sql(__file__, "0002_entries"),
        run_sql(__file__, "0002_lines"),
        run_sql(__file__, "0002_posting"),
        run_sql(__file__, "0002_tables"),
        run_sql(__file__, "0002_triggers"),
        *(append_only(table) for table in FACTS),
    ]
