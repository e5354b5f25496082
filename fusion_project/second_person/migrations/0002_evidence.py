"""A request is asked, confirmed and ended along its edges; no role deletes one."""

from django.db import migrations

from fusion_project.events.sql_files import keeps_rows, run_sql


class Migration(migrations.Migration):
    dependencies = [("second_person", "0001_initial"), ("events", "0003_evidence")]
    operations = [
        run_sql(__file__, "0002_requests"),
        run_sql(__file__, "0002_triggers"),
        keeps_rows("second_person_request"),
    ]
