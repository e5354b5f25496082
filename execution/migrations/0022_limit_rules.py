"""Limits are held by the table too, and no order exceeds the preview of its decision."""

from django.db import migrations

from fusion_project.events.sql_files import append_only, keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0021_limits"), ("signals", "0014_preview_rules")]
    operations = [
        run_sql(__file__, "0022_orders"),
        run_sql(__file__, "0022_limits"),
        run_sql(__file__, "0022_shown"),
        run_sql(__file__, "0022_limit_triggers"),
        append_only("execution_risklimit"),
        append_only("execution_claimconfirmation"),
        keeps_rows("execution_accountmark"),
        keeps_rows("execution_sheetmark"),
        run_sql(__file__, "0022_limits_of_all"),
    ]
