"""Functions of `sql/callers.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0021_one_entry_meant")]
    operations = [run_sql(__file__, "0022_callers")]
