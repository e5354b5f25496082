"""Functions of `sql/entries.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0033_entries")]
    operations = [run_sql(__file__, "0034_entries")]
