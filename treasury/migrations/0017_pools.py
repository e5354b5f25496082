"""What is paid out of a pool is booked as two people want it."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("treasury", "0016_result_triggers")]
    operations = [run_sql(__file__, "0017_pools"), run_sql(__file__, "0017_pool_triggers")]
