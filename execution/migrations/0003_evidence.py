"""Orders and positions are what decisions and deals say: births, moves and sums, for every role."""

from django.db import migrations

from fusion_project.events.sql_files import keeps_rows, run_sql

KEPT = (
    "execution_brokeraccount",
    "execution_executorkey",
    "execution_order",
    "execution_position",
    "execution_subscription",
    "execution_symbolmap",
)


class Migration(migrations.Migration):
    dependencies = [("execution", "0002_sql"), ("signals", "0004_evidence")]
    operations = [
        run_sql(__file__, "0003_orders"),
        run_sql(__file__, "0003_positions"),
        run_sql(__file__, "0003_folds"),
        run_sql(__file__, "0003_keys"),
        run_sql(__file__, "0003_triggers"),
        *(keeps_rows(table) for table in KEPT),
    ]
