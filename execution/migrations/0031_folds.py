"""Functions of `sql/folds.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0030_resting_rules")]
    operations = [run_sql(__file__, "0031_folds")]
