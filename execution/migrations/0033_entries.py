"""Functions of `sql/entries.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0032_shares")]
    operations = [run_sql(__file__, "0033_entries")]
