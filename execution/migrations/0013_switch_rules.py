"""Who may turn a switch, and what orders and keys need; what was stopped before stays stopped."""

from django.db import migrations

from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0012_switches")]
    operations = [
        run_sql(__file__, "0013_switches"),
        run_sql(__file__, "0013_closing"),
        run_sql(__file__, "0013_accounts"),
        run_sql(__file__, "0013_keys"),
        run_sql(__file__, "0013_orders"),
        run_sql(__file__, "0013_switch_triggers"),
        append_only("execution_switch"),
        append_only("execution_closerequest"),
        run_sql(__file__, "0013_stopped_before"),
    ]
