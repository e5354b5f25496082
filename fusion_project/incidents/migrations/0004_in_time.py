"""Incidents are opened, seen and closed in this order, and not ahead of time."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_actors")]
    operations = [run_sql(__file__, "0004_incidents")]
