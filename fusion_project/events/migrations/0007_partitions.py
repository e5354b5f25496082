"""Functions of `sql/partitions.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("events", "0006_seal")]
    operations = [run_sql(__file__, "0007_partitions")]
