"""An incident is opened, seen and closed; no role deletes one or opens it again."""

from django.db import migrations

from fusion_project.events.sql_files import keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial"), ("events", "0003_evidence")]
    operations = [
        run_sql(__file__, "0002_incidents"),
        run_sql(__file__, "0002_triggers"),
        keeps_rows("incidents_incident"),
    ]
