"""Entries are judged by the table too, and a position is what its deals fold to."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0019_symbols"), ("signals", "0006_policy_stop")]
    operations = [
        run_sql(__file__, "0020_stops"),
        run_sql(__file__, "0020_entries"),
        run_sql(__file__, "0020_volumes"),
        run_sql(__file__, "0020_symbols"),
        run_sql(__file__, "0020_triggers"),
    ]
