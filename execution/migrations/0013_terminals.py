"""A terminal's heartbeats go up: the function of `sql/terminals.sql` and its trigger."""

from django.db import migrations

from fusion_project.events.sql_files import keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0012_terminals")]
    operations = [
        run_sql(__file__, "0013_terminals"),
        run_sql(__file__, "0013_terminal_trigger"),
        keeps_rows("execution_terminal"),
        keeps_rows("execution_quote"),
    ]
