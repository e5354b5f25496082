"""Functions of `sql/entries.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0025_deal_of_account")]
    operations = [run_sql(__file__, "0026_entries")]
