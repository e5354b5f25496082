"""Functions of `sql/deliveries.sql` anew: months are made by those of the log's app."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0010_strategies"), ("events", "0007_partitions")]
    operations = [run_sql(__file__, "0011_deliveries")]
