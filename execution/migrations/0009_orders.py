"""Functions of `sql/orders.sql` anew."""

from django.db import migrations

from fusion_project.events.sql_files import run_sql


class Migration(migrations.Migration):
    dependencies = [("execution", "0008_both_minors")]
    operations = [run_sql(__file__, "0009_orders")]
