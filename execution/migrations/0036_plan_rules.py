"""Second road of plans: word by word what was decided, handed out late enough, alone on netting."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql

# Backward this comes first: the functions as they were do not know it.
_ADDED = migrations.RunSQL(
    migrations.RunSQL.noop,
    "DROP FUNCTION execution_order_plans(execution_order, signals_decision);",
)


class Migration(migrations.Migration):
    dependencies = [("execution", "0035_plans")]
    operations = [
        run_sql(__file__, "0036_orders"),
        run_sql(__file__, "0036_entries"),
        run_sql(__file__, "0036_shares"),
        _ADDED,
    ]
