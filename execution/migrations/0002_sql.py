"""Snapshot 1 of the functions, order numbers, and the rules that tables hold."""

from django.db import migrations

from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0001_initial"), ("signals", "0002_sql")]
    operations = [
        run_sql(__file__, "0002_orders"),
        run_sql(__file__, "0002_positions"),
        run_sql(__file__, "0002_order_numbers"),
        run_sql(__file__, "0002_tables"),
        run_sql(__file__, "0002_triggers"),
        append_only("execution_report"),
        append_only("execution_deal"),
        append_only("execution_symbolconfirmation"),
    ]
