"""What is paid out of a pool is booked as two people want it."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("treasury", "0012_distributions")]
    operations = [run_sql(__file__, "0013_pools"), run_sql(__file__, "0013_pool_triggers")]
