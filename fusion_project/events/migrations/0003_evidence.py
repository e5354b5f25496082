"""The log is written through its function alone; a claim raises a fence by one."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("events", "0002_sql")]
    operations = [
        run_sql(__file__, "0003_handlings"),
        run_sql(__file__, "0003_log"),
    ]
