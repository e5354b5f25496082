"""An entry is staged without a stop only where its strategy's policy allows that."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0004_actors"), ("signals", "0006_policy_stop")]
    operations = [
        run_sql(__file__, "0005_stops"),
        run_sql(__file__, "0005_stops_trigger"),
    ]
