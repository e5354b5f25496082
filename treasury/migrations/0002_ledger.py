"""The triggers that keep the ledger balanced, and the tables that never change."""

from django.db import migrations

from fusion_project.events.sql import append_only, run_sql

FACTS = (
    "treasury_currency",
    "treasury_ledgeraccount",
    "treasury_entry",
    "treasury_line",
    "treasury_leaf",
)


class Migration(migrations.Migration):
    dependencies = [("treasury", "0001_initial"), ("events", "0003_record")]
    operations = [run_sql(__file__, "0002_ledger"), *(append_only(table) for table in FACTS)]
