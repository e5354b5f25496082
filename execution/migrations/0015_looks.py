"""Executors are told to look: functions of `sql/looks.sql` and their triggers."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0014_heartbeats")]
    operations = [run_sql(__file__, "0015_looks"), run_sql(__file__, "0015_look_triggers")]
