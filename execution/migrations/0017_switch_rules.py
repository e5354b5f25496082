"""Who may turn a switch, and what orders and keys need; what was stopped before stays stopped."""

from django.db import migrations

from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0016_switches")]
    operations = [
        run_sql(__file__, "0017_switches"),
        run_sql(__file__, "0017_closing"),
        run_sql(__file__, "0017_accounts"),
        run_sql(__file__, "0017_keys"),
        run_sql(__file__, "0017_orders"),
        run_sql(__file__, "0017_looks"),
        run_sql(__file__, "0017_switch_triggers"),
        append_only("execution_switch"),
        append_only("execution_closerequest"),
        run_sql(__file__, "0017_stopped_before"),
    ]
