"""Runs of cash and days of trades that are folded anew are looked up one by one."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("treasury", "0018_kept_plans")]
    operations = [run_sql(__file__, "0019_cash"), run_sql(__file__, "0019_results")]
