"""Functions of `sql/intake.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0019_scores")]
    operations = [run_sql(__file__, "0020_intake")]
