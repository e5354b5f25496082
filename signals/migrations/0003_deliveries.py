"""Functions of `sql/deliveries.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("signals", "0002_sql")]
    operations = [run_sql(__file__, "0003_deliveries")]
