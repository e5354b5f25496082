"""Snapshot 1 of the log's functions, and the triggers that keep it a log."""

from django.db import migrations

from fusion_project.events.sql_files import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [
        run_sql(__file__, "0002_facts"),
        run_sql(__file__, "0002_handlings"),
        run_sql(__file__, "0002_log"),
        run_sql(__file__, "0002_triggers"),
        append_only("events_event"),
        append_only("events_eventlink"),
    ]
