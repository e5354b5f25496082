"""An entry is staged without a stop only where its strategy's policy allows that."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0002_sql"), ("signals", "0003_policy_stop")]
    operations = [
        run_sql(__file__, "0003_stops"),
        run_sql(__file__, "0003_stops_trigger"),
    ]
