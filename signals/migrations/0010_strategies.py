"""Functions of `sql/strategies.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0009_strategy_is_drill")]
    operations = [run_sql(__file__, "0010_strategies")]
