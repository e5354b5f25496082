"""The one door into the ledger."""

from django.db import migrations

from fusion_project.events.sql import run_sql


class Migration(migrations.Migration):
    dependencies = [("treasury", "0002_ledger")]
    operations = [run_sql(__file__, "0003_post")]
