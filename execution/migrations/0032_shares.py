"""Functions of `sql/shares.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0031_folds")]
    operations = [run_sql(__file__, "0032_shares")]
