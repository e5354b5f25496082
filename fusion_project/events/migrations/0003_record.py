"""The door into the log, and the triggers that keep it a log."""

from django.db import migrations

from fusion_project.events.sql import append_only, run_sql


class Migration(migrations.Migration):
    dependencies = [("events", "0002_tables")]
    operations = [
        run_sql(__file__, "0003_record"),
        append_only("events_event"),
        append_only("events_eventlink"),
    ]
